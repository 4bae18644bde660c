"""Twilio Segment: webhook bodies, signatures, events and archives, and the two of its APIs that segxero calls."""

"""Operators: sign-in with SEGXERO_PASSWORD, sessions, and access to every page except Segment's webhook."""

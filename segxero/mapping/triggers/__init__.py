"""Triggers in Segment's language: grammar, meaning, faults."""

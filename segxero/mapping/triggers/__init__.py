"""Triggers in Segment's language: the grammar, the conditions, the faults, and the conclusions for the checks."""

"""Turns a mapping exported from Segment into one of ours. Called by `segxero mappings import`."""

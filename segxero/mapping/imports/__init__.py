"""Turns a mapping exported from Segment into our format. Called by `segxero mappings import`."""

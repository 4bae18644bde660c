"""Whole days of a shop in virtual time, at the pace that the workers keep."""

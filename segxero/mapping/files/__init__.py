"""Reads and checks the files in `mappings/`: mappings, organisations, tables."""

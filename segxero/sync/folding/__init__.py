"""Folds events into records."""

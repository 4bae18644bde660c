"""Delivers due records to Xero, one turn at a time."""

"""Delivers due records to Xero, turn by turn."""

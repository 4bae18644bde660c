"""Finds a person's existing contact in Xero, and gives each contact a free name."""

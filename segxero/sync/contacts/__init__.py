"""Finds the contact in Xero that a person already has, and gives each contact a free name."""

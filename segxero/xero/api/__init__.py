"""Calls to Xero: client, answers, refusals, call budget."""

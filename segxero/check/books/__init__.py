"""Compares an organisation's accounts, tax rates, tracking and currency with the mappings, for check and schedule."""

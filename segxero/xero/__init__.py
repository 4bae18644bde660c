"""Xero as we use it: one client, its limits, its tokens, and one row per object."""

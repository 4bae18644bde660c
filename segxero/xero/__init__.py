"""Xero: the objects and their calls, the client with its limits, the access, the books and the listings."""

"""Facts read from the organisation: accounts, tax rates, currencies, users."""

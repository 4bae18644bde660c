"""Links between records and Xero, and their rebuild after Redis was lost."""

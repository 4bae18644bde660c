"""The Xero objects: one class per object, listed in `table`."""

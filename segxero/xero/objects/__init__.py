"""The Xero objects: a class per object, listed in `table`."""

"""Paging, filters and `where` of the sandbox's lists."""

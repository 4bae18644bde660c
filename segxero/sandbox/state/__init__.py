"""Everything that the sandbox remembers: organisations, calls, tokens, limits."""

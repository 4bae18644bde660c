"""The memory of the sandbox: organisations, calls, tokens, limits."""

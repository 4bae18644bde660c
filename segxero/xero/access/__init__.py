"""OAuth 2.0: consent, tokens, connections."""

"""Money of an order: amounts, lines, taxes, refunds. Pure."""

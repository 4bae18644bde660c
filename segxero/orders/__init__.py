"""The life of an order: facts become one order, and the order becomes wanted documents. Pure; called by `sync`."""

"""Decides when a record may go: outbox, breaker, wakes."""

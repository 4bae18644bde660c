"""What happens, in order: events are folded into records, records are delivered to Xero."""

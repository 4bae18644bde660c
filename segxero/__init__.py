"""segxero keeps Xero in step with what Twilio Segment sends to a webhook."""

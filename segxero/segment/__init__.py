"""What Twilio Segment sends: the body of a webhook call, its signature and the events in it. Pure: no I/O, no clock."""

"""Everything that people look at or do by hand: status, traces, causes, replay, alerts found by looking."""

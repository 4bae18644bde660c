"""A call to the sandbox: limits, faults, routing, answer."""

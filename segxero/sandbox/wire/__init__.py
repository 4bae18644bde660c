"""The JSON of the sandbox: dates, elements, refusals."""

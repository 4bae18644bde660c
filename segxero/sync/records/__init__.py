"""Records and their operations, results and traces."""

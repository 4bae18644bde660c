"""The console: web pages for operators, with the same data and actions as `status`, `dead-letters` and `trace`."""

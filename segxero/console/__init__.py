"""The console: what the commands `status`, `dead-letters` and `trace` show and do, as pages for operators."""

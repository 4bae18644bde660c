"""Alerts, figures, logs and Sentry. Every room may call it."""

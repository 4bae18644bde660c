"""Views and actions for people: status, traces, causes, replay, and the watch behind the alerts.

Called by the commands, the console and the schedule.
"""

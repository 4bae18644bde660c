"""Views and actions for people: status, traces, causes, replay, and the watch that raises alerts.

Called by the commands, the console and the schedule.
"""

"""The way through segxero: events are folded into records, records are delivered to Xero."""

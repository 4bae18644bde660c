"""The sandbox's own pages: control, summary, consent."""

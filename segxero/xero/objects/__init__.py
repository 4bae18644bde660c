"""One module per Xero object that is written."""

"""The tax type of each line of an order (chapter T of the rulebook). Pure; called by `orders` and by `xero.objects`."""

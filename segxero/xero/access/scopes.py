"""The OAuth scopes asked of a Xero user: no more than the mappings and policies of today need."""

from collections.abc import Mapping

from segxero.mapping import policies
from segxero.mapping.model import MappingSet

ORDER, PAYMENT = "Order", "Payment"
PAYMENT_METHODS = "payment_methods"  # the table with the account of each way of paying


def list_scopes(mappings: MappingSet, scope_of: Mapping[str, str]) -> tuple[str, ...]:
    """Return the least scopes for *mappings*; *scope_of* gives by object the scope to write it, or ''."""
    made = {mapping.object for mapping in mappings.enabled}
    needed = {scope_of[name] for name in made} - {""}
    for name, organisation in mappings.organisations.items():
        needed |= policies.list_scopes(organisation.policies)
        # Orders make the payments, and only where a way of paying has an account.
        if ORDER in made and any(tables.get(PAYMENT_METHODS) for tables in mappings.list_tables(name)):
            needed.add(scope_of[PAYMENT])
    # A scope to write reads as well, so its .read companion is not asked for.
    return tuple(sorted(scope for scope in needed if scope.removesuffix(".read") not in needed - {scope}))

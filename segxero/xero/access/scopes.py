"""The OAuth scopes asked of a Xero user: no more than the mappings and policies of today need."""

from collections.abc import Mapping

from segxero.mapping import policies
from segxero.mapping.model import MappingSet


def list_scopes(mappings: MappingSet, scope_of: Mapping[str, str]) -> tuple[str, ...]:
    """Return the least scopes for *mappings*; *scope_of* gives by object the scope to write it, or ''."""
    needed = {scope_of[mapping.object] for mapping in mappings.enabled} - {""}
    for organisation in mappings.organisations.values():
        needed |= policies.list_scopes(organisation.policies)
    # A scope to write reads as well, so its .read companion is not asked for.
    return tuple(sorted(scope for scope in needed if scope.removesuffix(".read") not in needed - {scope}))

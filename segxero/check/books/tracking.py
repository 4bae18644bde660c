"""Tracking categories named by mappings: each must be active in Xero, or Xero must have room for it. Pure."""

from collections.abc import Iterator

from segxero.check.books.wanted import Compared
from segxero.check.finding import Finding, fault, note
from segxero.xero.objects.tracking import MOST_ACTIVE

MOST_IN_ALL = 4  # including archived categories
NAMED_BY = {"TrackingOption": "Category", "TrackingCategory": "Name"}


def look(wanted: Compared, name: str) -> Iterator[Finding]:
    """Report categories that are archived or exceed Xero's limits."""
    named = list_names(wanted)
    active = {one.name.casefold(): one.name for one in wanted.books.categories if one.active}
    archived = {one.name.casefold() for one in wanted.books.categories if not one.active}
    for category in named:
        # Xero compares names without case.
        if category.casefold() in archived - active.keys():
            yield fault(name, f"{category} is archived", "restore it in Xero, or use another in mappings/tracking.yaml")
    new = [one for one in named if one.casefold() not in {*active, *archived}]
    room = min(MOST_ACTIVE - len(active), MOST_IN_ALL - len(active) - len(archived))
    if len(new) <= room:
        return
    unnamed = sorted(active[key] for key in active.keys() - {one.casefold() for one in named})
    # If our own names alone exceed the limit, removing others would not help.
    if unnamed or room < MOST_ACTIVE - len(active):
        yield fault(
            name,
            f"there is no room for {', '.join(new)}: Xero has {', '.join(sorted(active.values())) or 'none active'}"
            f" and {len(archived)} archived, and allows {MOST_ACTIVE} active and {MOST_IN_ALL} in all",
            "delete or archive a category in Xero, or use an existing one in mappings/tracking.yaml",
        )
    else:
        yield note(
            name,
            f"the mappings name {len(named)} ({', '.join(named)}), but Xero allows {MOST_ACTIVE}: the others wait",
            "switch off unused mappings in mappings/tracking.yaml and owner.yaml",
        )


def list_names(wanted: Compared) -> list[str]:
    """Return the categories that mappings name as constants."""
    found = {str(fields.get(NAMED_BY[one.object]) or "").strip() for one, fields in wanted.constants(*NAMED_BY)}
    return sorted(found - {""})

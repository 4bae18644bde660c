"""Default tracking of a contact: pairs of names, checked against the active categories and options.

Xero's sentences about categories are from callers' reports (calcinai/xero-php#383 and #386). The sentence about
options is a stand-in: Xero may drop such an option instead.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from segxero.sandbox.objects.tracking import MAXIMUM_ACTIVE, find_active_category, find_active_option, warn_of_removal
from segxero.sandbox.state.request import Request

_WORDS = {"SalesTrackingCategories": "SalesCategory", "PurchasesTrackingCategories": "PurchasesCategory"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultTracking:
    """The pairs to keep, and the faults and warnings about the others."""

    lists: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def check_default_tracking(request: Request, element: Mapping[str, Any]) -> DefaultTracking:
    """Check the default tracking in *element*; a list that is not sent is not in the result."""
    result = DefaultTracking()
    for name, kind in _WORDS.items():
        if name in element:
            result.lists[name] = _checked(request, kind, element[name], result)
    return result


def _checked(
    request: Request, kind: str, sent: Sequence[Mapping[str, str]], result: DefaultTracking
) -> list[dict[str, str]]:
    kept = []
    for wanted in sent:
        category, option = wanted.get("TrackingCategoryName", ""), wanted.get("TrackingOptionName", "")
        found = find_active_option(request.book.tracking, {"Name": category, "Option": option})
        if found:
            kept.append({"TrackingCategoryName": found["Name"], "TrackingOptionName": found["Option"]})
        elif not category:
            result.faults.append(f"{kind} is missing a TrackingCategoryName")
        elif request.world.tracking_unknown == "drop":
            result.warnings.append(warn_of_removal(category, option))
        else:
            result.faults.append(_unknown(request, category, option))
    if len({pair["TrackingCategoryName"] for pair in kept}) < len(kept) or len(sent) > MAXIMUM_ACTIVE:
        result.faults.append(f"A contact can have one default option for each of {MAXIMUM_ACTIVE} tracking categories.")
    return kept


def _unknown(request: Request, category: str, option: str) -> str:
    if find_active_category(request.book.tracking, {"Name": category}) is None:
        return f"There is no ACTIVE tracking category with the name '{category}'"
    return f"There is no ACTIVE tracking option with the name '{option}' in the tracking category '{category}'"

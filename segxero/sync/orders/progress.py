"""The next writes of an order: the steps of L4, a phase at a time. Pure; called by the queue `orders`.

Phase 1 takes away the payments and allocations in the way, phase 2 edits and voids documents, phase 3 makes
everything else. A later phase begins once Xero has taken the one before; within a phase, records wait for those that
they refer to.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from segxero.orders.books import WantedBooks
from segxero.orders.steps import Do, Step, plan_steps
from segxero.sync.orders.laying import ALLOCATION, PAYMENT, Laid, lay_gone, read_found
from segxero.xero.money.amounts import cents
from segxero.xero.objects.booked import GONE, NOWHERE
from segxero.xero.objects.companions import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentStanding:
    """A record of the order: the content *asked* of it, the content *made* in Xero, and its Xero id."""

    asked: Mapping[str, Any] = field(default_factory=dict)
    made: Mapping[str, Any] = field(default_factory=dict)
    xero_id: str = ""
    is_frozen: bool = False
    is_open: bool = False  # it was sent, and its outcome is unknown

    @property
    def is_asked(self) -> bool:
        return bool(self.asked) and self.asked.get("Status") not in GONE

    @property
    def is_made(self) -> bool:
        return bool(self.made) and self.made.get("Status") not in GONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """The records to write now, those to wait for, and the void documents whose number is used up.

    With *goes_on* the next phase follows as soon as these are written, because none of them was in Xero.
    """

    writes: Sequence[Laid] = ()
    waits: Sequence[Target] = ()
    goes_on: bool = False
    renumbered: frozenset[Target] = frozenset()


def plan_next(wanted: WantedBooks, laid: Sequence[Laid], there: Mapping[Target, DocumentStanding]) -> Next:
    """Return the next phase towards *wanted*, laid out as *laid*, from the records *there*."""
    if wanted.taken_out:
        return Next(writes=_give_up(there))
    unsettled = [target for target, standing in there.items() if standing.is_open]
    if unsettled:
        return Next(waits=unsettled)
    desired = {each.target: each for each in laid}
    found = read_found((target, standing.made) for target, standing in there.items())
    frozen = {target for target, standing in there.items() if standing.is_frozen}
    steps = [step for step in plan_steps(found, wanted) if _find_target(step, there) not in frozen]
    touched = [_find_target(step, there) for step in steps if step.step in (Step.VOID, Step.EDIT)]
    lifted = [_find_target(step, there) for step in steps if step.step in (Step.DELETE_PAYMENT, Step.DELETE_ALLOCATION)]
    lifted += _list_unsent(desired, there, {target.key for target in touched})
    if lifted:
        gone = [lay_gone(target) for target in lifted if there[target].is_asked]
        waits = [target for target in lifted if there[target].is_made]
        # Nothing of these is in Xero, so no answer of Xero would bring the order back to its next phase.
        return Next(writes=gone, waits=waits, goes_on=not waits)
    if touched:
        changed = [desired.get(target) or lay_gone(target) for target in touched]
        return Next(writes=[each for each in changed if each.booked != there[each.target].asked], waits=touched)
    return _make_rest(desired, there, frozen)


def _give_up(there: Mapping[Target, DocumentStanding]) -> list[Laid]:
    """Give up the payments and allocations that Xero never had of an order whose invoice a person voided (L15)."""
    unmade = {target: each for target, each in there.items() if target.object in (PAYMENT, ALLOCATION)}
    return [lay_gone(target) for target, each in unmade.items() if each.is_asked and not each.made]


def _make_rest(desired: Mapping[Target, Laid], there: Mapping[Target, DocumentStanding], frozen: set[Target]) -> Next:
    surplus = [lay_gone(target) for target, each in there.items() if each.is_asked and target not in desired]
    missing = [each for target, each in desired.items() if each.booked != there.get(target, DocumentStanding()).asked]
    # A document that nobody asked of Xero yet need not be voided there.
    needed = [each for each in missing if each.booked.get("Status") not in GONE or each.target in there]
    writes = [each for each in (*surplus, *needed) if each.target not in frozen]
    renumbered = frozenset(
        each.target
        for each in writes
        if each.booked.get("Status") not in GONE
        and there.get(each.target, DocumentStanding()).made.get("Status") in GONE
    )
    return Next(writes=writes, renumbered=renumbered)


def _list_unsent(
    desired: Mapping[Target, Laid], there: Mapping[Target, DocumentStanding], touched: set[str]
) -> list[Target]:
    """Return payments and allocations still to be made, but not as they are."""
    unsent = []
    for target, standing in there.items():
        if target.object not in (PAYMENT, ALLOCATION) or not standing.is_asked or standing.made:
            continue
        wanted = desired.get(target)
        documents = {standing.asked.get(name) for name in ("Document", "CreditNote", "Invoice")}
        if wanted is None or wanted.booked != standing.asked or documents & touched:
            unsent.append(target)
    return unsent


def _find_target(step: Do, there: Mapping[Target, DocumentStanding]) -> Target:
    """Return the record of *step*."""
    if step.document:
        return Target(step.document.kind, step.document.number)
    if step.payment:
        return Target(PAYMENT, step.payment.key)
    allocation = step.allocation
    assert allocation
    pair = (allocation.credit_note, allocation.invoice)
    found = (target for target, each in there.items() if _read_pair(target, each) == pair)
    return next(found, Target(ALLOCATION, f"{allocation.credit_note} {allocation.invoice}"))


def _read_pair(target: Target, standing: DocumentStanding) -> tuple[Any, Any] | None:
    content = standing.made or standing.asked
    return (content.get("CreditNote"), content.get("Invoice")) if target.object == ALLOCATION else None


def read_standing(
    fields: Mapping[str, Any], made: Mapping[str, Any], xero_id: str, *, amount: str = "", is_frozen: bool
) -> DocumentStanding:
    """Return how a record stands, from its *fields* and the content *made* in Xero.

    A payment or allocation found in Xero carries no content but its *amount*.
    """
    asked = fields.get("Booked")
    asked = asked if isinstance(asked, Mapping) else {}
    adopted = bool(asked) and xero_id not in ("", NOWHERE) and not made and asked.get("Status") not in GONE
    # The content of a document is still on the way; money is never sent again once Xero has it.
    if adopted and "LineItems" not in asked:
        made = {**asked, "Amount": str(cents(Decimal(amount or str(asked["Amount"]))))}
        adopted = False
    # A record from before orders had facts is as good as asked for.
    return DocumentStanding(asked=asked or made, made=made, xero_id=xero_id, is_frozen=is_frozen, is_open=adopted)

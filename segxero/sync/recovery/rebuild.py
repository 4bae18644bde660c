"""Rebuilding: every list of Xero is read once, and each record of ours gets its link again.

It may be interrupted at any moment: each page is kept in Redis, and the next run goes on with the page after it.
`segxero links rebuild` runs it.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from segxero import jsontext
from segxero.store import formats, keys
from segxero.store.client import Store
from segxero.sync.records.hash_fields import XERO_ID
from segxero.sync.recovery.links import KNOWN, MENDED, NEW, Link, Links
from segxero.xero.api.budget import BudgetError
from segxero.xero.api.client import XeroClient
from segxero.xero.listings import LISTINGS
from segxero.xero.listings.listing import Found, Listing
from segxero.xero.objects.context import Context

AT, BEGAN, COUNT, NOTE, ID = "at", "began", "count:", "note:", "id:"  # the fields of keys.rebuilding
LONGEST_WAIT = 70.0  # seconds that a run waits for the minute's calls; the day's are for another run
FORGOTTEN_SECONDS = 7 * 86_400  # an interrupted run is not gone on with after that
SCANNED = 1000
FOUND, NOT_OURS, NEWER, CALLS = "found", "not ours", "newer in Xero", "calls"
FIGURES = (FOUND, NEW, KNOWN, NOT_OURS, NEWER, MENDED, CALLS)


@dataclass(slots=True, kw_only=True)
class RebuildOutcome:
    """The findings of a run in an organisation: figures by object, and a sentence for each contradiction."""

    organisation: str
    figures: dict[str, dict[str, int]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuild:
    """Rebuilds the links of an organisation. With *dry* nothing of a record is written."""

    store: Store
    xero: XeroClient
    links: Links
    objects: frozenset[str]  # those that the mappings make
    dry: bool = False
    listings: Sequence[Listing] = LISTINGS
    sleep: Callable[[float], None] = time.sleep

    def run(self, organisation: str, context: Context) -> Iterator[tuple[str, int]]:
        """Read Xero, and yield the list that is read and the elements that came, after each call.

        Raise the errors of XeroClient.call; the next run goes on from there.
        """
        place = self._place(organisation)
        if not self.store.hsetnx(place, BEGAN, time.time()):
            began = float(self.store.hget(place, BEGAN))
            if time.time() - began > FORGOTTEN_SECONDS:
                self.store.delete(place)
                self.store.hset(place, BEGAN, time.time())
        # Records of ours that no list shows may still be missing: Xero is asked before old records are sent.
        if not self.dry:
            formats.know_since(self.store)
        wanted = [one for one in self.listings if self.objects & {*(one.needed_by or one.objects)}]
        stage, page = jsontext.loads(self.store.hget(place, AT) or "[0, 1]")
        known = self._known(place)
        for number in range(stage, len(wanted)):
            yield from self._read(organisation, context, wanted[number], (number, page), known)
            page = 1
        self._mend_gone(organisation, place, wanted)

    def outcome(self, organisation: str) -> RebuildOutcome:
        """Return the findings of the run, and forget how far it came."""
        outcome, place = RebuildOutcome(organisation=organisation), self._place(organisation)
        for name, text in sorted(self.store.hscan_iter(place, count=SCANNED)):
            if name.startswith(COUNT):
                object_name, _, figure = name.removeprefix(COUNT).partition("|")
                outcome.figures.setdefault(object_name, dict.fromkeys(FIGURES, 0))[figure] = int(text)
            elif name.startswith(NOTE):
                outcome.notes.append(text)
        self.store.delete(place)
        return outcome

    def _place(self, organisation: str) -> str:
        return keys.rebuilding(f"{organisation} dry" if self.dry else organisation)

    def _known(self, place: str) -> dict[tuple[str, str], str]:
        """Return whose keys an interrupted run has found."""
        found = {}
        for name, key in self.store.hscan_iter(place, count=SCANNED):
            if name.startswith(ID) and key:
                object_name, _, xero_id = name.removeprefix(ID).partition("|")
                found[object_name, xero_id] = key
        return found

    def _read(
        self,
        organisation: str,
        context: Context,
        listing: Listing,
        at: tuple[int, int],
        known: dict[tuple[str, str], str],
    ) -> Iterator[tuple[str, int]]:
        stage, page = at
        while True:
            answer = self._call(organisation, listing, page)
            elements = list(answer.get(listing.collection, []))
            ids = dict.fromkeys(one for element in elements for one in listing.ids(element))
            founds = [found for element in elements for found in listing.read(element, known, context)]
            ours = {(one.object, one.xero_id.lower()): one.key for one in founds if one.xero_id}
            known |= ours
            links = self.links.put(organisation, founds, time.time(), dry=self.dry)
            is_last = not listing.size or len(elements) < listing.size
            after = (stage + 1, 1) if is_last else (stage, page + 1)
            self._note(organisation, listing, {**dict.fromkeys(ids, ""), **ours}, (founds, links), after)
            yield listing.collection, len(elements)
            if is_last:
                return
            page += 1

    def _call(self, organisation: str, listing: Listing, page: int) -> Mapping[str, Any]:
        while True:
            try:
                return self.xero.call(organisation, listing.page(page))
            except BudgetError as error:
                # The minute's calls come back while we wait; the day's are for another run.
                if error.retry_after > LONGEST_WAIT:
                    raise
                self.sleep(max(error.retry_after, 0.1))

    def _note(
        self,
        organisation: str,
        listing: Listing,
        ids: Mapping[tuple[str, str], str],
        pairs: tuple[list[Found], list[Link]],
        after: tuple[int, int],
    ) -> None:
        """Write down the findings of a page together with its number, in a single step."""
        place = self._place(organisation)
        pipe = self.store.pipeline()
        for (name, xero_id), key in ids.items():
            pipe.hset(place, f"{ID}{name}|{xero_id}", key)
            if not key and name in listing.objects:
                pipe.hincrby(place, f"{COUNT}{name}|{NOT_OURS}")
        for found, link in zip(*pairs, strict=True):
            # Without an id it only adds fields to a record that another list shows.
            if not found.xero_id:
                continue
            pipe.hincrby(place, f"{COUNT}{found.object}|{FOUND}")
            pipe.hincrby(place, f"{COUNT}{found.object}|{link.kind}")
            if link.is_newer:
                pipe.hincrby(place, f"{COUNT}{found.object}|{NEWER}")
            if link.was:
                text = f"{found.object} {found.key} was linked to {link.was}, and Xero has it as {found.xero_id}"
                pipe.hset(place, f"{NOTE}{found.object}|{found.key}", text)
        pipe.hincrby(place, f"{COUNT}{listing.objects[0]}|{CALLS}")
        pipe.hset(place, AT, jsontext.dumps(after))
        pipe.expire(place, FORGOTTEN_SECONDS)
        pipe.execute()

    def _mend_gone(self, organisation: str, place: str, wanted: list[Listing]) -> None:
        """Unlink the records whose id Xero does not have any more."""
        listed = {name for listing in wanted for name in listing.objects}
        start = keys.record(organisation, "")
        for name in self.store.scan_iter(match=f"{_plain(start)}*", count=SCANNED):
            ref = name.removeprefix(start)
            object_name, _, key = ref.partition("|")
            # An object whose list was not read is not proven to be gone.
            if object_name not in listed:
                continue
            xero_id = self.store.hget(name, XERO_ID)
            if not xero_id or self.store.hexists(place, f"{ID}{object_name}|{xero_id.lower()}"):
                continue
            text = f"{object_name} {key} was linked to {xero_id}, which Xero does not have; the next event makes it"
            pipe = self.store.pipeline()
            pipe.hset(place, f"{NOTE}{ref}", text)
            pipe.hincrby(place, f"{COUNT}{object_name}|{MENDED}")
            pipe.execute()
            if not self.dry:
                self.links.unlink(organisation, ref)


def _plain(text: str) -> str:
    """Write *text* so that SCAN takes none of its characters for a pattern."""
    return "".join(f"\\{letter}" if letter in "*?[]\\" else letter for letter in text)

"""The demo's promises, each kept or broken: the exit status hangs on them."""

from collections.abc import Iterator
from dataclasses import dataclass

from segxero.demo.later import EXEMPT
from segxero.demo.outcome import DayOutcome, add_up
from segxero.demo.traffic import Traffic

NAMESAKE = "Sophie Martin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A sentence that must be true; *found* gives the facts when it is not."""

    sentence: str
    kept: bool
    found: str


def judge_day(traffic: Traffic, outcome: DayOutcome) -> Iterator[Promise]:
    """Yield the promises about the day, after it has settled."""
    taken = sum(outcome.counts.get(f"events|{name}", 0) for name in ("accepted", "ignored", "test", "rejected"))
    yield Promise(
        sentence="Every event that was posted is accounted for.",
        kept=taken == len(traffic.posted),
        found=f"{len(traffic.posted)} were posted and {taken} are accounted for",
    )
    rows = add_up(traffic, outcome)
    differing = [f"{row.currency} by {row.difference}" for row in rows if row.difference]
    yield Promise(
        sentence="The shop's orders, refunds and payments agree with Xero's to the cent, in every currency.",
        kept=not differing,
        found=f"they differ in {', '.join(differing)}",
    )
    yield from _changed_order(traffic, outcome)
    yield from _exceptions(traffic, outcome)
    yield from _contacts(traffic, outcome)
    yield Promise(
        sentence="Xero's limits were kept: 5 calls at once, 60 a minute, 50 records in each.",
        kept=not outcome.refused,
        found=f"{outcome.refused} calls broke a limit: {outcome.summary['limit_breaches']}",
    )


def judge_repetition(before: DayOutcome, after: DayOutcome) -> Iterator[Promise]:
    """Yield the promises about the second arrival of the same day."""
    written = after.summary["writes"] - before.summary["writes"]
    yield Promise(
        sentence="The same day sent once more needed no write call.",
        kept=written == 0,
        found=f"{written} write calls were made",
    )
    yield Promise(
        sentence="And it changed nothing in Xero.",
        kept=after.records == before.records,
        found="the records differ from those before",
    )


def _changed_order(traffic: Traffic, outcome: DayOutcome) -> Iterator[Promise]:
    number = traffic.later.changed
    found = [invoice for invoice in outcome.records["Invoices"] if invoice["InvoiceNumber"] == number]
    taxed = {line["Description"]: line["TaxAmount"] > 0 for invoice in found for line in invoice["LineItems"]}
    exempt = [name for name, is_taxed in taxed.items() if not is_taxed]
    yield Promise(
        sentence="The order that changed is one invoice, and only its exempt product is free of tax.",
        kept=len(found) == 1 and len(taxed) > 1 and exempt == [EXEMPT["name"]],
        found=f"{len(found)} invoices are called {number}; free of tax are {', '.join(exempt) or 'no lines'}",
    )


def _exceptions(traffic: Traffic, outcome: DayOutcome) -> Iterator[Promise]:
    parked = [one.key for one in outcome.standing.parked]
    yield Promise(
        sentence="Only the order whose sums disagree waits for a person.",
        kept=parked == [traffic.disagreeing],
        found=f"{', '.join(parked) or 'nothing'} waits, and it should be {traffic.disagreeing}",
    )
    dead = [letter.key for letter in outcome.letters]
    yield Promise(
        sentence="Only the event that cannot be read is a dead letter.",
        kept=dead == [traffic.unreadable],
        found=f"the dead letters are {', '.join(dead) or 'none'}, and it should be {traffic.unreadable}",
    )


def _contacts(traffic: Traffic, outcome: DayOutcome) -> Iterator[Promise]:
    contact = outcome.contacts.get(traffic.late.user_id, {})
    phones = [phone.get("PhoneNumber") for phone in contact.get("Phones", []) if phone.get("PhoneNumber")]
    yield Promise(
        sentence="A telephone number that arrived late did not replace the newer one.",
        kept=phones == [traffic.late.phone],
        found=f"{contact.get('Name', traffic.late.user_id)} has {', '.join(map(str, phones)) or 'none'}",
    )
    named = [contact for contact in outcome.contacts.values() if contact["Name"].startswith(NAMESAKE)]
    yield Promise(
        sentence=f"Two customers are called {NAMESAKE}, and they are two contacts.",
        kept=len(named) == 2,  # noqa: PLR2004 - the sentence says two
        found=f"there are {len(named)}",
    )

"""Tables for a shop owner: the events, the records in Xero, the money, the waiting list and the cost in calls."""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from segxero.demo.outcome import DayOutcome, add_up
from segxero.demo.promises import NAMESAKE, Promise
from segxero.demo.traffic import Traffic
from segxero.demo.visits import Event
from segxero.mapping.model import MappingSet
from segxero.segment.event import is_test

ORDER = "Order Completed"
DAY_LIMIT = "1,000"
WORDS = {"AUTHORISED": "approved"}
NAMES = {"Options": "labels", "TrackingCategories": "categories of labels"}


def make_table(title: str, *columns: str, numbers: Iterable[int] = ()) -> Table:
    """Make an empty table; the columns at the indexes *numbers* are set flush right."""
    made = Table(title=title, title_style="bold", title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    flush = set(numbers)
    for index, name in enumerate(columns):
        made.add_column(name, justify="right" if index in flush else "left", overflow="fold")
    return made


def show_arrivals(traffic: Traffic, outcome: DayOutcome, mappings: MappingSet) -> Table:
    """Show every posted event once, by its outcome; the last row is the receiver's own count."""
    made = make_table("What came in", "event", "number", "what became of it", numbers=[1])
    seen: set[str] = set()
    wanted: Counter[str] = Counter()
    ignored: Counter[str] = Counter()
    again = tests = unreadable = 0
    for event in traffic.posted:
        if event["messageId"] == traffic.unreadable:
            unreadable += 1
        elif is_test(event):
            tests += 1
        # The shipped mappings decide, so a changed mapping changes this table.
        elif not mappings.wants(event):
            ignored[_kind(event)] += 1
        # A repeat is told by its message id, as the receiver tells it.
        elif event["messageId"] in seen:
            again += 1
        else:
            wanted[_kind(event)] += 1
            seen.add(event["messageId"])
    meanings = {
        "identify": "people become contacts",
        "group": "companies become contacts",
        ORDER: "sales become invoices",
    }
    for kind, meaning in meanings.items():
        made.add_row(kind, str(wanted[kind]), meaning)
    made.add_row("the same once more", str(again), "recognised; nothing is booked twice")
    for kind, number in sorted(ignored.items()):
        made.add_row(kind, str(number), "ignored: no mapping wants it", style="dim")
    made.add_row("Segment's test event", str(tests), "answered, never booked", style="dim")
    made.add_row("cannot be read", str(unreadable), "rejected by name, its neighbours in the batch are taken")
    made.add_section()
    counts = outcome.counts
    taken = counts.get("events|accepted", 0), counts.get("events|ignored", 0) + counts.get("events|test", 0)
    rejected = counts.get("events|rejected", 0)
    made.add_row(
        f"in {len(traffic.bodies)} webhook calls",
        str(sum(taken) + rejected),
        f"the receiver counted {taken[0]} accepted, {taken[1]} ignored, {rejected} rejected",
        style="bold",
    )
    return made


def _kind(event: Event) -> str:
    return str(event["event"] if event["type"] == "track" else event["type"])


def show_books(outcome: DayOutcome) -> Table:
    """Show the new records."""
    made = make_table("What Xero has now", "record", "number", "", numbers=[1])
    records = outcome.records
    names = sorted(contact["Name"] for contact in outcome.contacts.values())
    namesakes = [name for name in names if name.startswith(NAMESAKE)]
    made.add_row("contacts", str(len(names)), f"Xero takes a name only once, so: {' and '.join(namesakes)}")
    statuses = Counter(invoice["Status"] for invoice in records["Invoices"])
    made.add_row(
        "invoices",
        str(len(records["Invoices"])),
        ", ".join(f"{number} {WORDS.get(status, status.lower())}" for status, number in statuses.items()),
    )
    for category in records["TrackingCategories"]:
        options = [option["Name"] for option in category["Options"]]
        made.add_row(f"labels: {category['Name']}", str(len(options)), ", ".join(sorted(options)))
    return made


def show_money(traffic: Traffic, outcome: DayOutcome) -> Table:
    """Show the sums by currency on both sides, and the difference."""
    made = make_table(
        "The money, to the cent",
        "currency",
        "orders",
        "the shop's orders",
        "set aside",
        "invoices in Xero",
        "difference",
        numbers=range(1, 6),
    )
    for row in add_up(traffic, outcome):
        made.add_row(
            row.currency,
            str(row.orders),
            _amount(row.ordered),
            _amount(row.set_aside) if row.set_aside else "",
            _amount(row.invoiced),
            Text(_amount(row.difference), style="bold red" if row.difference else "bold green"),
        )
    return made


def _amount(value: Decimal) -> str:
    return f"{value:,.2f}"


def show_waiting(outcome: DayOutcome) -> Table:
    """Show the parked records and dead letters, each with its reason and the next step."""
    made = make_table("What waits for you", "what", "why", "what to do")
    for one in outcome.standing.parked:
        made.add_row(
            f"{one.object} {one.key}\n(parked)",
            one.reason,
            "Correct the order in the shop and send it again: the invoice goes out by itself when the sums agree.",
        )
    for letter in outcome.letters:
        made.add_row(f"event {letter.key}\n(dead letter)", f"{letter.error}: {letter.message}", letter.next_step)
    return made


def show_cost(traffic: Traffic, outcome: DayOutcome, mappings: MappingSet) -> Table:
    """Show the calls of the run beside a call for each wanted event."""
    made = make_table("What it cost in calls to Xero", "", "calls", "", numbers=[1])
    readable = [event for event in traffic.events if event["messageId"] != traffic.unreadable and not is_test(event)]
    naive = sum(mappings.wants(event) for event in readable)
    used = outcome.summary["accounting_calls"]
    made.add_row("one call for every event", str(naive), f"at least; Xero's smallest tier has {DAY_LIMIT} a day")
    made.add_row("segxero", str(used), f"{100 * used / naive:.0f} % of that", style="bold")
    calls: Counter[str] = Counter()
    records: Counter[str] = Counter()
    for name, row in outcome.summary["by_resource"].items():
        method, _, resource = name.partition(" ")
        action = f"{'read' if method == 'GET' else 'write'} {NAMES.get(resource, resource.lower())}"
        calls[action] += row["calls"]
        records[action] += row["elements"]
    for action, number in sorted(calls.items()):
        made.add_row(f"  {action}", str(number), _carried(records[action], number), style="dim")
    return made


def _carried(records: int, calls: int) -> str:
    if not records:
        return ""
    return "Xero takes one in a call" if records == calls else f"{records} records, at most 50 in a call"


def show_repetition(first: DayOutcome, second: DayOutcome) -> Table:
    """Show the effect of the same day's second arrival."""
    made = make_table("What that changed", "", "before", "after", numbers=[1, 2])
    rows = {
        "contacts in Xero": [len(one.records["Contacts"]) for one in (first, second)],
        "invoices in Xero": [len(one.records["Invoices"]) for one in (first, second)],
        "calls to Xero that write": [one.summary["writes"] for one in (first, second)],
        "calls to Xero in all": [one.summary["accounting_calls"] for one in (first, second)],
        "events accepted": [one.counts.get("events|accepted", 0) for one in (first, second)],
        "events that cannot be read": [one.counts.get("events|rejected", 0) for one in (first, second)],
    }
    for name, numbers in rows.items():
        made.add_row(name, *map(str, numbers))
    return made


def print_promises(console: Console, promises: Iterable[Promise]) -> None:
    """Print each promise as kept or broken; a broken promise with the facts."""
    for promise in promises:
        mark = "[green]yes[/]" if promise.kept else "[bold red]NO [/]"
        console.print(f"  {mark}  {promise.sentence}", highlight=False)
        if not promise.kept:
            console.print(f"       [red]{promise.found}[/]", highlight=False)

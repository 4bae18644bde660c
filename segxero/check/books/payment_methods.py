"""The table `payment_methods`: the account and words of each row (P2). Pure; called by compare.py and accounts.py."""

from collections.abc import Iterator, Mapping

from segxero.check.books.wanted import Compared
from segxero.check.finding import Finding, fault
from segxero.orders.settings import AT_CHECKOUT, GIFT_CARD, LATER, MONEY, NEVER, STORE_CREDIT, WHEN_TOLD
from segxero.sync.orders.settings import METHODS, REFUNDABLE, list_words

TABLE = f"tables/{METHODS}.yaml"
WORDS = (MONEY, GIFT_CARD, STORE_CREDIT, LATER, AT_CHECKOUT, WHEN_TOLD, NEVER, REFUNDABLE)
NO_ROW = "no row: an order stays due until a person enters its payment"


def look(wanted: Compared, name: str) -> Iterator[Finding]:
    """Name every word that nobody reads: misspelled, it would silently leave the default in force."""
    for row, (_, *words) in _list_rows(wanted):
        for word in sorted(set(words) - set(WORDS)):
            found = f"row {row!r} of {TABLE} has the word {word!r}, which means nothing there"
            yield fault(name, found, f"write one of {', '.join(WORDS)}")


def list_accounts(wanted: Compared) -> Mapping[str, str]:
    """Return the account of each row."""
    return {row: account for row, (account, *_) in _list_rows(wanted)}


def describe(wanted: Compared) -> str:
    """Return the line for rows without faults."""
    rows = [row for row, _ in _list_rows(wanted)]
    return f"{', '.join(rows)} can be read" if rows else NO_ROW


def _list_rows(wanted: Compared) -> Iterator[tuple[str, list[str]]]:
    if any(wanted.constants("Order")):
        yield from ((row, list_words(text)) for row, text in wanted.table(METHODS).items())

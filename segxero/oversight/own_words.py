"""The words of our own files: names and rows of tables. An alert may say them, because they name no person."""

from collections.abc import Iterable, Iterator

from segxero.mapping.model import MappingSet

SHORTEST = 2  # characters; a shorter row stands by chance in too many sentences


def list_own_words(mappings: MappingSet, organisation: str, lacks: Iterable[tuple[str, str]] = ()) -> frozenset[str]:
    """Return the words of the files for *organisation*, and the tables and rows a record *lacks*."""
    found = {*_words_of_tables(mappings, organisation), *_words_of_rows(lacks)}
    # A table may be keyed by an e-mail address.
    return frozenset(word for word in found if len(word) >= SHORTEST and "@" not in word)


def _words_of_tables(mappings: MappingSet, organisation: str) -> Iterator[str]:
    if organisation in mappings.organisations:
        for tables in mappings.list_tables(organisation):
            for table, rows in tables.items():
                yield from (table, f"tables/{table}.yaml", *rows, *(str(value) for value in rows.values()))


def _words_of_rows(lacks: Iterable[tuple[str, str]]) -> Iterator[str]:
    for table, row in lacks:
        yield from (table, f"tables/{table}.yaml", row)

"""What a benchmark answers: one question with a table, a sentence and the bare figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How much is measured: the short form for tests and CI, or the full one."""

    short: bool

    def of(self, full: int, short: int) -> int:
        return short if self.short else full


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to *question*: *rows* under *columns* for people, *figures* for programs."""

    question: str
    sentence: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    figures: Mapping[str, float]

    def print(self, console: Console) -> None:
        table = Table(title=self.question, title_justify="left", title_style="bold")
        for index, column in enumerate(self.columns):
            table.add_column(column, justify="right" if index else "left")
        for row in self.rows:
            table.add_row(*row)
        console.print(table)
        console.print(f"{self.sentence}\n", highlight=False)

"""Policies: what is done in cases in which Xero, or an order's own sums, would hold a record up.

Each is a row of POLICIES; an organisation chooses in `organisations.yaml`. The default waits for a person, or does what
the tables say.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

PARK = "park"
Tables = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One case, and what each of its *choices* does; the first one is the default.

    *remedy* is what a person does about a record that waits. With *shared* one repair frees all records of the case.
    *row* names the row of a table (table, key) that nobody uses while the choice is `park`, *needs_row* the choice that
    cannot do without it. *scopes* are the scopes that a choice needs, whatever the mappings need.
    """

    case: str
    choices: Mapping[str, str]
    remedy: str = ""
    shared: bool = False
    row: tuple[str, str] | None = None
    needs_row: str = ""
    scopes: Mapping[str, str] = field(default_factory=dict)

    @property
    def default(self) -> str:
        return next(iter(self.choices))


POLICIES: dict[str, Policy] = {
    "lock_date": Policy(
        case="the date of a document is in a locked period",
        choices={
            PARK: "it waits until the lock date is moved",
            "first_open_day": "a new one is dated the first open day, its own date stands behind its first line",
        },
        remedy="the books are locked for its date; move the lock date in Xero",
        shared=True,
        scopes={"first_open_day": "accounting.settings.read"},
    ),
    "paid_invoice": Policy(
        case="an order changes after its invoice was paid or credited",
        choices={
            PARK: "it waits until the payment or credit is taken off in Xero, or the order is as it was",
            "keep": "Xero stays as it is, and a dead letter says what differs",
            "allowed": "due date, reference and link are changed, and a dead letter says what else differs",
        },
        remedy="its invoice is paid or credited; take that off in Xero, or correct the order at its source",
    ),
    "archived_contact": Policy(
        case="the contact of a user or order is archived in Xero",
        choices={
            PARK: "it waits, with its orders, until somebody restores it (Xero's API cannot)",
            "new": "a new contact takes its place, with `/2` behind its contact code",
        },
        remedy="the contact is archived in Xero; restore it there",
    ),
    "number_taken": Policy(
        case="another contact's document has the number in Xero",
        choices={
            PARK: "it waits until the other one has another number",
            "suffix": "it is entered with `/2` behind its number, and found again; it waits if both come to the same",
        },
        remedy="a document of another contact has its number in Xero; give that one another number",
    ),
    "currency_off": Policy(
        case="the organisation has not got the currency of an order",
        choices={
            PARK: "it waits until somebody adds the currency in Xero",
            "add": "the currency is added; Xero can never remove it again",
        },
        remedy="the organisation has not got its currency; add it in Xero",
        shared=True,
        scopes={"add": "accounting.settings"},
    ),
    "plan_limit": Policy(
        case="the organisation's plan takes no more invoices",
        choices={PARK: "they all wait, and one call a day looks whether Xero takes them again"},
        remedy="the plan takes no more invoices; change it in Xero, or wait for the next month",
        shared=True,
    ),
    "tax_unknown": Policy(
        case="no rate in tables/tax_types.yaml makes the tax of an order",
        choices={
            "otherwise": "the row `otherwise` decides; without that row the order waits",
            PARK: "the order waits, whatever the row says",
        },
        row=("tax_types", "otherwise"),
    ),
    "cent_off": Policy(
        case="the total of an order is 1 or 2 cents off its parts",
        choices={
            PARK: "the order waits with its sums",
            "rounding_line": "an untaxed line `Rounding`, on the row `rounding` of tables/accounts.yaml, makes it up",
        },
        row=("accounts", "rounding"),
        needs_row="rounding_line",
    ),
}
DEFAULTS: dict[str, str] = {name: policy.default for name, policy in POLICIES.items()}


def allowed_rows(tables: Tables, chosen: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return *tables* without the rows that the *chosen* policies do not use."""
    parked = {policy.row for name, policy in POLICIES.items() if chosen.get(name, policy.default) == PARK}
    return {
        table: {key: value for key, value in rows.items() if (table, key) not in parked}
        for table, rows in tables.items()
    }


def scopes(chosen: Mapping[str, str]) -> set[str]:
    """Return the scopes that the *chosen* policies need."""
    return {scope for name, choice in chosen.items() if (scope := POLICIES[name].scopes.get(choice))}

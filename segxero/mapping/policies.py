"""Policies: decisions for the cases in which Xero, or an order's own sums, would hold a record up.

Each is a row of POLICIES; an organisation chooses in `organisations.yaml`. The default waits for a person, or follows
the tables. The reader of `organisations.yaml`, the Xero objects and the set-up check call this module.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

PARK = "park"
Tables = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A case with the effect of each choice; the first choice is the default.

    *remedy* tells a person how to free a waiting record. With *shared*, a single repair frees all records of the case.
    *row* (table, key) is not used while the choice is `park`; the choice *needs_row* cannot work without it.
    *scopes* are the scopes that a choice needs in addition to those of the mappings. A policy with *objects* decides
    nothing unless a mapping is for one of them; the *successor* says what decides instead.
    """

    case: str
    choices: Mapping[str, str]
    remedy: str = ""
    shared: bool = False
    row: tuple[str, str] | None = None
    needs_row: str = ""
    scopes: Mapping[str, str] = field(default_factory=dict)
    objects: tuple[str, ...] = ()
    successor: str = ""

    @property
    def default(self) -> str:
        return next(iter(self.choices))


POLICIES: dict[str, Policy] = {
    "lock_date": Policy(
        case="the date of a document is in a locked period",
        choices={
            PARK: "it waits until the lock date is moved",
            "first_open_day": "a new document is dated the first open day, and its first line ends with its own date",
        },
        remedy="the books are locked for its date; move the lock date in Xero",
        shared=True,
        scopes={"first_open_day": "accounting.settings.read"},
    ),
    "paid_invoice": Policy(
        case=(
            "an invoice of a mapping with `object: Invoice` changes after it was paid or credited"
            " (changes of an `Order` are documents of their own: rule L5)"
        ),
        choices={
            PARK: "it waits until the payment or credit is removed in Xero, or the order is as before",
            "keep": "Xero stays as it is, and a dead letter lists the differences",
            "allowed": "due date, reference and link are changed, and a dead letter lists the other differences",
        },
        remedy="its invoice is paid or credited; take that off in Xero, or correct the order at its source",
        objects=("Invoice", "CreditNote"),
        successor="a change of a paid or credited order is a further invoice or a credit note (rule L5)",
    ),
    "archived_contact": Policy(
        case="the contact of a user or order is archived in Xero",
        choices={
            PARK: "it waits, with its orders, until somebody restores it (Xero's API cannot)",
            "new": "a new contact takes its place, with `/2` behind its contact code",
        },
        remedy="the contact is archived in Xero; restore it there",
    ),
    "which_contact": Policy(
        case="several contacts in Xero have the e-mail of a customer",
        choices={
            PARK: "the customer waits, with all orders, until one of them has the e-mail alone",
            "new": "a new contact is made",
        },
        remedy="several contacts in Xero have this e-mail; merge them, or take it off all but the right one",
    ),
    "number_taken": Policy(
        case="another contact's document has the number in Xero",
        choices={
            PARK: "it waits until the other document has another number",
            "suffix": "it is entered with `/2` behind its number; it waits if both documents have the same total",
        },
        remedy="a document of another contact has its number in Xero; give that one another number",
    ),
    "currency_off": Policy(
        case="the organisation does not have the currency of an order",
        choices={
            PARK: "it waits until somebody adds the currency in Xero",
            "add": "the currency is added; Xero can never remove it again",
        },
        remedy="the organisation does not have its currency; add it in Xero",
        shared=True,
        scopes={"add": "accounting.settings"},
    ),
    "plan_limit": Policy(
        case="the organisation's plan takes no more invoices",
        choices={PARK: "they all wait, and a call each day asks whether Xero takes them again"},
        remedy="the plan takes no more invoices; change it in Xero, or wait for the next month",
        shared=True,
    ),
    "tax_unknown": Policy(
        case="no rate in tables/tax_rows.yaml makes the tax of an order (rule T21)",
        choices={PARK: "the order waits, and names its tax and the nearest rate"},
    ),
    "cent_off": Policy(
        case="the total of an order is 1 or 2 cents off its parts",
        choices={
            PARK: "the order waits with its sums",
            "rounding_line": "an untaxed line `Rounding` adds it, on the row `rounding` of tables/accounts.yaml",
        },
        row=("accounts", "rounding"),
        needs_row="rounding_line",
    ),
    "change_window": Policy(
        case="an order changes before any money, refund or cancellation (rule L3)",
        choices={
            "month": "it is edited until the end of the order's month; later changes are documents of their own",
            "until_locked": "the invoice is edited in later months as well",
        },
    ),
    "void_window": Policy(
        case="an unpaid order is cancelled in its own month (rule L3)",
        choices={
            "month": "its invoice is voided, or never made",
            "never": "its invoice stays, and a credit note takes it back",
        },
    ),
    "updated_totals": Policy(
        case="an order shrinks and a refund is told as well (rule L9)",
        choices={
            "match": "equal amounts within 24 hours are the same fact, credited once",
            "after_refunds": "the totals of changed orders contain their refunds",
            "before_refunds": "the totals of changed orders never contain refunds",
        },
    ),
    "refund_pays_back": Policy(
        case="a refund of a paid order does not say whether money went back (rule P8)",
        choices={
            "when_paid": "money that came in by a refundable method is paid back",
            "never": "only money that an event tells is paid back",
        },
    ),
    "zero_orders": Policy(
        case="an order comes to 0.00 (rule P5)",
        choices={"book": "its invoice over 0.00 is made", "skip": "no invoice is made"},
    ),
}
# Choices that are read no more, so that the default holds, with the advice of `segxero check`.
RETIRED: dict[tuple[str, str], str] = {
    ("tax_unknown", "otherwise"): (
        "is read no more: an order whose tax no rate makes waits (rule T21). Delete the line. Its successors are the"
        " rows of tables/tax_rows.yaml and the setting `sells`; a shop with one rate for everything writes"
        " `sells: [standard]`"
    ),
}
DEFAULTS: dict[str, str] = {name: policy.default for name, policy in POLICIES.items()}


def drop_unused_rows(tables: Tables, chosen: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return *tables* without the rows that the *chosen* policies do not use."""
    parked = {policy.row for name, policy in POLICIES.items() if chosen.get(name, policy.default) == PARK}
    return {
        table: {key: value for key, value in rows.items() if (table, key) not in parked}
        for table, rows in tables.items()
    }


def list_scopes(chosen: Mapping[str, str]) -> set[str]:
    """Return the scopes that the *chosen* policies need."""
    return {scope for name, choice in chosen.items() if (scope := POLICIES[name].scopes.get(choice))}

"""Reads `organisations.yaml`: the Segment sources, settings and policies of each Xero organisation."""

import re
from collections.abc import Callable
from typing import Any, TypeAlias

from segxero.mapping.files.shops import read_shops
from segxero.mapping.files.strict_yaml import YamlFile
from segxero.mapping.files.tables import read_rows
from segxero.mapping.organisations import Organisation, merge_tables
from segxero.mapping.policies import POLICIES, RETIRED, Tables
from segxero.mapping.tax_settings import TAX_SETTINGS, TaxSettings
from segxero.mapping.values import moments
from segxero.mapping.values.paths import extend_pointer
from segxero.mapping.values.plain_text import plain_text

ORGANISATIONS_FILE = "organisations.yaml"
ORDER_ID_FIELDS = ("InvoiceNumber", "Reference")
EXISTING_CONTACTS = ("adopt", "leave")
SAME_EMAIL = ("apart",)
GUESTS = ("one_each", "one_per_shop", "one_per_method")
DEBTORS = ("company", "person")
BILL_TO_LINE = ("off", "on")
CURRENCY = re.compile(r"[A-Z]{3}|")
BLOCKS = ("policies", "tables", "shops")
# Each setting with its test, the words for a fault, and its reader.
Settings: TypeAlias = dict[str, tuple[Callable[[Any], bool], str, Callable[[Any], Any]]]


def read_organisations(document: YamlFile) -> dict[str, Organisation]:
    """Read every organisation; faults are noted in *document*."""
    if not isinstance(document.value, dict) or not document.value:
        if not document.faults:
            document.fault("", "should name at least one organisation, such as main: {sources: all}")
        return {}
    organisations = {}
    for name, settings in document.value.items():
        if (organisation := _organisation(name, settings, document)) is not None:
            organisations[name] = organisation
    _check_sources(organisations, document)
    _check_tenants(organisations, document)
    _check_shops(organisations, document)
    return organisations


def _organisation(name: str, settings: Any, document: YamlFile) -> Organisation | None:
    path = extend_pointer("", name)
    if not isinstance(settings, dict):
        document.fault(path, f"should have settings: {', '.join(SETTINGS)}")
        return None
    known = (*SETTINGS, *TAX_SETTINGS, *BLOCKS)
    for unknown in settings.keys() - set(known):
        document.fault(f"{path}/{unknown}", f"is not a setting of an organisation: write {', '.join(known)}")
    if "sources" not in settings:
        document.fault(path, "should have sources: all, or a list of Segment's source ids")
    values = _read_settings(settings, SETTINGS, path, document)
    tax = TaxSettings(**_read_settings(settings, TAX_SETTINGS, path, document))
    tables = settings.get("tables", {})
    if not isinstance(tables, dict):
        document.fault(f"{path}/tables", "should name tables with rows of this organisation: accounts: {default: 200}")
        tables = {}
    return Organisation(
        name=name,
        **values,
        shops=read_shops(document, f"{path}/shops", settings["shops"]) if "shops" in settings else (),
        tax=tax,
        policies=_policies(settings.get("policies", {}), f"{path}/policies", document),
        tables={
            table: read_rows(document, extend_pointer(f"{path}/tables", table), rows) for table, rows in tables.items()
        },
    )


def _read_settings(settings: dict[str, Any], known: Settings, path: str, document: YamlFile) -> dict[str, Any]:
    """Read the *known* settings that are there; values that are not allowed are noted as faults."""
    values = {}
    for setting, (is_right, wanted, read) in known.items():
        if setting not in settings:
            continue
        value = settings[setting]
        if is_right(value):
            values[setting] = read(value)
        else:
            document.fault(f"{path}/{setting}", f"should be {wanted}")
    return values


def _policies(chosen: Any, path: str, document: YamlFile) -> dict[str, str]:
    """Read the block `policies`; unknown policies and choices are noted as faults."""
    if not isinstance(chosen, dict):
        document.fault(path, f"should name a choice each, such as lock_date: park, of {_spelled_policies()}")
        return {}
    read = {}
    for name, choice in chosen.items():
        place = extend_pointer(path, name)
        if name not in POLICIES:
            document.fault(place, f"is not a policy: write {_spelled_policies()}")
        elif isinstance(choice, str) and (name, choice) in RETIRED:
            # A warning and no fault: a set-up that still has the choice goes on, and such records wait.
            document.warn(place, f"the choice {choice} {RETIRED[name, choice]}")
        elif not isinstance(choice, str) or choice not in POLICIES[name].choices:
            document.fault(place, f"should be {' or '.join(POLICIES[name].choices)}")
        else:
            read[name] = choice
    return read


def _spelled_policies() -> str:
    return ", ".join(POLICIES)


def check_policy_rows(organisations: dict[str, Organisation], tables: Tables, document: YamlFile) -> None:
    """Note each choice that needs a row which its organisation lacks; *tables* are those of the files."""
    for organisation in organisations.values():
        merged_tables = merge_tables(tables, organisation.tables)
        for name, choice in organisation.policies.items():
            policy = POLICIES[name]
            if policy.row is None or policy.needs_row != choice:
                continue
            table, key = policy.row
            if key not in merged_tables.get(table, {}):
                place = f"{extend_pointer('', organisation.name)}/policies/{name}"
                document.fault(place, f"needs a row {key} in tables/{table}.yaml: add it")


def _check_sources(organisations: dict[str, Organisation], document: YamlFile) -> None:
    takers: dict[str, str] = {}
    for organisation in organisations.values():
        for source in ("all",) if organisation.sources is None else organisation.sources:
            if source in takers:
                document.fault(
                    f"/{organisation.name}/sources",
                    f"{source} already goes to {takers[source]}: a source goes to a single organisation",
                )
            takers.setdefault(source, organisation.name)


def _check_shops(organisations: dict[str, Organisation], document: YamlFile) -> None:
    for organisation in organisations.values():
        for shop in organisation.shops:
            for source in shop.sources:
                if not organisation.takes(source):
                    place = f"{extend_pointer('', organisation.name)}/shops/{shop.name}/sources"
                    document.fault(place, f"{source} is not among the sources of {organisation.name}: add it there")


def _check_tenants(organisations: dict[str, Organisation], document: YamlFile) -> None:
    takers: dict[str, str] = {}
    for organisation in organisations.values():
        taker = takers.setdefault(organisation.tenant or organisation.name, organisation.name)
        if taker != organisation.name:
            document.fault(f"/{organisation.name}/tenant", f"already belongs to {taker}: each organisation has its own")


def _are_sources(value: Any) -> bool:
    return value == "all" or (isinstance(value, list) and bool(value) and all(map(_is_source, value)))


def _is_source(value: Any) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool) and plain_text(value).strip() != ""


def _sources(value: Any) -> tuple[str, ...] | None:
    return None if value == "all" else tuple(map(plain_text, value))


def _is_zone(name: str) -> bool:
    try:
        moments.find_zone(name)
    except ValueError:
        return False
    return True


SETTINGS: Settings = {
    "sources": (_are_sources, "all, or a list of Segment's source ids (projectId)", _sources),
    "order_id_in": (lambda value: value in ORDER_ID_FIELDS, " or ".join(ORDER_ID_FIELDS), str),
    "due_days": (lambda value: type(value) is int and value >= 0, "a whole number of days, 0 or more", int),
    "currency": (
        lambda value: value is None or (isinstance(value, str) and CURRENCY.fullmatch(value) is not None),
        'three capital letters such as EUR, or "" for the base currency of the organisation',
        plain_text,
    ),
    "time_zone": (
        lambda value: isinstance(value, str) and _is_zone(value),
        "the name of a time zone such as Pacific/Auckland, Europe/London or UTC",
        str,
    ),
    "tenant": (
        lambda value: isinstance(value, str) and bool(value.strip()),
        "the name of the organisation in Xero, exactly, or its tenant id",
        str.strip,
    ),
    "booking_sources": (
        _are_sources,
        "all, or a list of the source ids (projectId) whose events may book money",
        _sources,
    ),
    "booking_browsers": (
        lambda value: value != "all" and _are_sources(value),
        "a list of the browser sources in booking_sources that may book money although their write keys are public",
        _sources,
    ),
    "not_booked": (
        lambda value: isinstance(value, list) and all(isinstance(name, str) and name.strip() for name in value),
        "a list of event names whose money is left out on purpose, such as [Quote Sent]",
        tuple,
    ),
    "existing_contacts": (lambda value: value in EXISTING_CONTACTS, " or ".join(EXISTING_CONTACTS), str),
    "same_email": (lambda value: value in SAME_EMAIL, " or ".join(SAME_EMAIL), str),
    "guests": (lambda value: value in GUESTS, " or ".join(GUESTS), str),
    "debtor": (lambda value: value in DEBTORS, " or ".join(DEBTORS), str),
    "bill_to_line": (lambda value: value in BILL_TO_LINE, " or ".join(BILL_TO_LINE), str),
}

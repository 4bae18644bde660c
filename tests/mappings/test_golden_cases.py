"""Golden cases: what Xero gets for an event, as two files that an accountant can lay side by side.

`<mapping>/<case>.event.json` is what Segment sends; `<mapping>/<case>.xero.json` is the element of the call to Xero,
or, where the record would wait, the sentence that says for what. A list has in addition what follows from it, such as
the payment of an order that is paid at once. Ids of other records stand as zeroes.
`<case>.before.json` is a list of the events that came before, such as the order of a refund.
`<case>.policies.json` names policies of the organisation, rows of its tables, and its first open day.
"""

from datetime import date
from pathlib import Path

import pytest

from segxero import jsontext
from segxero.mapping.files.loader import load
from segxero.sync.folding.preview import preview
from segxero.xero.objects.table import FIELDS
from tests.support.set_ups.policies import with_policies

HERE = Path(__file__).parent
CASES = sorted(HERE.glob("*/*.event.json"))
MAPPINGS = load(Path("mappings"), FIELDS)
MAPPINGS.tables["accounts"]["payments"] = "090"  # the row that payments.yaml asks for
FILES = {mapping.name: mapping.file for mapping in MAPPINGS.mappings}


@pytest.mark.parametrize("path", CASES, ids=[f"{path.parent.name}/{path.name.split('.')[0]}" for path in CASES])
def test_xero_gets_what_the_case_says(path):
    event = jsontext.loads(path.read_bytes())
    wanted = jsontext.loads(path.with_name(path.name.replace(".event.", ".xero.")).read_bytes())
    # A case of a mapping that is shipped switched off shows what it would make.
    mappings = MAPPINGS.switched_on(FILES[path.parent.name])
    earlier = path.with_name(path.name.replace(".event.", ".before."))
    before = jsontext.loads(earlier.read_bytes()) if earlier.exists() else []
    chosen = path.with_name(path.name.replace(".event.", ".policies."))
    chosen = jsontext.loads(chosen.read_bytes()) if chosen.exists() else {}
    open_day = date.fromisoformat(chosen["open_day"]) if "open_day" in chosen else None
    mappings = with_policies(mappings, chosen.get("tables"), **chosen.get("policies", {}))
    made = preview(mappings, event, before, open_day)
    shows_all = isinstance(wanted, list)
    shown = [one for one in made if path.parent.name in one.mapping.split(", ") and (shows_all or not one.implied)]
    assert [one.payload or {"waits": one.waits} for one in shown] == (wanted if shows_all else [wanted])


def test_every_mapping_has_a_case_and_every_case_a_mapping():
    assert {path.parent.name for path in CASES} == {mapping.name for mapping in MAPPINGS.mappings}


def test_every_event_has_its_xero_side():
    events = {path.with_suffix("").with_suffix("") for path in HERE.glob("*/*.event.json")}
    assert events == {path.with_suffix("").with_suffix("") for path in HERE.glob("*/*.xero.json")}


def shown():
    read = [jsontext.loads(path.read_bytes()) for path in HERE.glob("*/*.xero.json")]
    return [body for bodies in read for body in (bodies if isinstance(bodies, list) else [bodies])]


def test_a_contact_has_at_least_fifteen_fields_with_a_case():
    found = {name for body in shown() if "ContactNumber" in body for name in body}
    assert len(found) >= 15, found
    lists = {"Phones": "PhoneNumber", "Addresses": "City", "ContactPersons": "LastName"}
    for name, member in lists.items():
        assert any(member in entry for body in shown() for entry in body.get(name, ()))


def test_an_invoice_has_at_least_fourteen_fields_with_a_case_and_a_line_eight():
    invoices = [body for body in shown() if "LineItems" in body]
    assert len({name for body in invoices for name in body}) >= 14
    assert {name for body in invoices for line in body["LineItems"] for name in line} >= {
        "Description",
        "Quantity",
        "UnitAmount",
        "ItemCode",
        "AccountCode",
        "TaxType",
        "TaxAmount",
        "Tracking",
    }

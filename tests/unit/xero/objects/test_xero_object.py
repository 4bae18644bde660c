"""Every Xero object keeps the contract of XeroObject, and its hooks say where it differs from the others."""

import inspect
from decimal import Decimal
from pathlib import Path

import pytest
from werkzeug.routing import Map, Rule

from segxero import jsontext
from segxero.sandbox.objects import ROUTES
from segxero.segment.write_back import DOCUMENTS
from segxero.xero.api.request import Request
from segxero.xero.objects.open_days import LOCKED, OPEN_DAY
from segxero.xero.objects.table import LAST, OBJECTS, QUEUES, SCOPES, SHARERS
from segxero.xero.objects.wanted import Linked, Prepared, Wanted
from segxero.xero.objects.xero_object import XeroObject
from tests.support.segment.orders import product
from tests.support.xero.wanted import CONTACT_ID, CONTEXT, INVOICE_ID, category_link, contact_link

D = Decimal
PROJECT = Path(__file__).parents[4]
GROUP_ID, NOTE_ID = "90000000-0000-0000-0000-000000000001", "c9000000-0000-0000-0000-000000000001"
ORDER = {"Date": "2026-11-01", "LineItems": [product("10.00", 2)], "Tax": D("3.00"), "Total": D("23.00")}
INVOICE = Linked(
    object="Invoice", key="1001", xero_id=INVOICE_ID, fields=ORDER, remembered={"contact": CONTACT_ID, "labels": "[]"}
)
NOTE = Linked(
    object="CreditNote", key="1001-R", xero_id=NOTE_ID, fields={"Date": "2026-11-02"}, remembered={"total": "23.00"}
)
GROUP = Linked(object="ContactGroup", key="Plan: pro", xero_id=GROUP_ID, fields={})
# For each object a record that can be sent, and its element in Xero's answer.
SAMPLES = {
    "Contact": (Wanted(key="u1", fields={"Name": "Ann"}), {"ContactID": "x1", "ContactNumber": "u1"}),
    "ContactGroup": (Wanted(key="g", fields={"Name": "Pro"}), {"ContactGroupID": "x1", "Name": "PRO"}),
    "ContactGroupMember": (
        Wanted(key="m", fields={"Group": "Pro"}, references={"Contact": (contact_link(),), "Group": (GROUP,)}),
        {"ContactID": CONTACT_ID},
    ),
    "TrackingCategory": (Wanted(key="c", fields={"Name": "Shop"}), {"TrackingCategoryID": "x1", "Name": "Shop"}),
    "TrackingOption": (
        Wanted(key="o", fields={"Option": "Web"}, references={"Category": (category_link(),)}),
        {"TrackingOptionID": "x1", "Name": "Web"},
    ),
    "Item": (Wanted(key="sku-1", fields={"Name": "Mug"}), {"ItemID": "x1", "Code": "SKU-1"}),
    "Invoice": (
        Wanted(key="1001", fields=ORDER, references={"Contact": (contact_link(),)}),
        {"InvoiceID": "x1", "InvoiceNumber": "1001"},
    ),
    "CreditNote": (
        Wanted(key="1001-R", fields={"Date": "2026-11-02"}, references={"Invoice": (INVOICE,)}),
        {"CreditNoteID": "x1", "CreditNoteNumber": "1001-R"},
    ),
    "Allocation": (
        Wanted(key="1001-R", fields={}, references={"CreditNote": (NOTE,), "Invoice": (INVOICE,)}),
        {"AllocationID": "x1", "Invoice": {"InvoiceID": INVOICE_ID}},
    ),
    "Payment": (
        Wanted(
            key="p1",
            fields={"Amount": 23, "Account": "090", "Date": "2026-11-03"},
            references={"Invoice": (INVOICE,)},
        ),
        {"PaymentID": "x1", "Reference": "p1"},
    ),
    "HistoryNote": (Wanted(key="n", fields={"Details": "a"}, references={"Record": (INVOICE,)}), {"Details": "a"}),
    "Attachment": (
        Wanted(key="f", fields={"FileName": "a", "Content": {}}, references={"Record": (INVOICE,)}),
        {"AttachmentID": "x1", "FileName": "a.txt"},
    ),
}
HOOKS = {name for name, member in inspect.getmembers(XeroObject, inspect.isfunction) if not name.startswith("_")}
CONSTANTS = {name for trait in XeroObject.__mro__ for name in vars(trait).get("__annotations__", ())}
every = pytest.mark.parametrize("kind", OBJECTS.values(), ids=OBJECTS)


def sample(kind):
    return SAMPLES[kind.name]


def remembering(kind, xero_id="", **facts):
    return Wanted(key=sample(kind)[0].key, fields={}, xero_id=xero_id, remembered=facts)


@every
def test_every_constant_is_there_and_its_queue_has_a_worker(kind):
    missing = [name for name in CONSTANTS if not hasattr(kind, name)]
    assert missing == []
    assert OBJECTS[kind.name] is kind
    assert kind.fields
    assert 1 <= kind.batch <= 50
    assert PROJECT.joinpath("workers", f"{kind.queue}.py").is_file()


@every
def test_a_hook_takes_the_parameters_of_the_base_class(kind):
    for name in HOOKS:
        mine, base = getattr(type(kind), name), getattr(XeroObject, name)
        assert list(inspect.signature(mine).parameters) == list(inspect.signature(base).parameters), name


def test_every_hook_is_documented_in_the_base_class():
    assert [name for name in sorted(HOOKS) if not getattr(XeroObject, name).__doc__] == []


@every
def test_a_record_is_prepared_as_its_schema_says_and_written_in_one_call(kind):
    record, _ = sample(kind)
    prepared = kind.prepare(record, CONTEXT)
    assert kind.schema.validate(prepared.payload) == {}
    request = kind.write([(record, prepared.payload)])
    assert isinstance(request, Request)
    assert request.method in ("PUT", "POST")
    assert request.path.startswith("/")
    # A call has JSON or a file, and the JSON can be written.
    assert (request.body is None) != (request.content is None)
    assert jsontext.dumps(request.body)


@every
def test_a_record_is_looked_up_by_a_call_that_changes_nothing(kind):
    request = kind.lookup([sample(kind)[0]], CONTEXT)
    assert (request.method, request.body, request.content) == ("GET", None, None)


@every
def test_a_record_is_found_again_in_xeros_answer(kind):
    record, element = sample(kind)
    assert kind.elements({}, record) == []
    found = kind.elements({kind.collection: [element]}, record)
    assert [kind.is_same(one, record, CONTEXT) for one in found] == [True]
    others = {"ContactGroupMember": GROUP_ID, "HistoryNote": INVOICE_ID}
    assert kind.identify(found[0], record) == others.get(kind.name, "x1")


@every
def test_the_facts_that_are_remembered_are_texts(kind):
    record, element = sample(kind)
    facts = {**kind.remembers(element, record), **dict.fromkeys(kind.forgets, "")}
    assert all(isinstance(name, str) and isinstance(text, str) for name, text in facts.items())


@every
def test_a_companion_is_a_known_object_with_fields_that_it_takes(kind):
    fields = {"Category": "Shop", "Group": "Pro", "Order": "1001", "Allocate": True, "Amount": 1}
    implied, brought = kind.implied("k", fields), kind.brings("k", fields)
    if implied:
        needed = OBJECTS[implied.object]
        assert implied.target == (needed.name, implied.key)
        assert implied.field in kind.fields | {"Invoice"}
        assert implied.fields.keys() <= needed.fields | needed.slots.keys()
    if brought:
        assert brought.references.keys() <= OBJECTS[brought.object].fields
        assert all(target.object in OBJECTS for target in brought.references.values())


@every
def test_the_sandbox_opens_an_object_with_the_scope_that_the_app_asks_for(kind):
    record, _ = sample(kind)
    request = kind.write([(record, kind.prepare(record, CONTEXT).payload)])
    rules = Map([Rule(route.path, methods=[route.method], endpoint=route) for route in ROUTES])
    route, _ = rules.bind("localhost").match(request.path, method=request.method)
    # A note needs the scope of the record that it lies on, an attachment its own.
    scope = SCOPES[kind.name] or SCOPES["Invoice"]
    assert route.is_open_to(frozenset({scope}))
    assert not route.is_open_to(frozenset({"openid", f"{scope}.read"}))


def test_an_object_lacking_a_hook_cannot_be_made():
    with pytest.raises(TypeError, match="abstract"):
        type("Half", (XeroObject,), {"name": "Half"})()


def test_only_notes_and_attachments_go_last():
    assert LAST == ("history",)
    assert tuple(queue for queue in QUEUES if queue != "history") == SHARERS


def test_segment_is_told_of_contacts_and_of_documents_with_a_sender():
    told = {name for name, kind in OBJECTS.items() if kind.is_told_to_segment}
    assert told == {"Contact", *DOCUMENTS}
    assert {name for name, kind in OBJECTS.items() if kind.names_sender} == DOCUMENTS.keys()


@every
def test_an_object_of_unique_names_says_under_which_facts_it_is_adopted_and_archived(kind):
    assert kind.has_unique_names == bool(kind.names(sample(kind)[0])) == bool(kind.adopted_as)
    assert bool(kind.archived_as) == (kind.name == "Contact")


@every
def test_only_a_new_record_with_a_date_moves_to_the_first_open_day(kind):
    is_dated = kind.name in ("Invoice", "CreditNote", "Payment")
    assert kind.move_date(remembering(kind)) == ({LOCKED: "1"} if is_dated else None)
    assert kind.move_date(remembering(kind, xero_id="x1")) is None
    assert kind.needs_open_day({LOCKED: "1"}) is is_dated
    assert kind.needs_open_day({OPEN_DAY: "2026-11-01"}) is False
    assert (LOCKED in kind.forgets) is is_dated


@every
def test_only_of_a_paid_invoice_is_it_known_what_still_changes(kind):
    assert kind.narrow(remembering(kind)) == ({"paid": "1"} if kind.name == "Invoice" else None)


@every
def test_a_record_gets_the_next_number_up_to_the_ninth(kind):
    more = {"moved": ""} if kind.name == "Contact" else {}
    assert kind.renumber(remembering(kind)) == {"copy": "2", **more}
    assert kind.renumber(remembering(kind, copy="8")) == {"copy": "9", **more}
    assert kind.renumber(remembering(kind, copy="9")) is None


@every
def test_only_an_approved_invoice_counts_for_xeros_plan(kind):
    approved, draft = Prepared(payload={"Status": "AUTHORISED"}), Prepared(payload={"Status": "DRAFT"})
    assert kind.counts_for_plan(approved) is (kind.name == "Invoice")
    assert kind.counts_for_plan(draft) is False


@every
@pytest.mark.parametrize(
    ("total", "element", "faults"),
    [
        (None, {"Total": 5}, ()),
        (D("23.00"), {"Total": 23}, ()),
        (D("23.00"), {"Total": D("23.01")}, ("Xero's total is 23.01, the order's is 23.00",)),
        (D("23.00"), {}, ("Xero's total is None, the order's is 23.00",)),
    ],
)
def test_a_total_that_differs_is_told(kind, total, element, faults):
    assert kind.faults(element, remembering(kind), Prepared(payload={}, total=total)) == faults


def test_of_a_paid_invoice_the_lines_that_stayed_are_told():
    kind = OBJECTS["Invoice"]
    line = {"Description": "Mug", "Quantity": D(2), "UnitAmount": D(10)}
    prepared = Prepared(payload={"LineItems": [line]}, total=D("23.00"))
    paid = remembering(kind, paid="1")
    assert kind.faults({"Total": 23, "LineItems": [{**line, "TaxType": "OUTPUT2"}]}, paid, prepared) == ()
    assert kind.faults({"Total": 12, "LineItems": [{**line, "Quantity": 1}]}, paid, prepared) == (
        "it is paid or credited, so its lines stay as they were, with 12.00; the order has changed and comes to 23.00",
    )


@pytest.mark.parametrize(("kind", "page"), [("Contact", "Contacts/View"), ("Invoice", "AccountsReceivable")])
def test_a_record_has_a_page_in_xero(kind, page):
    assert OBJECTS[kind].page.format("x1").startswith(f"https://go.xero.com/{page}")
    assert OBJECTS[kind].page.format("x1").endswith("x1")

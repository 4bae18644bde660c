"""Broken mapping files: each is refused with its line and a sentence that says what to do."""

import random
import shutil
from pathlib import Path

import pytest

from segxero.errors import ConfigError
from segxero.mapping.files.loader import load
from segxero.mapping.files.strict_yaml import read
from segxero.mapping.imports.subscription import write_yaml
from tests.support.set_ups.mapping_files import DESCRIBED, MAPPING, OBJECTS, write_mappings


def contacts(old, new):
    assert old in MAPPING
    return {"contacts.yaml": MAPPING.replace(old, new)}


def field(text):
    return contacts("    EmailAddress: $.traits.email\n", text)


def organisations(text):
    return {"organisations.yaml": text}


def table(text):
    return {"tables/accounts.yaml": text}


DEPENDS = MAPPING.replace("Contact", "Invoice").replace("    EmailAddress: $.traits.email\n", "    Date: $.timestamp\n")

BROKEN = [
    # syntax
    (contacts("- name: identify", "- name: identify: x"), "contacts.yaml:1", "a text with a colon and a space"),
    (contacts("  object:", "\tobject:"), "contacts.yaml:2", "indent with spaces"),
    (contacts("  key:", "   key:"), "contacts.yaml:4", "check the indentation"),
    (field("    Name: {@path: x}\n"), "contacts.yaml:6", 'put a directive in double quotes: "@path"'),
    (field("    Name: {a: 1\n"), "contacts.yaml:7", "a bracket or brace is not closed"),
    (field("    Name: &a x\n"), "contacts.yaml:6", "anchors and aliases"),
    (field("    Name: *a\n"), "contacts.yaml:6", "anchors and aliases"),
    (field("    <<: {a: 1}\n"), "contacts.yaml:6", "should be a plain key"),
    (field("    ? [a]\n    : x\n"), "contacts.yaml:6", "should be a plain key"),
    (field("    Name: !!float 5\n"), "contacts.yaml:6", "put a text that starts with ! in single quotes"),
    (field("    Name: a\n    Name: b\n"), "contacts.yaml:7", "is there twice: Name is already in line 6"),
    ({"contacts.yaml": MAPPING + "---\n" + MAPPING}, "contacts.yaml:7", "one file is one document"),
    (
        contacts('trigger: type = "identify"', 'trigger: !contains(event, "x")'),
        "contacts.yaml:3",
        "a text that starts with ! in single quotes",
    ),
    # the shape of a mapping
    ({"contacts.yaml": "identify:\n  object: Contact\n"}, "contacts.yaml:1", "should be a list of mappings"),
    ({"contacts.yaml": MAPPING + "- text\n"}, "contacts.yaml:7", "should be a mapping with name, object"),
    (contacts("  key: $.userId\n", ""), "contacts.yaml:1", "should have key"),
    (contacts('  trigger: type = "identify"\n', ""), "contacts.yaml:1", "should have trigger"),
    (contacts("name: identify", "when: x"), "contacts.yaml:1", "should have name"),
    (contacts("  object: Contact\n", ""), "contacts.yaml:1", "should have object"),
    (
        contacts("  fields:\n    EmailAddress: $.traits.email\n", ""),
        "contacts.yaml:1",
        "should have fields (or fallbacks, or custom)",
    ),
    (contacts("  fields:", "  field:"), "contacts.yaml:5", "is not a part of a mapping: write name"),
    (contacts("name: identify", 'name: ""'), "contacts.yaml:1", "should be a text that says what the mapping is for"),
    (contacts("name: identify", "name: 5"), "contacts.yaml:1", "should be a text that says what the mapping is for"),
    (contacts("Contact", "Customer"), "contacts.yaml:2", "write Contact, Invoice, TrackingOption"),
    ({"contacts.yaml": MAPPING + MAPPING}, "contacts.yaml:7", "is already the name of the mapping at contacts.yaml:1"),
    ({"more.yaml": MAPPING}, "more.yaml:1", "is already the name of the mapping at contacts.yaml:1"),
    # triggers
    (contacts('"identify"', "'identify'"), "contacts.yaml:3", "column 8: ' cannot be read"),
    (contacts('type = "identify"', 'anonymousId = "x"'), "contacts.yaml:3", "column 1: anonymousId is not a field"),
    (contacts('type = "identify"', "5"), "contacts.yaml:3", 'should be a text such as type = "track"'),
    (contacts('type = "identify"', '""'), "contacts.yaml:3", "the trigger is empty"),
    (contacts('type = "identify"', 'type = "track" and type = "page"'), "contacts.yaml:3", "no event can match it"),
    (
        contacts('type = "identify"', 'type = "trak"'),
        "contacts.yaml:3",
        "trak is not a type of event",
    ),
    (
        contacts('type = "identify"', "properties.a > 5 and properties.a < 5"),
        "contacts.yaml:3",
        "its clauses contradict each other",
    ),
    (
        contacts('type = "identify"', 'match(event, "A*") and event = "Order"'),
        "contacts.yaml:3",
        "its clauses contradict each other",
    ),
    # keys
    (contacts("$.userId", '""'), "contacts.yaml:4", "is always empty: write a path such as $.userId"),
    (contacts("$.userId", '{"@literal": ""}'), "contacts.yaml:4", "is always empty"),
    (contacts("$.userId", '{"@template": " "}'), "contacts.yaml:4", "is always empty"),
    (contacts("$.userId", "null"), "contacts.yaml:4", "should be a path, a directive or a text"),
    (contacts("$.userId", "[$.userId]"), "contacts.yaml:4", "should be a path, a directive or a text"),
    (contacts("$.userId", "true"), "contacts.yaml:4", "should be a path, a directive or a text"),
    (contacts("$.userId", '{"@first": ["", " "]}'), "contacts.yaml:4", "is always empty"),
    (contacts("$.userId", '{"@if": {exists: $.userId, then: ""}}'), "contacts.yaml:4", "is always empty"),
    (contacts("  key:", "  without_key: ignore\n  key:"), "contacts.yaml:4", "should be refuse (a person looks"),
    # for whom
    (contacts("  key:", "  sources: all\n  key:"), "contacts.yaml:4", "should be a list of sources"),
    (contacts("  key:", "  sources: []\n  key:"), "contacts.yaml:4", "should be a list of sources"),
    (
        contacts("  key:", "  organisations: [main, nz]\n  key:"),
        "contacts.yaml:4",
        "nz is not in organisations.yaml",
    ),
    # fields
    (
        field("    EmailAdress: $.traits.email\n"),
        "contacts.yaml:6",
        "is not a field of Contact: did you mean EmailAddress?",
    ),
    (field("    Zzz: 1\n"), "contacts.yaml:6", "is not a field of Contact: write AccountNumber"),
    (
        contacts("fields:\n    EmailAddress: $.traits.email", "fields: $.traits"),
        "contacts.yaml:5",
        "list of Xero's fields",
    ),
    (
        contacts("fields:\n    EmailAddress: $.traits.email", 'fields: {"@path": $.traits}'),
        "contacts.yaml:5",
        "list of Xero's fields",
    ),
    ({"contacts.yaml": MAPPING + "  fallbacks:\n    Nam: x\n"}, "contacts.yaml:8", "did you mean Name?"),
    # directives
    (field('    Name: {"@pth": x}\n'), "contacts.yaml:6", "is not a known directive"),
    (field('    Name: {"@liquid": "{% for x in y %}{% endfor %}"}\n'), "contacts.yaml:6", "cannot use the tag for"),
    (field('    Name: {"@liquid": "{{ x | map: \'a\' }}"}\n'), "contacts.yaml:6", "cannot use the filter map"),
    (field('    Name: {"@liquid": "{{ x"}\n'), "contacts.yaml:6", "cannot be read as a Liquid template"),
    (field('    Name: {"@liquid": "' + "x" * 1001 + '"}\n'), "contacts.yaml:6", "at most 1000"),
    (field('    Name: {"@date": {value: $.a, format: "%Q"}}\n'), "contacts.yaml:6", "%Q is not known"),
    (field('    Name: {"@date": {value: $.a, time_zone: Mars}}\n'), "contacts.yaml:6", "Mars is not a time zone"),
    (field('    Name: {"@number": {plus: 1}}\n'), "contacts.yaml:6", "should have either value (a number) or sum"),
    (field('    Name: {"@number": {value: 1, decimals: many}}\n'), "contacts.yaml:6", "a whole number from 0 to 12"),
    (field('    Name: {"@money": {sum: $.lines}}\n'), "contacts.yaml:6", "should be a list: the path of a list"),
    (field('    Name: {"@money": {value: 1, decimals: 2}}\n'), "contacts.yaml:6", "is not an option here"),
    (field('    Name: {"@path": 5}\n'), "contacts.yaml:6", "should be a text or a directive"),
    (field('    Name: {"@path": $}\n'), "contacts.yaml:6", 'write "$." for the whole event'),
    (field('    Name: {"@path": a, b: c}\n'), "contacts.yaml:6", "should hold one directive and nothing else"),
    (
        field('    Name:\n      "@if":\n        exist: $.a\n        then: 1\n'),
        "contacts.yaml:8",
        "did you mean exists?",
    ),
    (field('    Name: {"@if": {exists: $.a, then: 1, else: 0}}\n'), "contacts.yaml:6", "write it in a @literal"),
    (field('    Name: {"@template": "{{$.userId}}"}\n'), "contacts.yaml:6", "leave the $. out in a template"),
    (field('    Name: "Dear {{name}}"\n'), "contacts.yaml:6", 'write {"@template": "…"}'),
    (field("    Name: $traits.name\n"), "contacts.yaml:6", 'start a path with "$."'),
    (field('    Name: {"@case": {operator: Upper, value: $.a}}\n'), "contacts.yaml:6", "should be lower or upper"),
    (field('    Name: {"@lookup": {table: nope, key: $.a}}\n'), "contacts.yaml:6", "make tables/nope.yaml"),
    (field('    Name: {"@lookup": {table: accounts}}\n'), "contacts.yaml:6", "should have key"),
    (field('    Name: {"@arrayPath": [$.a, {b: $.b}, c]}\n'), "contacts.yaml:6", "takes two entries"),
    (field('    Phones:\n      - a\n      - b: {"@path": 5}\n'), "contacts.yaml:8", "should be a text or a directive"),
    (field('    Name: {"@arrayPath": [$.a, b]}\n'), "contacts.yaml:6", "should be an object, a directive or a path"),
    (field('    Name: {"@json": {mode: ENCODE, value: $.a}}\n'), "contacts.yaml:6", "in small letters"),
    (field('    Name: {"@merge": {objects: [$.a], direction: Left}}\n'), "contacts.yaml:6", "in small letters"),
    (field('    Name: {"@if": {exists: $.a, blank: $.a, then: 1}}\n'), "contacts.yaml:6", "leave blank out"),
    (field("    Name: " + "[" * 3000 + "]" * 3000 + "\n"), "contacts.yaml:1", "cannot be read as YAML"),
    (field("    Name: " + "9" * 5000 + "\n"), "contacts.yaml:6", "is a number of too many digits: put it in quotes"),
    # dependencies
    ({"contacts.yaml": DEPENDS + "  depends_on: [x]\n"}, "contacts.yaml:7", "should be a field with {object"),
    ({"contacts.yaml": DEPENDS + "  depends_on:\n    Contact: x\n"}, "contacts.yaml:8", "should have object and key"),
    (
        {"contacts.yaml": DEPENDS + "  depends_on:\n    Contact: {object: Person, key: $.userId}\n"},
        "contacts.yaml:8",
        "Person is not an object we keep in Xero",
    ),
    (
        {"contacts.yaml": DEPENDS + "  depends_on:\n    Client: {object: Contact, key: $.userId}\n"},
        "contacts.yaml:8",
        "is not a field of Invoice",
    ),
    (
        {"contacts.yaml": DEPENDS + "  depends_on:\n    Contact: {object: Contact, key: a, optional: maybe}\n"},
        "contacts.yaml:8",
        "should be true or false",
    ),
    (
        {"contacts.yaml": DEPENDS + "  depends_on:\n    Contact:\n      - {object: Contact, key: a, opt: true}\n"},
        "contacts.yaml:9",
        "is not a part of a dependency",
    ),
    # tables and organisations
    (table("default:\n"), "tables/accounts.yaml:1", "should have one text or number behind the colon"),
    (table("default: [a]\n"), "tables/accounts.yaml:1", "should have one text or number behind the colon"),
    (table("- default\n"), "tables/accounts.yaml:1", "should be a table: one line for each row"),
    (table("a: 1\na: 2\n"), "tables/accounts.yaml:2", "is there twice"),
    (table("\n"), "tables/accounts.yaml:1", "should be a table"),
    (
        organisations("main: {sources: all, colour: red}\n"),
        "organisations.yaml:1",
        "is not a setting of an organisation",
    ),
    (organisations("main: {due_days: 5}\n"), "organisations.yaml:1", "should have sources: all"),
    (organisations("main: {sources: some}\n"), "organisations.yaml:1", "should be all, or a list"),
    (organisations("main: {sources: []}\n"), "organisations.yaml:1", "should be all, or a list"),
    (organisations("main:\n  sources: all\n  due_days: -1\n"), "organisations.yaml:3", "0 or more"),
    (organisations("main:\n  sources: all\n  currency: eur\n"), "organisations.yaml:3", "three capital letters"),
    (
        organisations("main:\n  sources: all\n  order_id_in: Number\n"),
        "organisations.yaml:3",
        "InvoiceNumber or Reference",
    ),
    (organisations("a: {sources: all}\nb: {sources: all}\n"), "organisations.yaml:2", "all already goes to a"),
    (organisations("a: {sources: [x]}\nb: {sources: [x]}\n"), "organisations.yaml:2", "x already goes to a"),
    (organisations("- main\n"), "organisations.yaml:1", "should name at least one organisation"),
    (organisations("main: all\n"), "organisations.yaml:1", "should have settings: sources, order_id_in"),
    (organisations("main:\n  sources: all\n  time_zone: NZ Time\n"), "organisations.yaml:3", "the name of a time zone"),
    (organisations("main:\n  sources: all\n  tables: [a]\n"), "organisations.yaml:3", "should name tables with rows"),
    (
        organisations("main:\n  sources: all\n  tables:\n    accounts: 200\n"),
        "organisations.yaml:4",
        "should be a table: one line for each row",
    ),
    (
        organisations("main:\n  sources: all\n  tables:\n    accounts:\n      Books:\n"),
        "organisations.yaml:5",
        "should have one text or number",
    ),
    ({"organisations.yaml": None}, "organisations.yaml", "is missing: write which sources"),
    # files
    ({"invoices.yml": ""}, "invoices.yml", "is not used: name it invoices.yaml"),
    ({"contacts.yaml": None}, "", "has no mapping: write at least one"),
    ({"contacts.yaml": "# nothing yet\n"}, "", "has no mapping: write at least one"),
]


@pytest.mark.parametrize(("files", "place", "message"), BROKEN)
def test_a_broken_file_is_refused_with_its_place_and_advice(tmp_path, files, place, message):
    with pytest.raises(ConfigError) as caught:
        load(write_mappings(tmp_path, files), OBJECTS)
    wanted = [fault for fault in caught.value.faults if message in fault.message]
    assert len(wanted) == 1, caught.value
    assert str(wanted[0]).startswith(place)
    if ":" in place:
        assert f"{wanted[0].file}:{wanted[0].line}" == place


def described(object_name, fields):
    text = f'- name: one\n  object: {object_name}\n  trigger: type = "track"\n  key: $.userId\n  fields:\n'
    return text + "".join(f"    {line}\n" for line in fields.splitlines())


UNFITTING = [
    ("Contact", "Phones: [{PhonType: FAX}]", 6, "/0/fields/Phones/0/PhonType", "did you mean PhoneType?"),
    ("Contact", "Phones: [{PhoneType: WORK}]", 6, "/0/fields/Phones/0/PhoneType", 'cannot be "WORK": write DEFAULT'),
    ("Contact", "Addresses:\n  - City: x\n    Town: y", 8, "/0/fields/Addresses/0/Town", "is not a field of Addresses"),
    ("Contact", f"AccountNumber: {'x' * 51}", 6, "/0/fields/AccountNumber", "has 51 characters: Xero takes 50"),
    ("Contact", "Name: [a, b]", 6, "/0/fields/Name", "should be one value: Name takes no list"),
    ("Contact", "Name: {first: a}", 6, "/0/fields/Name", "should be one value: Name takes no object"),
    ("Contact", "Nickname: x", 6, "/0/fields/Nickname", "is not a field of Contact"),
    ("Invoice", "Status: PAID", 6, "/0/fields/Status", "write DRAFT or SUBMITTED or AUTHORISED"),
    ("Invoice", "Total: free", 6, "/0/fields/Total", "should be a number such as 1234.50"),
    (
        "Invoice",
        'LineItems:\n  "@arrayPath":\n    - $.properties.products\n    - Price: $.price',
        9,
        "/0/fields/LineItems/@arrayPath/1/Price",
        "is not a field of LineItems",
    ),
    (
        "Invoice",
        "LineItems:\n  - Tracking: [{Name: Region, Choice: x}]",
        7,
        "/0/fields/LineItems/0/Tracking/0/Choice",
        "is not a field of LineItems.Tracking",
    ),
    (
        "Invoice",
        'Status: {"@if": {exists: $.a, then: DRAFT, else: DONE}}',
        6,
        "/0/fields/Status/@if/else",
        'cannot be "DONE"',
    ),
    ("Invoice", 'Status: {"@first": [$.a, DONE]}', 6, "/0/fields/Status/@first/1", 'cannot be "DONE"'),
    ("Invoice", 'Status: {"@literal": $.a}', 6, "/0/fields/Status/@literal", 'cannot be "$.a"'),
    (
        "Invoice",
        'LineItems: [{AccountCode: {"@lookup": {table: accounts, key: $.a, default: elevenchars}}}]',
        6,
        "/0/fields/LineItems/0/AccountCode/@lookup/default",
        "has 11 characters: Xero takes 10",
    ),
    (
        "Contact",
        f'AccountNumber: {{"@template": "{"x" * 51}{{{{userId}}}}"}}',
        6,
        "/0/fields/AccountNumber/@template",
        "has 51 characters",
    ),
    (
        "Contact",
        'Phones: {"@merge": {objects: [{PhoneNo: x}, $.a], direction: right}}',
        6,
        "/0/fields/Phones/@merge/objects/0/PhoneNo",
        "did you mean PhoneNumber?",
    ),
    (
        "Contact",
        'Name: {"@transform": {apply: {a: $.b}, mapping: {first: $.a}}}',
        6,
        "/0/fields/Name/@transform/mapping",
        "takes no object",
    ),
]


@pytest.mark.parametrize(("object_name", "fields", "line", "path", "message"), UNFITTING)
def test_what_xero_can_never_take_is_refused_with_its_place(tmp_path, object_name, fields, line, path, message):
    with pytest.raises(ConfigError) as caught:
        load(write_mappings(tmp_path, {"contacts.yaml": described(object_name, fields)}), DESCRIBED)
    assert [(fault.line, fault.path) for fault in caught.value.faults] == [(line, path)]
    assert message in caught.value.faults[0].message


FITTING = [
    ("Contact", "Phones: [{PhoneType: FAX, PhoneNumber: $.traits.phone}]"),
    ("Contact", "PaymentTerms: {Sales: {Day: 5, Type: DAYSAFTERBILLDATE}}"),
    ("Contact", "Addresses: $.traits.addresses"),
    ("Contact", f"AccountNumber: {'x' * 50}"),
    (
        "Contact",
        'AccountNumber: {"@template": "{{traits.a_name_that_is_longer_than_what_xero_takes_by_far}}"}',
    ),
    ("Invoice", 'Total: "10.50"'),
    ("Invoice", "Total: 10.50"),
    ("Invoice", 'Status: {"@if": {exists: $.a, then: DRAFT}}'),
    ("Invoice", "LineItems: [{Quantity: 1, UnitAmount: $.properties.total, Tracking: []}]"),
]


@pytest.mark.parametrize(("object_name", "fields"), FITTING)
def test_what_xero_may_take_is_accepted(tmp_path, object_name, fields):
    assert load(write_mappings(tmp_path, {"contacts.yaml": described(object_name, fields)}), DESCRIBED).mappings


def test_two_mappings_that_write_one_field_of_one_record_are_refused(tmp_path):
    other = MAPPING.replace("name: identify", "name: again").replace("traits.email", "traits.mail")
    with pytest.raises(ConfigError) as caught:
        load(write_mappings(tmp_path, {"more.yaml": other}), OBJECTS)
    (fault,) = caught.value.faults
    assert (fault.file, fault.line, fault.path) == ("more.yaml", 6, "/0/fields/EmailAddress")
    assert "writes EmailAddress of the same record as the mapping identify (contacts.yaml:1)" in fault.message
    assert 'for events with type = "identify"' in fault.message


def test_all_faults_of_all_files_come_at_once_in_order(tmp_path):
    files = {
        "contacts.yaml": MAPPING.replace("$.userId", '""').replace("EmailAddress", "Mail"),
        "invoices.yaml": "- name: [\n",
        "organisations.yaml": "main: {sources: all, due_days: soon}\n",
        "tables/accounts.yaml": "default:\n",
        "tracking.yaml": "text\n",
    }
    with pytest.raises(ConfigError) as caught:
        load(write_mappings(tmp_path, files), OBJECTS)
    assert [(fault.file, fault.line, fault.path) for fault in caught.value.faults] == [
        ("contacts.yaml", 4, "/0/key"),
        ("contacts.yaml", 6, "/0/fields/Mail"),
        ("invoices.yaml", 2, ""),
        ("organisations.yaml", 1, "/main/due_days"),
        ("tables/accounts.yaml", 1, "/default"),
        ("tracking.yaml", 1, ""),
    ]


def test_a_directory_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="is not a directory"):
        load(tmp_path / "nowhere", OBJECTS)


def test_a_file_that_is_not_utf_8_is_refused(tmp_path):
    (write_mappings(tmp_path) / "contacts.yaml").write_bytes(b"name: \xff\n")
    with pytest.raises(ConfigError, match=r"contacts.yaml:1: cannot be read: save it as UTF-8"):
        load(tmp_path, OBJECTS)


JUNK = [None, True, 0, -1, "", "$.a", "$", "@path", [], {}, [None], {"@if": 1}, {"@path": None}, {"@first": [{}]}]


def mutated(value, rng):
    """Return *value* with one part of it replaced by junk, taken away or given a second key."""
    if rng.random() < 0.15 or not isinstance(value, dict | list) or not value:
        return rng.choice(JUNK)
    copy = value.copy()
    key = rng.choice(list(copy) if isinstance(copy, dict) else range(len(copy)))
    if rng.random() < 0.15:
        del copy[key]
    elif isinstance(copy, dict) and rng.random() < 0.15:
        copy[rng.choice(["@literal", "@path", "x/y", "_metadata"])] = copy.pop(key)
    else:
        copy[key] = mutated(copy[key], rng)
    return copy


def test_no_mutation_of_the_shipped_files_raises_anything_but_a_list_of_faults(tmp_path):
    shipped = Path(__file__).parents[4] / "mappings"
    rng = random.Random(3)
    names = [path.name for path in shipped.glob("*.yaml")]
    values = {name: read((shipped / name).read_text(encoding="utf-8"), name).value for name in names}
    directory = tmp_path / "mappings"
    shutil.copytree(shipped, directory)
    refused = 0
    for _ in range(100):
        name = rng.choice(names)
        (directory / name).write_text(write_yaml(mutated(values[name], rng)), encoding="utf-8")
        try:
            load(directory, DESCRIBED | {"TrackingOption": OBJECTS["TrackingOption"]})
        except ConfigError as error:
            refused += bool(error.faults)
        shutil.copy(shipped / name, directory / name)
    assert refused > 50

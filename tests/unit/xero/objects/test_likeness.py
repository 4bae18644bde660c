"""Likeness: Xero shows more than it was sent, and spells it its way."""

from decimal import Decimal

import pytest

from segxero.xero.objects.likeness import holds

D = Decimal
PHONES = [{"PhoneType": "DEFAULT", "PhoneNumber": "1"}, {"PhoneType": "FAX", "PhoneNumber": ""}]


@pytest.mark.parametrize(
    ("shown", "wanted", "is_held"),
    [
        ({"Name": "A", "More": 1}, {"Name": "A"}, True),
        ({"Name": "A"}, {"Name": "B"}, False),
        ({}, {"Name": ""}, True),
        ({"EmailAddress": "a@b.c"}, {"EmailAddress": ""}, False),
        ({"Phones": PHONES}, {"Phones": [{"PhoneType": "DEFAULT", "PhoneNumber": "1"}]}, True),
        ({"Phones": PHONES}, {"Phones": [{"PhoneType": "FAX", "PhoneNumber": "1"}]}, False),
        ({"Phones": PHONES}, {"Phones": [{"PhoneType": "MOBILE", "PhoneNumber": "1"}]}, False),
        ({"Price": D("5.0000")}, {"Price": 5}, True),
        ({"Price": D("5.01")}, {"Price": 5}, False),
        ({"List": [{"a": 1}]}, {"List": [{"a": 1}, {"a": 2}]}, False),
        ({"List": [{"a": 1, "b": 2}]}, {"List": [{"a": 1}]}, True),
        ({"Flag": True}, {"Flag": 1}, False),
        ("text", {"Name": "A"}, False),
    ],
)
def test_what_is_shown_holds_what_is_wanted(shown, wanted, is_held):
    assert holds(shown, wanted) is is_held

"""@date: reads what events hold, writes the day of the organisation's time zone."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segxero.errors import ConfigError, MappingError
from segxero.mapping import UNDEFINED, compile_value
from segxero.mapping.language.directive import DirectiveSettings
from segxero.mapping.values.moments import read, write

EVENT = {
    "timestamp": "2026-11-01T23:30:05.123Z",
    "day": "2026-11-01",
    "local": "2026-11-01 09:15",
    "offset": "2026-11-01T09:15:00+13:00",
    "seconds": 1793575800,
    "milliseconds": 1793575800123,
    "text_seconds": "1793575800",
    "european": "31/12/2026",
    "unset": "0001-01-01T00:00:00Z",
    "word": "soon",
    "small": 5,
    "yes": True,
    "nothing": None,
    "empty": "",
    "summer": "2026-07-01T12:00:00Z",
}


def dated(options, time_zone="UTC"):
    directive = {"@date": {"value": f"$.{options}"} if isinstance(options, str) else options}
    return compile_value(directive, settings=DirectiveSettings(time_zone=time_zone), in_file=True)(EVENT)


@pytest.mark.parametrize(
    ("options", "zone", "text"),
    [
        ("timestamp", "UTC", "2026-11-01"),
        ("timestamp", "Pacific/Auckland", "2026-11-02"),
        ("timestamp", "America/Los_Angeles", "2026-11-01"),
        ("day", "Pacific/Auckland", "2026-11-01"),
        ("day", "America/Los_Angeles", "2026-11-01"),
        ("local", "Pacific/Auckland", "2026-11-01"),
        ("offset", "UTC", "2026-10-31"),
        ("offset", "Pacific/Auckland", "2026-11-01"),
        ("seconds", "UTC", "2026-11-01"),
        ("milliseconds", "UTC", "2026-11-01"),
        ("text_seconds", "UTC", "2026-11-01"),
        ({"value": "$.timestamp", "time_zone": "Pacific/Auckland"}, "UTC", "2026-11-02"),
        ({"value": "$.timestamp", "time_zone": "UTC"}, "Pacific/Auckland", "2026-11-01"),
        ({"value": "$.european", "input": "%d/%m/%Y"}, "Pacific/Auckland", "2026-12-31"),
        ({"value": "$.timestamp", "format": "%d.%m.%Y %H:%M"}, "Europe/Berlin", "02.11.2026 00:30"),
        ({"value": "$.summer", "format": "%H:%M %z %Z"}, "Europe/London", "13:00 +0100 BST"),
        ({"value": "$.timestamp", "format": "%-d %B %Y"}, "UTC", "1 November 2026"),
        ({"value": "$.milliseconds", "format": "%s.%L"}, "UTC", "1793575800.123"),
        ({"value": "$.local", "format": "%Y-%m-%dT%H:%M:%S%:z"}, "Pacific/Auckland", "2026-11-01T09:15:00+13:00"),
        ({"value": "2026-02-29T00:00:00Z", "format": "%Y"}, "UTC", None),
    ],
)
def test_a_date_is_that_of_the_time_zone(options, zone, text):
    if text is None:
        with pytest.raises(MappingError, match="should be a date"):
            dated(options, zone)
    else:
        assert dated(options, zone) == text


@pytest.mark.parametrize("name", ["missing", "nothing", "empty", "unset"])
def test_no_date_gives_nothing(name):
    assert dated(name) is UNDEFINED


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("word", '/@date/value: should be a date such as 2026-11-01 or 2026-11-01T10:00:00Z, not "soon"'),
        ("small", '/@date/value: should be a date such as 2026-11-01 or 2026-11-01T10:00:00Z, not "5"'),
        ("yes", 'not "true"'),
        ("european", 'not "31/12/2026"'),
        ({"value": "$.day", "input": "%d/%m/%Y"}, 'should be a date written as %d/%m/%Y, not "2026-11-01"'),
    ],
)
def test_what_is_no_date_is_an_error_with_its_path(options, message):
    with pytest.raises(MappingError) as caught:
        dated(options)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("options", "where", "message"),
    [
        ({}, "/@date", "should have value"),
        ({"value": "$.day", "format": "%Q"}, "/@date/format", "%Q is not known: write signs such as %Y"),
        ({"value": "$.day", "format": ""}, "/@date/format", "should be a text such as %Y-%m-%d"),
        ({"value": "$.day", "format": 5}, "/@date/format", "should be a text such as %Y-%m-%d"),
        ({"value": "$.day", "input": "%d"}, "/@date/input", "cannot be read back"),
        ({"value": "$.day", "time_zone": "Mars/Base"}, "/@date/time_zone", "Mars/Base is not a time zone"),
        ({"value": "$.day", "zone": "UTC"}, "/@date/zone", "is not an option here"),
    ],
)
def test_a_wrong_argument_is_refused_with_its_path(options, where, message):
    with pytest.raises(ConfigError) as caught:
        dated(options)
    assert [fault.path for fault in caught.value.faults] == [where]
    assert message in caught.value.faults[0].message


SIGNS = "aAbBCdeHIjLmMpSuwyYZ%"


@given(
    moment=st.datetimes(datetime.fromisoformat("1900-01-01"), datetime.fromisoformat("2200-01-01")),
    sign=st.sampled_from(SIGNS),
)
def test_the_signs_are_those_of_strftime(moment, sign):
    aware = moment.replace(tzinfo=UTC)
    wanted = f"{aware.microsecond // 1000:03}" if sign == "L" else aware.strftime(f"%{sign}")
    assert write(aware, f"%{sign}") == wanted


@given(moment=st.datetimes(datetime.fromisoformat("1974-01-01"), datetime.fromisoformat("2200-01-01")))
def test_every_form_of_a_moment_is_the_same_moment(moment):
    aware = moment.replace(tzinfo=UTC)
    local = ZoneInfo("Pacific/Auckland")

    def utc(value):
        # Python calls two times of different zones unequal when one of them happens twice, at the end of summer time.
        return read(value, local).astimezone(UTC)

    assert utc(aware.isoformat()) == aware
    assert utc(aware.isoformat().replace("+00:00", "Z")) == aware
    assert utc(aware.astimezone(local).isoformat()) == aware
    seconds = Decimal(int(aware.timestamp()))
    assert utc(seconds) == utc(seconds * 1000) == aware.replace(microsecond=0)


@given(st.text(max_size=70) | st.integers() | st.decimals(allow_nan=False, allow_infinity=False) | st.booleans())
def test_no_value_raises_anything_but_a_mapping_error(value):
    try:
        found = read(value, UTC)
    except MappingError:
        found = None
    assert found is None or found.tzinfo is not None

"""The search for marked texts finds them in every writing: else the tests that search could not fail."""

import base64
import hashlib
from urllib.parse import quote

import pytest

from tests.support.people.marked import PERSON, marked_in, writings

SECRET = "marked-secret+of/the&test"
WRITTEN = {
    "plain": SECRET,
    "in capitals": SECRET.upper(),
    "escaped": quote(SECRET, safe=""),
    "hexadecimal": SECRET.encode().hex(),
    "a digest": hashlib.sha256(SECRET.encode()).hexdigest(),
    **{
        f"Base64 behind {count}": base64.b64encode(b"x" * count + SECRET.encode() + b":rest").decode()
        for count in range(5)
    },
}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_secret_is_found_however_it_is_written(name):
    assert marked_in(f"before {WRITTEN[name]} behind", {"it": SECRET}).keys() == {"it"}


def test_a_digest_is_no_writing_and_nothing_is_found_where_nothing_is():
    assert marked_in(WRITTEN["a digest"], {"it": SECRET}, writings) == {}
    assert marked_in("nothing of the kind", {"it": SECRET, **PERSON}) == {}

import hashlib
import hmac

import pytest

from segxero.operators.password import Password


@pytest.mark.parametrize("text", ["a long password", "pässwörd", "p", "x" * 10_000])
def test_only_the_very_text_is_right(text):
    password = Password(text)
    assert password
    assert password.is_right(text)
    for wrong in ("", text[:-1], text + " ", text.upper() + "1", "\udcff", "ä", "\x00"):
        assert not password.is_right(wrong)


def test_without_a_password_nothing_is_right_not_even_nothing():
    assert not Password("")
    assert not Password("").is_right("")


def test_what_is_compared_differs_in_each_process_and_has_one_length():
    digests = {Password(text)._wanted for text in ("one", "one", "a much longer password" * 50)}
    assert len(digests) == 3
    assert {len(digest) for digest in digests} == {32}


def test_the_proof_of_a_password_needs_the_secret_and_changes_with_the_password():
    proof = Password("one").make_proof("secret")
    assert proof == hmac.new(b"secret", b"one", hashlib.sha256).hexdigest() == Password("one").make_proof("secret")
    assert proof not in {Password("two").make_proof("secret"), Password("one").make_proof("other")}

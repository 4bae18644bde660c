import pytest

from segxero.operators.hops import Hops

TRUSTED = ("10.0.0.1/32", "192.168.0.0/16", "::1/128")


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "proto", "seen"),
    [
        # What a stranger says about itself is worth nothing.
        ("203.0.113.9", "10.0.0.1", "https", ("203.0.113.9", "http")),
        ("10.0.0.2", "198.51.100.7", "https", ("10.0.0.2", "http")),
        # A trusted proxy has added the last entry; what stands before it came from the client.
        ("10.0.0.1", "198.51.100.7", "https", ("198.51.100.7", "https")),
        ("10.0.0.1", "1.1.1.1, 198.51.100.7", "https", ("198.51.100.7", "https")),
        ("10.0.0.1", "1.1.1.1", "https, http", ("1.1.1.1", "http")),
        ("192.168.7.8", "2001:db8::1", "HTTPS", ("2001:db8::1", "https")),
        ("::1", "198.51.100.7", "", ("198.51.100.7", "http")),
        # What cannot be an address or a scheme is not one.
        ("10.0.0.1", "", "", ("10.0.0.1", "http")),
        ("10.0.0.1", "unknown", "javascript", ("10.0.0.1", "http")),
        ("10.0.0.1", "1.1.1.1, ", "", ("10.0.0.1", "http")),
        # A unix socket has no address.
        ("", "198.51.100.7", "https", ("198.51.100.7", "https")),
    ],
)
def test_only_a_trusted_hop_tells_who_is_behind_it(peer, forwarded_for, proto, seen):
    assert Hops(TRUSTED).resolve_client(peer, "http", forwarded_for, proto) == seen


def test_all_hops_can_be_trusted_as_on_heroku_where_nothing_else_reaches_us():
    assert Hops(("*",)).resolve_client("203.0.113.9", "http", "6.6.6.6, 198.51.100.7", "https") == (
        "198.51.100.7",
        "https",
    )

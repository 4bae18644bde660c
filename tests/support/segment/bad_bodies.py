"""Bodies that no Segment sends: strategies of hypothesis, and a table of the worst by hand."""

import gzip
import json
import zlib

from hypothesis import strategies as st

from tests.support.segment.calls import an_event, written

MARK = "Zyxomma"  # stands for personal data: no answer may say it
NAMES = ["type", "messageId", "userId", "anonymousId", "groupId", "projectId", "event", "timestamp", "receivedAt"]
NAMES += ["originalTimestamp", "traits", "properties", "context", "integrations", "products", "total", "email", "json"]
NAMES += ["body", "order_id", "__proto__", "a.b", "a[0]", "$", "", "\x00", "\ud800", MARK]
# Texts of JSON values that are odd, or no JSON at all; Python's own writer would not make most of them.
ODD_TEXTS = [
    *("NaN", "Infinity", "-Infinity", "1e999999", "-1e999999", "1e-999999", "1e399", "1e-399", "-0", "-0.0", "01"),
    *("1.", ".5", "+1", "0x10", "1" * 400, "9" * 4300, "1" * 10_000, "0." + "1" * 5000, "1e309", "9007199254740993"),
    *('"\\ud800"', '"\\udfff\\ud800"', '"\\u0000"', '"\x00"', '"\x1f"', '"\t"', '"\\q"', '"\\u12"', '"', "'a'"),
    *("undefined", "True", "None", "nul", "[", "]", "{", "}", "[,]", "{,}", '{"a"}', '{"a":}', '{"a":1,}', "[1,]"),
    *('{"a":1,"a":2}', "{1:2}", "// a", "/* a */", "\ufeff", "\u2028", '"\u2028"', '"\U0001f600"', '"\u202e"'),
    '"' + "x" * 70_000 + '"',
    *("[" * 99 + "]" * 99, "[" * 101 + "]" * 101, "[" * 100_000, '{"a":' * 5000 + "1" + "}" * 5000),
    *('"2026-02-30"', '"-292277022-01-01T00:00:00Z"', '"9999-12-31T23:59:59.999999-23:59"'),
    *('"10000-01-01"', "-62135596801", '"1e999999999"', '"NaN"', '"' + "9" * 5000 + '"', f'"{MARK}"'),
    *('"{{7*7}}"', '"$.userId"', "[[]]", "[null]", "[0]"),
]
TEXT = st.text(max_size=8) | st.sampled_from(["\ud800", "a\x00b", MARK, "u1", "Order Completed", "x" * 300])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXT
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | TEXT, inner, max_size=4),
    max_leaves=8,
)
TEXTS = st.sampled_from(ODD_TEXTS) | VALUES.map(json.dumps)


PRODUCT = {"name": "Mug", "price": 20, "quantity": 1}
WHOLE = [
    an_event(),
    an_event(properties={"order_id": "O-1", "products": [PRODUCT], "total": 20}),
    an_event(type="identify", traits={"name": "Ann", "email": "ann@example.com", "phone": "+64 1"}),
    an_event(type="group", groupId="g1", traits={"name": "Ann & Co"}),
]
INNER = ["order_id", "products", "total", "tax", "shipping", "discount", "currency", "coupon", "name", "email", "phone"]


def _odd(names):
    return st.lists(st.tuples(st.sampled_from(names).map(json.dumps), TEXTS), max_size=4)


def _written(members):
    return "{" + ",".join(f"{name}:{text}" for name, text in members) + "}"


def _members(value):
    return [(json.dumps(name), json.dumps(member)) for name, member in value.items()]


@st.composite
def events(draw):
    """Write an event of which some members are odd, some are there twice, and most is as it should be."""
    whole = draw(st.sampled_from(WHOLE))
    inner = [
        (json.dumps(name), _written([*_members(whole[name]), *draw(_odd(INNER))]))
        for name in ("properties", "traits")
        if name in whole
    ]
    return _written(draw(st.permutations([*_members(whole), *inner, *draw(_odd(NAMES))])))


@st.composite
def batches(draw):
    """Write an array of events, wrapped ones, and what is no event."""
    wrapped = events().map(lambda text: f'{{"json":{text}}}')
    return "[" + ",".join(draw(st.lists(events() | wrapped | TEXTS, max_size=5))) + "]"


def _encoded(text, encoding):
    return text.encode(encoding, "surrogatepass" if encoding.startswith("utf") else "replace")


@st.composite
def _damaged(draw):
    """Cut a good body off, or change one byte of it."""
    raw = bytearray(written([an_event(name=MARK), an_event(messageId="m2")]))
    at = draw(st.integers(0, len(raw) - 1))
    if draw(st.booleans()):
        return bytes(raw[:at])
    raw[at] = draw(st.integers(0, 255))
    return bytes(raw)


ENCODINGS = st.sampled_from(["utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-32-le", "latin-1", "utf-7"])
BODIES = (
    st.builds(_encoded, events() | batches() | TEXTS, ENCODINGS)
    | _damaged()
    | st.binary(max_size=200)
    | st.text(alphabet='[]{}",:\\ud80123456789eE+-.tfnNaI\x00', max_size=100).map(str.encode)
)

_GOOD = written(an_event(name=MARK))
# Each is refused as a whole, signed as it is: name -> body.
REFUSED = {
    "no JSON": f"name={MARK}&order=7".encode(),
    "a text": f'"{MARK}"'.encode(),
    "cut off": _GOOD[:-1],
    "followed by more": _GOOD + b"x",
    "UTF-16": f'{{"type":"track","name":"{MARK}"}}'.encode("utf-16"),
    "UTF-32": f'{{"type":"track","name":"{MARK}"}}'.encode("utf-32"),
    "Latin-1": f'{{"type":"track","name":"é{MARK}"}}'.encode("latin-1"),
    "a byte order mark": b"\xef\xbb\xbf" + _GOOD,
    "a raw surrogate": b'{"type":"track","name":"\xed\xa0\x80"}',
    "gzip": gzip.compress(_GOOD),
    "a bomb of 300 MB": gzip.compress(b" " * 300_000_000, compresslevel=1),
    "deflate": zlib.compress(_GOOD),
    "100,000 brackets": b"[" * 100_000,
    "100,000 brackets closed": b"[" * 100_000 + b"]" * 100_000,
    "100,000 objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "an exponent beyond all measure": b'{"type":"track","total":1e999999}',
    "10,000 digits": b'{"type":"track","total":' + b"9" * 10_000 + b"}",
    "NaN": b'{"type":"track","total":NaN}',
    "Infinity": b'{"type":"track","total":[-Infinity]}',
    "a raw NUL": b'{"type":"track","name":"\x00"}',
    "100,000 elements": b"[" + b"1," * 99_999 + b"1]",
    "three million values": b'{"type":"track","a":[' + b"[]," * 3_000_000 + b"1]}",
    "an array with a comma too many": b"[" + _GOOD + b",]",
    "spaces": b" \n" * 1000,
}

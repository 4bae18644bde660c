"""Marked secrets and marked people: texts that occur nowhere else, and every form in which one may be written."""

import base64
import hashlib
from decimal import Decimal
from urllib.parse import quote, quote_plus

from tests.support.segment.shop_events import group, identify, order, product, tracked

SECRETS = {
    "SEGMENT_SHARED_SECRET": "marked-shared+secret/of&segment",
    "SEGMENT_BEARER_TOKEN": "marked-bearer-token-of-segment",
    "SEGMENT_WRITE_KEY": "marked-write-key-of-segment",
    "SEGMENT_API_TOKEN": "marked-api-token-of-segment",
    "XERO_CLIENT_SECRET": "marked-client+secret/of&xero",
    "SEGXERO_SECRET_KEY": "marked-secret-key-of-segxero",
    "SEGXERO_PASSWORD": "marked-password-of-operator",
}
REDIS_PASSWORD = "marked-password-of-redis"
DSN_KEY = "markedpublickeyofsentry"
HOOK = "/hook/marked-path-of-the-hook"

# What a person would not want to be read: each text is in the events, and in nothing else.
PERSON = {
    "name": "Zyxomma Quillfeather",
    "first name": "Zyxofirst",
    "last name": "Quillast",
    "e-mail": "zyxomail@quillhost.example",
    "phone": "+64 555 7310 9942",
    "street": "77 Zyxostreet Parade",
    "city": "Quilltown",
    "company": "Zyxocompany Holdings Ltd",
    "order id": "ZYXORDER-4471",
    "coupon": "ZYXOCOUPON-5",
    "note": "leave it behind the zyxoshed",
    "product": "Zyxo Nightgown",
    "owner": "zyxowner@quillhost.example",
    "key": "zyxokey@quillhost.example",  # the id by which a shop may know its people
}


def forms(secret: str) -> set[str]:
    """Return *secret* in every writing, and its digests, from which it can be guessed where a person has chosen it."""
    return writings(secret) | {
        hashlib.new(name, secret.encode()).hexdigest() for name in ("md5", "sha1", "sha256", "sha512")
    }


def writings(secret: str) -> set[str]:
    """Return *secret* as it is, escaped, in hexadecimal, and in Base64 at each of three places."""
    raw = secret.encode()
    found = {secret, quote(secret, safe=""), quote_plus(secret), raw.hex()}
    for before in range(3):
        for write in (base64.b64encode, base64.urlsafe_b64encode):
            # The first and the last letters depend on what stands beside.
            whole = write(b"\0" * before + raw).decode().rstrip("=")
            found.add(whole[-(-before * 8 // 6) : len(raw) * 8 // 6 - 1])
    return found


def marked_in(text: str, marks: dict[str, str], spelled=forms) -> dict[str, str]:
    """Return the names of the *marks* that occur in *text* in any form, each with what stands around it."""
    lower = text.lower()
    hits = {}
    for name, mark in marks.items():
        for form in spelled(mark):
            at = lower.find(form.lower())
            if at >= 0:
                hits[name] = text[max(at - 80, 0) : at + 120]
    return hits


def events(source: str = "") -> list[dict]:
    """Return events of which every text about a person is marked, and many of which come to grief."""
    person = {
        "name": PERSON["name"],
        "first_name": PERSON["first name"],
        "last_name": PERSON["last name"],
        "email": PERSON["e-mail"],
        "phone": PERSON["phone"],
        "address": {"street": PERSON["street"], "city": PERSON["city"], "country": "NZ"},
        "company": PERSON["company"],
        "owner": PERSON["owner"],
    }
    number = PERSON["order id"]
    products = [product(PERSON["product"], "20.00", sku="SKU-1", coupon=PERSON["coupon"])]
    bought = {"products": products, "total": "20.00", "coupon": PERSON["coupon"], "note": PERSON["note"]}
    made = [
        identify("u1", **person),
        identify("u2", at=1, **{**person, "email": "another." + PERSON["e-mail"]}),
        identify("u3", at=1, name=PERSON["name"] + " III", email=PERSON["e-mail"] + " no address"),
        identify("u4", at=1, name=PERSON["name"] + " IV", phone=PERSON["phone"] * 9),
        identify(PERSON["key"], at=1, message="keyed", name=PERSON["name"] + " V", email=PERSON["key"]),
        order(number + "-f", PERSON["key"], at=3, message="keyed-2", **{**bought, "total": "98.00"}),
        group("g1", "u1", at=2, name=PERSON["company"], address=person["address"]),
        order(number, "u1", at=3, campaign=PERSON["coupon"], owner=PERSON["owner"], email=PERSON["e-mail"], **bought),
        order(number + "-b", "u2", at=3, email=PERSON["e-mail"], **{**bought, "total": "99.00"}),
        order(number + "-c", "u2", at=3, **{**bought, "currency": PERSON["company"]}),
        order(number + "-d", "u1", at=3, **bought),
        tracked("Order Refunded", number, at=5, total=Decimal("20.00"), note=PERSON["note"]),
        tracked("Order Refunded", number + "-e", at=5, total=Decimal("20.00"), note=PERSON["note"]),
        {"type": "group", "messageId": "no-group", "traits": {"name": PERSON["company"]}},
        {"type": "track", "event": "Order Completed", "messageId": "no-order", "properties": {"note": PERSON["note"]}},
        {"type": PERSON["name"], "messageId": "odd", "traits": person},
    ]
    return [{**event, **({"projectId": source} if source else {})} for event in made]

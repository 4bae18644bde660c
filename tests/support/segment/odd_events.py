"""Events that the receiver accepts and that no shop sends on purpose: each odd value at every place."""

VALUES = {
    "lone surrogates": '"\\udfff\\ud800x"',
    "NUL": '"a\\u0000b"',
    "a huge number": "1e399",
    "4,300 digits": "9" * 4300,
    "text of a number beyond all measure": '"1e999999999"',
    "minus nothing": "-0.0",
    "a list of lists": "[[[[]]]]",
    "70,000 characters": '"' + "x" * 70_000 + '"',
    "marks of direction": '"\\u202e\\u2028|:\\n"',
    "an empty text": '""',
}
TIME = '"2025-03-03T09:00:00Z"'
PERSON = '{"name":"Person %d","email":"person%d@example.com"}'


def _event(number, kind, members):
    known = {"type": f'"{kind}"', "messageId": f'"odd-{number}"', "timestamp": TIME, "receivedAt": TIME, **members}
    return "{" + ",".join(f'"{name}":{text}' for name, text in known.items()) + "}"


def _order(number, properties, **members):
    known = {"order_id": f'"O-{number}"', "total": "20", "products": '[{"name":"Mug","price":20,"quantity":1}]'}
    text = "{" + ",".join(f'"{name}":{value}' for name, value in {**known, **properties}.items()) + "}"
    sender = {"event": '"Order Completed"', "userId": f'"u{number}"', "properties": text}
    return _event(number, "track", {**sender, **members})


def _identify(number, traits, **members):
    return _event(number, "identify", {"userId": f'"p{number}"', "traits": traits, **members})


# Each makes an event of the number and the odd value.
PLACES = {
    "the name": lambda n, odd: _identify(n, f'{{"name":{odd},"email":"e{n}@example.com"}}'),
    "the other traits": lambda n, odd: _identify(
        n, f'{{"name":"P{n}","email":{odd},"phone":{odd},"address":{odd},"company":{odd}}}'
    ),
    "a message id": lambda n, odd: _identify(n, PERSON % (n, n), messageId=odd),
    "the times": lambda n, odd: _order(n, {}, timestamp=odd, receivedAt=odd),
    "the sender": lambda n, odd: _order(n, {}, userId=odd),
    "the order's id": lambda n, odd: _order(n, {"order_id": odd}),
    "the amounts": lambda n, odd: _order(n, {"total": odd, "tax": odd, "shipping": odd, "currency": odd}),
    "the products": lambda n, odd: _order(n, {"products": odd}),
    "a product": lambda n, odd: _order(
        n, {"products": f'[{{"name":{odd},"sku":{odd},"price":20,"quantity":1}}]', "coupon": odd}
    ),
    "a price": lambda n, odd: _order(n, {"products": f'[{{"name":"x","price":{odd},"quantity":{odd}}}]'}),
    "a group": lambda n, odd: _event(n, "group", {"groupId": odd, "traits": f'{{"name":"Group {n}"}}'}),
    "a refund": lambda n, odd: _order(n, {"total": odd, "products": odd}, event='"Order Refunded"'),
}


def texts():
    """Return every event as text."""
    pairs = [(place, odd) for place in PLACES.values() for odd in VALUES.values()]
    return [place(number, odd) for number, (place, odd) in enumerate(pairs)]

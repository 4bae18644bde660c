"""The end state L3 once more, written from the rulebook alone: whole cents, plain tuples, no code of the product.

An order has shirts (57.50 with 15 % GST) and books (20.00, zero-rated). Times are minutes since its first version,
which is of 3 November, 09:00 in Auckland. Every fact is a tuple that begins with its kind and its time.
"""

from datetime import date, timedelta
from typing import NamedTuple

SHIRT, BOOK = 5750, 2000
MONTH_END = 28 * 1440 - 9 * 60  # the end of 30 November, in minutes after 3 November, 09:00
SETTLE, DAY = 10, 1440


class Version(NamedTuple):
    time: int
    shirts: int
    books: int

    @property
    def total(self):
        return self.shirts * SHIRT + self.books * BOOK


class Cancellation(NamedTuple):
    time: int


class Refund(NamedTuple):
    time: int
    name: str  # empty: without a refund_id
    amount: int | None


class Receipt(NamedTuple):
    time: int
    name: str
    amount: int
    method: str  # card or bank_transfer


class Repayment(NamedTuple):
    time: int
    name: str
    amount: int


class Books(NamedTuple):
    documents: dict  # number -> (kind, day, total or None where it is void)
    money_in: list  # (document, amount, method)
    money_out: list
    set_off: list  # (credit note, invoice, amount)
    questions: list  # kinds


def day_of(time):
    return date(2026, 11, 3) + timedelta(days=(9 * 60 + time) // DAY)


class Walk:
    """What one walk through the facts, in order of time, has made so far."""

    def __init__(self, facts):
        self.facts = sorted(set(facts), key=lambda fact: (fact.time, str(fact)))
        self.versions = self.of(Version)
        self.cancel = min((fact.time for fact in self.of(Cancellation)), default=None)
        self.refunds, self.questions = which_refunds(self.of(Refund))
        self.documents, self.invoices, self.notes = {}, [], []  # a note is number, refund name, amount, time
        self.left, self.number, self.told_by_change = 0, 1, set()

    def of(self, kind):
        return [fact for fact in self.facts if isinstance(fact, kind)]

    def is_late(self, time):
        return self.cancel is not None and time > self.cancel

    def sell(self, number, time, amount):
        self.documents[number] = ("invoice", day_of(time), amount)
        self.invoices.append((number, amount))
        self.left += amount

    def credit(self, number, refund, time, amount):
        self.documents[number] = ("credit note", day_of(time), amount)
        self.notes.append((number, refund, amount, time))
        self.left -= amount

    def change(self, version, before):
        if self.is_late(version.time):
            self.questions += ["alive_again"] if version.total else []
            return
        difference = version.total - before.total
        assert difference or version[1:] == before[1:], "no two baskets of the generator have one total"
        if difference > 0:
            self.number += 1
            self.sell(f"1001/{self.number}", version.time, difference)
        elif difference < 0 and self.is_new(version, -difference):
            self.number += 1
            self.credit(f"1001-C{self.number}", "", version.time, -difference)

    def is_new(self, version, reduction):
        earlier = max(each.time for each in self.versions if each.time < version.time)
        verdict, names = told_twice(
            reduction, version.time, earlier, self.refunds, self.left, self.notes, self.told_by_change
        )
        self.told_by_change |= names
        if verdict == "none" and reduction <= self.left:
            return True
        self.questions += {"same": [], "doubtful": ["change_or_refund"], "none": ["more_than_left"]}[verdict]
        return False

    def refund(self, fact):
        if self.is_late(fact.time):
            return
        amount = self.left if fact.amount is None else fact.amount
        if amount > self.left:
            self.questions.append("over_refunded")
        elif amount:
            self.credit(f"1001-R-{fact.name}", fact.name, fact.time, amount)

    def cancel_rest(self):
        if self.left > 0:
            self.credit("1001-R", "cancellation", self.cancel, self.left)

    def is_void(self):
        if self.cancel is None or self.cancel > MONTH_END or self.of(Repayment):
            return False
        return all(fact.time > self.cancel for fact in (*self.of(Receipt), *self.of(Refund)))


def end_state(facts):
    """Return the books that L3 wants for *facts*, in whatever order these are."""
    walk = Walk(facts)
    receipts, first = walk.of(Receipt), walk.versions[0].time
    causes = [MONTH_END, *(fact.time for kind in (Receipt, Refund, Cancellation) for fact in walk.of(kind)[:1])]
    freeze = max(min(causes), first + SETTLE)
    before = [each for each in walk.versions if each.time <= freeze][-1]
    walk.sell("1001", first, before.total)
    queue = [(each.time, 0, each) for each in walk.versions if each.time > freeze]
    queue += [(each.time, 1, each) for each in walk.refunds]
    queue += [] if walk.cancel is None else [(walk.cancel, 2, None)]
    for _, rank, fact in sorted(queue, key=lambda each: each[:2]):
        if rank == 0:
            walk.change(fact, before)
            before = fact
        elif rank == 1:
            walk.refund(fact)
        else:
            walk.cancel_rest()
    documents, notes, invoices = walk.documents, walk.notes, walk.invoices
    if walk.is_void():
        documents = {name: (kind, day, None) for name, (kind, day, _) in documents.items() if kind == "invoice"}
        notes, invoices = [], []
    money_in, counted = pay_in(receipts, invoices, walk.questions)
    told_on = {}
    money_out, rest = pay_told(notes, counted, walk.of(Repayment), walk.questions, told_on)
    money_out += pay_derived(notes, counted, walk, money_out, rest, told_on)
    made = set_off(invoices, notes, money_in, money_out)
    return Books(documents, money_in, money_out, made, sorted(walk.questions))


def which_refunds(told):
    """L6: a refund_id is one refund with its newest content, at its first time; unnamed repeats of 10 minutes wait."""
    kept, questions, first, newest, last = {}, [], {}, {}, {}
    for refund in told:
        if refund.name:
            first.setdefault(refund.name, refund.time)
            newest[refund.name] = refund.amount
    for name, time in first.items():
        kept[name] = Refund(time, name, newest[name])
    for refund in told:
        if refund.name:
            continue
        if refund.amount in last and refund.time - last[refund.amount] <= 10:
            questions.append("told_twice")
        else:
            kept[f"at {refund.time} {refund.amount}"] = Refund(
                refund.time, f"at {refund.time} {refund.amount}", refund.amount
            )
        last[refund.amount] = refund.time
    return sorted(kept.values(), key=lambda each: (each.time, each.name)), questions


def told_twice(reduction, time, earlier, refunds, left, notes, gone):
    """L9: whether a reduction is a refund of the same 24 hours, or all refunds since the version before."""
    near = []
    for refund in refunds:
        booked = [note[2] for note in notes if note[1] == refund.name]
        amount = booked[0] if booked else left if refund.amount is None else refund.amount
        if refund.name not in gone and abs(refund.time - time) <= DAY:
            near.append((refund, amount))
    sets = {frozenset([refund.name]): amount for refund, amount in near}
    since = [(refund, amount) for refund, amount in near if refund.time > earlier]
    if since:
        sets[frozenset(refund.name for refund, _ in since)] = sum(amount for _, amount in since)
    exact = [names for names, amount in sets.items() if amount == reduction]
    if len(exact) == 1:
        return "same", exact[0]
    close = any(abs(amount - reduction) <= 2 for amount in sets.values())
    return ("doubtful", set()) if exact or close else ("none", set())


def pay_in(receipts, invoices, questions):
    """L3.6 and P7: receipts in order of time, up to the invoices; a receipt that is too much waits as a whole."""
    room = dict(invoices)
    paid, counted = [], []
    for receipt in sorted(receipts, key=lambda each: (each.time, each.name)):
        if receipt.amount > sum(room.values()):
            questions.append("overpaid")
            continue
        counted.append(receipt)
        rest = receipt.amount
        for name, free in room.items():
            part = min(rest, free)
            if part:
                paid.append((name, part, receipt.method))
            room[name] = free - part
            rest -= part
    return paid, counted


def pay_told(notes, receipts, told, questions, told_on):
    """P9: told money goes out only if it came in and something was credited."""
    rest, out = {note[0]: note[2] for note in notes}, []
    for repayment in told:
        if sum(amount for _, amount, _ in out) + repayment.amount > sum(each.amount for each in receipts):
            questions.append("unpaid_repayment")
        elif repayment.amount > sum(rest.values()):
            questions.append("repayment_without_credit")
        else:
            amount = repayment.amount
            for name, free in rest.items():
                part = min(amount, free)
                if part:
                    out.append((name, part, "card"))
                    told_on[name] = told_on.get(name, 0) + part
                rest[name] = free - part
                amount -= part
    return out, rest


def pay_derived(notes, receipts, walk, told, rest, told_on):
    """P8: refunds of what was paid by card until then pay back, up to what their credit note has left."""
    out = []
    for refund in walk.refunds:
        found = [(note, note[2]) for note in notes if note[1] == refund.name]
        if not found and walk.is_late(refund.time):
            found = [(note, refund.amount or note[2]) for note in notes if note[1] == "cancellation"]
        if not found or told_on.get(found[0][0][0]):
            continue
        note, most = found[0]
        came = sum(each.amount for each in receipts if each.method == "card" and each.time <= refund.time)
        part = min(most, rest[note[0]], came - sum(amount for _, amount, _ in (*told, *out)))
        if part > 0:
            out.append((note[0], part, "card"))
            rest[note[0]] -= part
    return out


def set_off(invoices, notes, money_in, money_out):
    """L3.8: each credit note in order of time against what is due, its own invoice first."""
    due = {name: amount - sum(part for on, part, _ in money_in if on == name) for name, amount in invoices}
    made = []
    for name, _, amount, _ in notes:
        rest = amount - sum(part for on, part, _ in money_out if on == name)
        for invoice, owed in due.items():
            part = min(rest, owed)
            if part > 0:
                made.append((name, invoice, part))
                due[invoice] = owed - part
                rest -= part
    return sorted(made)

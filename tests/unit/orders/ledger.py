"""A ledger that refuses what Xero refuses (L2), for the steps of L4. Shares no code with the sandbox or the product."""

from dataclasses import dataclass, field

from segxero.orders.books import INVOICE
from segxero.orders.steps import FoundBooks, Step


@dataclass
class Ledger:
    """Holds the documents and the money of one order, and takes one step at a time."""

    documents: dict = field(default_factory=dict)
    payments: list = field(default_factory=list)
    repayments: list = field(default_factory=list)
    allocations: list = field(default_factory=list)

    def found(self):
        return FoundBooks(
            documents=tuple(self.documents.values()),
            payments=tuple(self.payments),
            repayments=tuple(self.repayments),
            allocations=tuple(self.allocations),
        )

    def take(self, do):
        if do.document:
            self._write(do.step, do.document)
        elif do.payment:
            self._move(do.step, do.payment)
        elif do.step is Step.DELETE_ALLOCATION:
            self.allocations.remove(do.allocation)
        else:
            for number in (do.allocation.credit_note, do.allocation.invoice):
                assert do.allocation.amount <= self.rest_of(number), f"more is set off than is open on {number}"
            self.allocations.append(do.allocation)

    def rest_of(self, number):
        money = sum(each.amount for each in (*self.payments, *self.repayments) if each.document == number)
        used = sum(each.amount for each in self.allocations if number in (each.credit_note, each.invoice))
        return self.documents[number].total - money - used

    def _write(self, step, document):
        number = document.number
        if step is Step.CREATE:
            assert number not in self.documents, f"{number} is there already"
        elif step is Step.VOID or self._money(document) != self._money(self.documents[number]):
            assert self.rest_of(number) == self.documents[number].total, f"something is applied to {number}"
        if step is Step.VOID:
            del self.documents[number]
        else:
            self.documents[number] = document

    @staticmethod
    def _money(document):
        return document.day, sorted((line.account, line.tax_type, line.amount, line.tax) for line in document.lines)

    def _move(self, step, payment):
        there = self.payments if self._is_invoice(payment) else self.repayments
        if step is Step.DELETE_PAYMENT:
            there.remove(payment)
            return
        assert payment.amount <= self.rest_of(payment.document), f"more than is open on {payment.document}"
        assert payment not in there, f"{payment.reference} is paid twice"
        there.append(payment)

    def _is_invoice(self, payment):
        return self.documents[payment.document].kind == INVOICE

"""A Xero over HTTP whose answers are prescribed record by record: what each invoice meets, write after write."""

import threading
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.support.processes.http_server import Answer, Received

# What the whole call meets that carries such a record, and what the record meets alone.
LIMITED, BEFORE, AFTER, TIME_OUT, LOST = "429", "500 before commit", "500 after commit", "time-out", "lost answer"
PASSES, REFUSED, OK = "error that passes", "validation error", "ok"
OF_CALLS = (LIMITED, BEFORE, AFTER, TIME_OUT, LOST)
COMMITTED = (AFTER, TIME_OUT, LOST)
RETRY_AFTER = 7
JSON = {"Content-Type": "application/json"}


@dataclass(slots=True)
class ScriptedInvoices:
    """Answers Contacts and Invoices; *scripts* holds what is still to come for each number, then it is OK.

    A write meets what is next for the first of its elements that has an answer of OF_CALLS next.
    """

    scripts: Mapping[str, list[str]]
    slow: float  # seconds after which every caller has given up
    held: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: Counter[tuple[str, str]] = field(default_factory=Counter)  # (organisation, look or write) -> calls
    _lock: Any = field(default_factory=threading.Lock)

    def __call__(self, received: Received) -> Answer:
        with self._lock:
            if received.path.endswith("/Contacts"):
                elements = received.json["Contacts"] if received.method == "POST" else []
                return _good("Contacts", [{"ContactID": str(uuid.uuid4()), **element} for element in elements])
            if received.method == "GET":
                return self._look(received.query["InvoiceNumbers"].split(","))
            return self._write(received.json["Invoices"])

    def _look(self, numbers: Sequence[str]) -> Answer:
        self.calls[organisation_of(numbers[0]), "look"] += 1
        return _good("Invoices", [self.held[number] for number in numbers if number in self.held])

    def _write(self, elements: Sequence[dict[str, Any]]) -> Answer:
        numbers = [element["InvoiceNumber"] for element in elements]
        self.calls[organisation_of(numbers[0]), "write"] += 1
        met = next((self.scripts[number].pop(0) for number in numbers if _next(self.scripts[number]) in OF_CALLS), OK)
        if met == LIMITED:
            return Answer(status=429, headers={"Retry-After": str(RETRY_AFTER), "X-Rate-Limit-Problem": "minute"})
        if met == BEFORE:
            return Answer(status=500)
        answer = _good("Invoices", [self._element(element) for element in elements])
        if met == AFTER:
            return Answer(status=500)
        if met == TIME_OUT:
            return Answer(drop=True, delay=self.slow)
        return Answer(drop=True) if met == LOST else answer

    def _element(self, element: dict[str, Any]) -> dict[str, Any]:
        number = element["InvoiceNumber"]
        script = self.scripts[number]
        if number in self.held:
            return _refused(element, "Invoice # must be unique.")
        if _next(script) == PASSES:
            script.pop(0)
            return _refused(element, "An error occurred in Xero. Check the API Status page.")
        if _next(script) == REFUSED:
            return _refused(element, "Account code '999' is not a valid code")
        lines = [{**line, "LineItemID": str(uuid.uuid4())} for line in element["LineItems"]]
        kept = {
            "InvoiceID": str(uuid.uuid4()),
            "Total": 20,
            "StatusAttributeString": "OK",
            **element,
            "LineItems": lines,
        }
        self.held[number] = kept
        return kept


def organisation_of(number: str) -> str:
    return number.partition("-")[0]


def _next(script: Sequence[str]) -> str:
    return script[0] if script else OK


def _refused(element: Mapping[str, Any], sentence: str) -> dict[str, Any]:
    return {**element, "StatusAttributeString": "ERROR", "HasErrors": True, "ValidationErrors": [{"Message": sentence}]}


def _good(name: str, elements: Sequence[Any]) -> Answer:
    return Answer(body={name: list(elements)}, headers=JSON)

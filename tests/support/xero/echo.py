"""A Xero that the tests script: it keeps what is written, or answers and fails as it is told to."""

import itertools
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeAlias

from segxero.xero.api.answers import NO_ID
from segxero.xero.api.request import Request

ARCHIVED = (
    "The specified contact details matched an archived contact. "
    "Archived contacts cannot currently be edited via the API."
)
Next: TypeAlias = Mapping[str, Any] | Exception | Callable[[Request], Mapping[str, Any]]

COLLECTIONS = {"Contacts": ("ContactID", "ContactNumber"), "Invoices": ("InvoiceID", "InvoiceNumber")}


def refused(*sentences: str, **element: Any) -> dict[str, Any]:
    """Return an element that Xero refuses: it echoes the input and has an id of zeros."""
    return {
        "ContactID": NO_ID,
        "InvoiceID": NO_ID,
        **element,
        "StatusAttributeString": "ERROR",
        "HasErrors": True,
        "ValidationErrors": [{"Message": sentence} for sentence in sentences],
    }


@dataclass(slots=True)
class EchoXero:
    """Stands for XeroClient. *script* holds what comes next: an answer, an error, or a function of the request."""

    script: deque[Next] = field(default_factory=deque)
    calls: list[Request] = field(default_factory=list)
    idempotency_keys: list[str] = field(default_factory=list)
    contacts: list[dict[str, Any]] = field(default_factory=list)
    invoices: list[dict[str, Any]] = field(default_factory=list)
    categories: list[dict[str, Any]] = field(default_factory=list)
    refuse: dict[str, tuple[str, ...]] = field(default_factory=dict)  # number or name -> sentences
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def then(self, *answers: Next) -> None:
        """Answer the next calls so."""
        self.script.extend(answers)

    @property
    def writes(self) -> list[Request]:
        return [call for call in self.calls if call.method != "GET"]

    @property
    def reads(self) -> list[Request]:
        """The look-ups, without those that read the names of all contacts."""
        return [call for call in self.calls if call.method == "GET" and "summaryOnly" not in call.params]

    def call(
        self,
        organisation: str,
        request: Request,
        idempotency_key: str = "",
        last_look: Callable[[], object] | None = None,
    ) -> dict[str, Any]:
        if last_look:
            last_look()
        if "summaryOnly" in request.params and not self.script:
            self.calls.append(request)
            return {"Contacts": [dict(contact) for contact in self.contacts]}
        self.calls.append(request)
        self.idempotency_keys.append(idempotency_key)
        if self.script:
            step = self.script.popleft()
            if isinstance(step, Exception):
                raise step
            return dict(step(request) if callable(step) else step)
        return self.keep(request)

    def keep(self, request: Request) -> dict[str, Any]:
        """Do what a well-behaved Xero does."""
        collection = request.path.split("/")[1]
        if collection == "TrackingCategories":
            return self._tracking(request)
        stored = self.contacts if collection == "Contacts" else self.invoices
        if request.method == "GET":
            asked = request.params.get("where") or request.params["InvoiceNumbers"]
            identifier, number = COLLECTIONS[collection]
            found = [one for one in stored if str(one.get(number)) in asked or f'"{one[identifier]}"' in asked]
            return {collection: [dict(one) for one in found]}
        return {collection: [self._written(collection, stored, dict(element)) for element in request.body[collection]]}

    def lose_answer(self, error: Exception) -> Callable[[Request], Mapping[str, Any]]:
        """Return a step that writes and then fails with *error*."""

        def step(request: Request) -> Mapping[str, Any]:
            self.keep(request)
            raise error

        return step

    def _written(self, collection: str, stored: list[dict[str, Any]], element: dict[str, Any]) -> dict[str, Any]:
        identifier, number = COLLECTIONS[collection]
        if refusal := self._archived(element):
            return refusal
        for name in (element.get(number), element.get("Name"), element.get(identifier)):
            if name in self.refuse:
                return refused(*self.refuse[str(name)], **element)
        found = next((kept for kept in stored if kept[identifier] == element.get(identifier)), None)
        if found is None and collection == "Contacts":
            found = next((kept for kept in stored if kept.get(number) == element.get(number)), None)
        if found is None:
            found = {identifier: f"{identifier[:3].lower()}-{next(self.numbers)}"}
            stored.append(found)
        found.update(element)
        if collection == "Invoices":
            self._sum(found)
        return {**found, "StatusAttributeString": "OK", "HasErrors": False, "ValidationErrors": []}

    def _archived(self, element: dict[str, Any]) -> dict[str, Any]:
        """Return the refusal of a write to an archived contact, or to a document of one."""
        identifier = element.get("ContactID") or element.get("Contact", {}).get("ContactID")
        found = next((contact for contact in self.contacts if contact["ContactID"] == identifier), {})
        return refused(ARCHIVED, **element) if found.get("ContactStatus") == "ARCHIVED" else {}

    def _sum(self, invoice: dict[str, Any]) -> None:
        for line in invoice["LineItems"]:
            line.setdefault("LineItemID", f"line-{next(self.numbers)}")
        total = sum((line.get("Quantity", 0) * line.get("UnitAmount", 0) for line in invoice["LineItems"]), Decimal(0))
        if invoice["LineAmountTypes"] == "Exclusive":
            total += sum((line.get("TaxAmount", 0) for line in invoice["LineItems"]), Decimal(0))
        invoice["Total"] = total

    def _tracking(self, request: Request) -> dict[str, Any]:
        if request.method == "GET":
            return {"TrackingCategories": [dict(category) for category in self.categories]}
        if request.path.endswith("/Options"):
            identifier = request.path.split("/")[2]
            option = {"TrackingOptionID": f"opt-{next(self.numbers)}", "Status": "ACTIVE", **request.body}
            category = next(found for found in self.categories if found["TrackingCategoryID"] == identifier)
            category["Options"].append(option)
            return {"Options": [option]}
        category = {
            "TrackingCategoryID": f"cat-{next(self.numbers)}",
            "Status": "ACTIVE",
            "Options": [],
            **request.body,
        }
        self.categories.append(category)
        return {"TrackingCategories": [category]}

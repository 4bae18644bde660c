"""A scripted Xero that keeps contact groups as well, and can lose the answer to one call."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from segxero.errors import UncertainError, XeroValidationError
from segxero.xero.api.answers import NotThereError
from segxero.xero.api.request import Request
from tests.support.xero.echo import EchoXero


@dataclass(slots=True)
class GroupXero(EchoXero):
    """EchoXero with contact groups: name -> ids of contacts. Those who are *unwelcome* (numbers) cannot join."""

    members: dict[str, list[str]] = field(default_factory=dict)
    unwelcome: set[str] = field(default_factory=set)
    losses: list[tuple[str, str, bool]] = field(default_factory=list)
    failures: list[tuple[str, Exception]] = field(default_factory=list)
    lost: int = 0

    def lose(self, method: str, path: str, *, arrived: bool) -> None:
        """Lose the answer to the next group call of *method* that ends in, or holds, *path*."""
        self.losses.append((method, path, arrived))

    def fail(self, method: str, error: Exception) -> None:
        """Let the next group call of *method* fail with *error*."""
        self.failures.append((method, error))

    def add(self, name: str) -> None:
        self.members[name] = []

    def membership(self) -> dict[str, list[str]]:
        """Return the numbers of the contacts in each group."""
        numbers = {contact["ContactID"]: contact["ContactNumber"] for contact in self.contacts}
        return {name: sorted(numbers[one] for one in ids) for name, ids in self.members.items()}

    def call(
        self,
        organisation: str,
        request: Request,
        idempotency_key: str = "",
        last_look: Callable[[], object] | None = None,
    ) -> dict[str, Any]:
        if not request.path.startswith("/ContactGroups"):
            return EchoXero.call(self, organisation, request, idempotency_key, last_look)
        self.calls.append(request)
        for planned in self.failures:
            if planned[0] == request.method:
                self.failures.remove(planned)
                raise planned[1]
        for loss in self.losses:
            if loss[0] == request.method and loss[1] in request.path:
                self.losses.remove(loss)
                self.lost += 1
                if loss[2]:
                    self._groups(request)
                raise UncertainError("lost")
        return self._groups(request)

    def _groups(self, request: Request) -> dict[str, Any]:
        parts = request.path.split("/")[2:]
        if not parts:
            if request.method == "PUT":
                self.add(request.body["ContactGroups"][0]["Name"])
                return {"ContactGroups": [self._shown(request.body["ContactGroups"][0]["Name"])]}
            return {"ContactGroups": [self._shown(name) for name in self.members]}
        name = parts[0].removeprefix("group-")
        if request.method == "GET":
            return {"ContactGroups": [self._shown(name)]}
        if request.method == "DELETE":
            if parts[2] not in self.members[name]:
                raise NotThereError("Xero does not know this id (404)")
            self.members[name].remove(parts[2])
            return {}
        return self._join(name, [contact["ContactID"] for contact in request.body["Contacts"]])

    def _join(self, name: str, ids: list[str]) -> dict[str, Any]:
        numbers = {contact["ContactID"]: contact["ContactNumber"] for contact in self.contacts}
        refused = [one for one in ids if numbers[one] in self.unwelcome]
        self.members[name] += [one for one in ids if one not in refused and one not in self.members[name]]
        if refused:
            raise XeroValidationError("Xero refused the call: Unable to assign an Archived contact.")
        return {"Contacts": [{"ContactID": one} for one in ids]}

    def _shown(self, name: str) -> dict[str, Any]:
        contacts = [{"ContactID": one} for one in self.members[name]]
        return {"ContactGroupID": f"group-{name}", "Name": name, "Status": "ACTIVE", "Contacts": contacts}

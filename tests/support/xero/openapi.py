"""Checks calls against Xero's own OpenAPI file, stricter than the file itself: a misspelt property is refused.

The file lies beside the repository (`../shared/xero-openapi`) and is not part of it; `Spec.load()` is None without it.
"""

import copy
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import yaml
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

FILE = Path(__file__).parents[4] / "shared" / "xero-openapi" / "xero_accounting.yaml"
MISSING = f"Xero's OpenAPI file is not beside this repository ({FILE.parent.parent.name}/{FILE.parent.name})"
BASE = "/api.xro/2.0"

# Where the file and what was recorded from Xero itself disagree, the recordings hold. (what, which) -> why.
EXCEPTIONS: Mapping[tuple[str, str], str] = {
    ("status", "401"): "recorded: gateway shape {Type, Title, Status, Detail, …}; the file has no 401",
    ("status", "403"): "recorded: gateway shape as for 401; the file has no 403",
    ("status", "404"): "recorded: an empty HTML body; the file has no 404",
    ("status", "412"): "Xero's response code page; the file has no 412",
    ("status", "413"): "reported with {Title, Status, Detail, Instance, Extensions}; the file has no 413",
    ("status", "415"): "known to clients as UnsupportedMediaTypeException; the file has no 415",
    ("status", "429"): "recorded: no body and no content type; the file has no 429",
    ("status", "500"): "seen live as {Title, Detail, Status, Instance}; the file has no 500",
    ("status", "501"): "Xero's response code page; the file has no 501",
    ("status", "502"): "a gateway's answer",
    ("status", "503"): "plain text; the file has no 503",
    ("status", "504"): "a gateway's answer",
    ("header", "xero-tenant-id"): "required by the file, but not for custom connections (Xero's FAQ)",
    ("header", "if-modified-since"): "the file wants a zone (date-time), Xero's pages show UTC without one",
    ("envelope", "TrackingCategories"): "the file shows the bare object, Xero takes the plural envelope as well",
    ("envelope", "Options"): "the file shows the bare object, Xero takes the plural envelope as well",
    ("envelope", "Accounts"): "the file shows the bare object, Xero takes the plural envelope as well",
    ("envelope", "Currencies"): "the file shows the bare object, Xero takes the plural envelope as well",
    ("operation", "POST History"): "the file has PUT only, Xero's page says that POST does the same",
    ("operation", "POST ContactGroups"): "the file has PUT only, callers create with POST as well",
    ("content", "Attachments"): "the file has application/octet-stream only, Xero's page wants the type of the file",
    ("operation", "by key"): "the file wants uuids in paths, Xero's pages allow natural keys as well",
}
_SINGLE = {
    "TrackingCategories": "TrackingCategory",
    "Options": "TrackingOption",
    "Accounts": "Account",
    "Currencies": "Currency",
}
_ZONELESS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")
_FORMATS = FormatChecker(formats=["uuid"])


class Spec:
    """The Accounting API as its file describes it."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        strict = copy.deepcopy(dict(document))
        for schema in strict["components"]["schemas"].values():
            _close(schema)
        resources = {
            name: DRAFT202012.create_resource(text) for name, text in (("urn:xero", document), ("urn:strict", strict))
        }
        self._registry: Registry[Any] = Registry().with_resources(resources.items())
        self._paths = [(_pattern(path), item) for path, item in document["paths"].items()]

    @classmethod
    def load(cls) -> "Spec | None":
        """Return the description, or None when the file is not there."""
        if not FILE.exists():
            return None
        with FILE.open("rb") as stream:
            document = yaml.load(stream, Loader=yaml.CSafeLoader)
        for schema in _nodes(document["components"]["schemas"]):
            # YAML reads Norway as false.
            if isinstance(schema.get("enum"), list):
                schema["enum"] = ["NO" if word is False else word for word in schema["enum"]]
        return cls(document)

    def check_request(
        self, method: str, path: str, query: Mapping[str, str] | str, headers: Mapping[str, str], body: Any
    ) -> None:
        """Raise AssertionError with the place when a call to the Accounting API is not as Xero describes it.

        *body* is parsed JSON or None. Calls to other paths (tokens, connections) are let through.
        """
        if not path.startswith(BASE):
            return
        operation, parameters = self._operation(method, path)
        self._check_query(method, path, _pairs(query), parameters)
        _check_headers(
            method, path, {name.lower(): value for name, value in headers.items()}, json=_has_json(operation)
        )
        wanted = self._resolved(operation.get("requestBody", {}))
        if not wanted:
            assert not body, f"{method} {path}: takes no body"
            return
        assert body is not None, f"{method} {path}: needs a body"
        if "application/json" not in wanted["content"]:
            assert isinstance(body, str | bytes), f"{method} {path}: takes the bytes of a file"
            return
        schema = wanted["content"]["application/json"]["schema"]
        self._validate(_enveloped(schema, body), body, f"{method} {path} request", strict=True)

    def check_answer(self, method: str, path: str, status: int, body: Any) -> None:
        """Raise AssertionError with the place when an answer is not as Xero describes it; *body* is parsed JSON."""
        if not path.startswith(BASE) or ("status", str(status)) in EXCEPTIONS:
            return
        operation, _ = self._operation(method, path)
        responses = {str(code): response for code, response in operation["responses"].items()}
        if str(status) not in responses:
            assert status == 400, f"{method} {path}: {status} is not among {sorted(responses)}"
            schema: Any = {"$ref": "#/components/schemas/Error"}
        else:
            content = self._resolved(responses[str(status)]).get("content")
            if not content or "application/json" not in content:
                assert not body, f"{method} {path}: {status} has no JSON body"
                return
            schema = content["application/json"]["schema"]
        self._validate(schema, body, f"{method} {path} answer {status}", strict=False)

    def _operation(self, method: str, path: str) -> tuple[Mapping[str, Any], list[Mapping[str, Any]]]:
        rest = path.removeprefix(BASE)
        also_by_post = rest.endswith("/History") or rest == "/ContactGroups"
        verb = "put" if method == "POST" and also_by_post else method.lower()
        found = [item for pattern, item in self._paths if pattern.fullmatch(rest)]
        assert found, f"{method} {path}: Xero has no such path"
        for item in found:
            if verb in item:
                operation = item[verb]
                parameters = [*item.get("parameters", ()), *operation.get("parameters", ())]
                return operation, [self._resolved(parameter) for parameter in parameters]
        raise AssertionError(f"{method} {path}: Xero has no such method there")

    def _check_query(
        self, method: str, path: str, query: Mapping[str, str], parameters: list[Mapping[str, Any]]
    ) -> None:
        known = {item["name"]: item["schema"] for item in parameters if item["in"] == "query"}
        for name, text in query.items():
            assert name in known, f"{method} {path}: query parameter {name} is not among {sorted(known)}"
            self._validate(known[name], _typed(text, known[name]), f"{method} {path} query {name}", strict=False)

    def _validate(self, schema: Any, value: Any, place: str, *, strict: bool) -> None:
        base = "urn:strict" if strict else "urn:xero"
        validator = Draft202012Validator(
            {"$id": base + ":root", **_rebased(schema, base)}, registry=self._registry, format_checker=_FORMATS
        )
        for error in validator.iter_errors(value):
            raise AssertionError(f"{place} {error.json_path}: {error.message[:300]}")

    def _resolved(self, item: Any) -> Any:
        """Return the parameter, body or response behind a `$ref`."""
        while "$ref" in item:
            target: Any = self._document
            for part in item["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            item = target
        return item


def _close(schema: dict[str, Any]) -> None:
    """Forbid properties that a schema does not name, and those that only Xero writes."""
    for node in _nodes(schema):
        properties = node.get("properties")
        if isinstance(properties, dict) and properties and "$ref" not in node:
            node["properties"] = {
                name: content for name, content in properties.items() if not content.get("readOnly", False)
            }
            node["additionalProperties"] = False


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for name, content in value.items():
            if name not in {"example", "examples"}:
                yield from _nodes(content)
    elif isinstance(value, list):
        for content in value:
            yield from _nodes(content)


def _pattern(path: str) -> re.Pattern[str]:
    parts = ["[^/]+" if part.startswith("{") else re.escape(part) for part in path.split("/")]
    return re.compile("/".join(parts))


def _rebased(schema: Any, base: str) -> dict[str, Any]:
    """Return *schema* with its references into the document *base*."""
    result: dict[str, Any] = {}
    for name, content in schema.items():
        if name == "$ref":
            result[name] = f"{base}{content}"
        elif isinstance(content, dict):
            result[name] = _rebased(content, base)
        else:
            result[name] = content
    return result


def _enveloped(schema: Mapping[str, Any], body: Any) -> Mapping[str, Any]:
    """Return *schema*, or for the envelope of a single object that the file shows bare, a schema of that envelope."""
    if isinstance(body, dict) and len(body) == 1:
        name = next(iter(body))
        if ("envelope", name) in EXCEPTIONS and schema.get("$ref", "").endswith(f"/{_SINGLE[name]}"):
            return {"type": "object", "properties": {name: {"type": "array", "items": dict(schema)}}}
    return schema


def _pairs(query: Mapping[str, str] | str) -> Mapping[str, str]:
    return dict(parse_qsl(query, keep_blank_values=True)) if isinstance(query, str) else query


def _typed(text: str, schema: Mapping[str, Any]) -> Any:
    """Return a query parameter's text as what its schema says, or as text when it does not read so."""
    kind = schema.get("type")
    if kind == "array":
        return [part.strip().strip('"') for part in text.split(",")]
    if kind == "boolean":
        return {"true": True, "false": False}.get(text.lower(), text)
    if kind == "integer" and re.fullmatch(r"-?\d+", text):
        return int(text)
    return text


def _has_json(operation: Mapping[str, Any]) -> bool:
    """Say whether an operation answers with JSON, and not with a file or nothing at all."""
    return any("application/json" in response.get("content", {}) for response in operation["responses"].values())


def _check_headers(method: str, path: str, headers: Mapping[str, str], *, json: bool) -> None:
    asks = "application/json" in headers.get("accept", "")
    assert asks or not json, f"{method} {path}: Accept must ask for application/json"
    key = headers.get("idempotency-key", "")
    assert len(key) <= 128, f"{method} {path}: the Idempotency-Key has more than 128 characters"
    since = headers.get("if-modified-since")
    assert since is None or _ZONELESS.fullmatch(since), f"{method} {path}: If-Modified-Since is not a date-time"

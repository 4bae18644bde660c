"""The figures for Prometheus and who may read them."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from segxero.receiver import create_app
from segxero.services import Services
from segxero.store import keys
from segxero.sync.folding.decision import Unbooked, Why
from segxero.telemetry.figures import BATCH, CALLS, COUNTER, EVENTS, FIGURES, observe
from tests.support.set_ups.fake_services import make_services, server_of

PASSWORD = "pässword"
RULES = Path(__file__).parents[3] / "docker" / "alert-rules.yml"


@pytest.fixture
def services() -> Services:
    return make_services(SEGXERO_PASSWORD=PASSWORD)


@pytest.fixture
def client(services: Services) -> FlaskClient:
    return create_app(services).test_client()


def read(client: FlaskClient) -> dict[str, Any]:
    """Return the families as Prometheus reads them."""
    got = client.get("/metrics", auth=("whoever", PASSWORD))
    assert (got.status_code, got.content_type.split(";")[0]) == (200, "text/plain")
    return {family.name: family for family in text_string_to_metric_families(got.text)}


def values(family: Any) -> dict[tuple[str, ...], float]:
    """Return the values by those of their labels, which stand in the order of the labels' names."""
    return {tuple(text for _, text in sorted(sample.labels.items())): sample.value for sample in family.samples}


def test_they_do_not_exist_without_a_password():
    got = create_app(make_services()).test_client().get("/metrics", auth=("any", ""))
    assert (got.status_code, got.json) == (404, {"message": "Set SEGXERO_PASSWORD to open the metrics."})


@pytest.mark.parametrize(
    "headers", [{}, *({"Authorization": text} for text in ("Basic !", "Basic \xff", f"Bearer {PASSWORD}"))]
)
def test_they_are_closed_without_the_password(client, headers):
    headers = {name: value.encode().decode("latin-1") for name, value in headers.items()}
    got = client.get("/metrics", headers=headers)
    assert (got.status_code, got.headers["WWW-Authenticate"]) == (401, "Basic realm=segxero")


def test_a_wrong_password_is_refused(client):
    assert client.get("/metrics", auth=("any", "password")).status_code == 401


def test_every_figure_has_its_help_its_type_and_its_labels(client, services):
    services.counts.add(EVENTS, "accepted", number=3)
    services.counts.add(CALLS, "a|b", "write", "200", number=2)
    services.counts.add_all(observe(BATCH, 48, "contacts"))
    families = read(client)
    assert set(families) == {f"segxero_{name}" for name in FIGURES}
    for figure in FIGURES.values():
        family = families[f"segxero_{figure.name}"]
        assert (family.documentation, family.type) == (figure.help, figure.kind)
        for sample in family.samples:
            assert set(sample.labels) - {"le"} == set(figure.labels)
            assert sample.name.endswith("_total") == (figure.kind == COUNTER)
    assert values(families["segxero_events"]) == {("accepted",): 3.0}
    assert [sample.labels for sample in families["segxero_calls"].samples] == [
        {"organisation": "a|b", "kind": "write", "status": "200"}
    ]


def test_a_histogram_adds_up_its_steps(client, services):
    for number in (1, 1, 48, 51):
        services.counts.add_all(observe(BATCH, number, "contacts"))
    samples = {
        (sample.name.removeprefix("segxero_batch_records_"), sample.labels.get("le")): sample.value
        for sample in read(client)["segxero_batch_records"].samples
    }
    assert samples == {
        **{("bucket", step): 2.0 for step in ("1", "2", "5", "10", "20", "30", "40")},
        ("bucket", "50"): 3.0,
        ("bucket", "+Inf"): 4.0,
        ("count", None): 4.0,
        ("sum", None): 101.0,
    }


def test_what_waits_is_shown_with_the_age_of_the_oldest(client, services):
    now = services.outbox.now()
    services.redis.zadd(keys.outbox("main", "contacts"), {"Contact|b": now - 500, "Contact|a": now + 60})
    services.redis.hset(keys.INBOX, "a", "{}")
    services.redis.hset(keys.LETTER_CAUSES, "events|MappingError", 7)
    services.redis.hset(
        keys.breaker("main"), mapping={"open_since": int((now - 70) * 1000), "probe_at": 1, "reason": "down"}
    )
    services.redis.set(keys.GRANTED, now - 90)
    services.redis.hset(keys.ALERTS, "x", '{"kind": "backlog"}')
    families = read(client)
    assert values(families["segxero_outbox_records"])["main", "contacts"] == 2
    assert values(families["segxero_oldest_pending_seconds"])["main", "contacts"] == pytest.approx(500, abs=5)
    assert values(families["segxero_oldest_pending_seconds"])["main", "invoices"] == 0
    assert values(families["segxero_inbox_events"]) == {(): 1}
    assert values(families["segxero_dead_letters"]) == {("MappingError", "events"): 7}
    assert values(families["segxero_breaker_open"]) == {("main",): 1}
    assert values(families["segxero_outage_seconds"])[("main",)] == pytest.approx(70, abs=5)
    assert values(families["segxero_day_ends_in_seconds"]) == {("main",): 86_400}
    assert values(families["segxero_token_age_seconds"])[()] == pytest.approx(90, abs=5)
    assert values(families["segxero_alerts_open"]) == {("backlog",): 1}
    assert values(families["segxero_calls_left"]) == {("main", "minute"): 60, ("main", "day"): 1000}


def test_every_metric_that_the_example_rules_name_exists():
    rules = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"][0]["rules"]
    endings = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}
    known = {f"segxero_{figure.name}{ending}" for figure in FIGURES.values() for ending in endings[figure.kind]}
    named = {word for rule in rules for word in _names(rule["expr"])}
    assert len(rules) >= 8
    assert named
    assert named <= known
    assert all({"alert", "expr", "labels", "annotations"} <= rule.keys() for rule in rules)


def _names(expression: str) -> set[str]:
    words = "".join(letter if letter.isalnum() or letter == "_" else " " for letter in expression).split()
    return {word for word in words if word.startswith("segxero_")}


def test_they_are_503_without_redis(client, services):
    server_of(services).connected = False
    assert client.get("/metrics", auth=("any", PASSWORD)).status_code == 503


def test_the_money_of_ignored_events_is_a_figure_by_source_and_name(client, services):
    for number in (1, 2):
        found = Unbooked(
            organisation="main",
            why=Why.UNWANTED,
            source="web",
            event="POS Order Placed",
            message_id=f"m{number}",
            currency="NZD",
            amount=Decimal("46.50"),
        )
        services.unbooked.count([found])
    families = read(client)
    assert values(families["segxero_unbooked_events"]) == {("POS Order Placed", "main", "web"): 2.0}
    assert values(families["segxero_unbooked_amount"]) == {("NZD", "POS Order Placed", "main", "web"): 93.0}

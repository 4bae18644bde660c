"""GET /metrics for Prometheus: the counters and lengths that all processes share in Redis."""

import re
from collections.abc import Iterator

from flask import Blueprint, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from segxero.receiver import operator
from segxero.services import Services

_NOT_IN_NAMES = re.compile(r"[^a-zA-Z0-9_]+")


class SharedFigures(Collector):
    """Reads the figures from Redis when Prometheus asks for them."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def collect(self) -> Iterator[Metric]:
        for name, count in sorted(self._services.counts.all().items()):
            yield CounterMetricFamily(_metric_name(name), "Since the beginning, all processes.", value=count)
        families: dict[str, GaugeMetricFamily] = {}
        for name, labels, value in self._services.gauges():
            family = families.setdefault(
                name, GaugeMetricFamily(_metric_name(name), "At this moment.", labels=list(labels))
            )
            family.add_metric(list(labels.values()), value)
        yield from families.values()


def blueprint(services: Services) -> Blueprint:
    """Make the route; it does not exist while SEGXERO_PASSWORD is not set."""
    pages = Blueprint("metrics", __name__)
    password = services.settings.segxero_password

    @pages.get("/metrics")
    def show() -> Response:
        operator.admit(password, "the metrics")
        registry = CollectorRegistry(auto_describe=False)
        registry.register(SharedFigures(services))
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    return pages


def _metric_name(name: str) -> str:
    return f"segxero_{_NOT_IN_NAMES.sub('_', name)}"

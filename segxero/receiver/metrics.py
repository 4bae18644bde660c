"""GET /metrics for Prometheus: counters and gauges of all processes, read from Redis."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate

from flask import Blueprint, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from segxero.operators.door import Door
from segxero.oversight.gauges import Gauge
from segxero.services import Services
from segxero.telemetry.figures import COUNTER, FIGURES, GAUGE, SUM, THOUSANDTHS, Figure, find_numbers


class SharedFigures(Collector):
    """Reads the figures from Redis at each scrape."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def collect(self) -> Iterator[Metric]:
        numbers = self._services.counts.all()
        now = self._services.gauges.read()
        for figure in FIGURES.values():
            if figure.kind == GAUGE:
                yield _gauge(figure, now)
            elif figure.kind == COUNTER:
                yield _counter(figure, numbers)
            else:
                yield _histogram(figure, numbers)


def blueprint(services: Services, door: Door) -> Blueprint:
    """Create the route. It answers 404 while SEGXERO_PASSWORD is not set."""
    pages = Blueprint("metrics", __name__)

    @pages.get("/metrics")
    def show() -> Response:
        door.admit_basic("the metrics")
        registry = CollectorRegistry(auto_describe=False)
        registry.register(SharedFigures(services))
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    return pages


def _gauge(figure: Figure, now: Iterable[Gauge]) -> Metric:
    family = GaugeMetricFamily(_name(figure), figure.help, labels=figure.labels)
    for gauge in now:
        if gauge.figure is figure:
            family.add_metric(gauge.labels, gauge.value)
    return family


def _counter(figure: Figure, numbers: Mapping[str, int]) -> Metric:
    family = CounterMetricFamily(_name(figure), figure.help, labels=figure.labels)
    for labels, number in find_numbers(figure, numbers):
        family.add_metric(labels, number)
    return family


def _histogram(figure: Figure, numbers: Mapping[str, int]) -> Metric:
    family = HistogramMetricFamily(_name(figure), figure.help, labels=figure.labels)
    found: dict[tuple[str, ...], dict[str, int]] = {}
    for values, number in find_numbers(figure, numbers):
        found.setdefault(values[:-1], {})[values[-1]] = number
    for labels, steps in found.items():
        # Redis counts each bucket by itself, but Prometheus expects cumulative buckets.
        below = accumulate(steps.get(step, 0) for step in figure.steps)
        family.add_metric(labels, list(zip(figure.steps, below, strict=True)), steps.get(SUM, 0) / THOUSANDTHS)
    return family


def _name(figure: Figure) -> str:
    return f"segxero_{figure.name}"

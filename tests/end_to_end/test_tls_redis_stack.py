"""All processes on a Redis by TLS with a chain of its own, as on Heroku: an order comes to its invoice."""

import requests

from segxero.demo import LocalStack
from segxero.processes.broker import EmbeddedBroker
from tests.support.redis.tls import self_signed, tls_in_front_of
from tests.support.segment.shop_events import identify, order


def test_receiver_worker_beat_and_flower_work_on_herokus_kind_of_redis(tmp_path):
    certificate = self_signed(tmp_path)
    with (
        EmbeddedBroker(tmp_path / "broker") as broker,
        tls_in_front_of(broker.port, certificate) as port,
        LocalStack(
            ("web", "worker", "beat", "flower"), redis_url=f"rediss://127.0.0.1:{port}/0?ssl_cert_reqs=none"
        ) as stack,
    ):
        stack.wait_ready()
        stack.post([identify("u1", email="ann@shop.example"), order("T-1", "u1", at=1)])
        stack.settle()
        assert [invoice["InvoiceNumber"] for invoice in stack.records()["Invoices"]] == ["T-1"]
        options = {"auth": ("segxero", stack.password), "timeout": 30}
        lengths = requests.get(f"{stack.flower_url}/api/queues/length", **options).json()["active_queues"]
        assert {"name": "dead_letters", "messages": 0} in lengths

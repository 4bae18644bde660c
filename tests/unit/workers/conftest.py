"""The workers' own services, wired once as a worker wires them: to a real Redis and to a Xero over HTTP."""

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from segxero.services import Services
from segxero.store.client import Store
from tests.support.processes.http_server import Answer, HttpServer, Received
from tests.support.set_ups.core import copy_earlier
from tests.support.xero.echo import EchoXero
from tests.support.xero.server import API_PATH, CLIENT, KEY, SECRET, TOKEN_PATH, TokenEndpoint
from workers.app import app
from workers.base import services

EARLIER = copy_earlier(Path(tempfile.mkdtemp()) / "mappings")


@dataclass(slots=True)
class XeroOverHttp:
    """A Xero that keeps what is written, unless *next_answer* says something else."""

    echo: EchoXero
    tokens: TokenEndpoint
    next_answer: Answer | None = None

    def __call__(self, received: Received) -> Answer:
        if self.next_answer:
            return self.next_answer
        return Answer(body=self.echo.call("main", _request(received)), headers={"Content-Type": "application/json"})

    def reset(self) -> None:
        self.echo, self.tokens.next_answer, self.next_answer = EchoXero(), None, None


def _request(received: Received) -> object:
    from segxero.xero.api.request import Request

    return Request(
        method=received.method,
        path=received.path.removeprefix(API_PATH),
        params=received.query,
        body=received.json if received.body else None,
    )


@pytest.fixture(scope="session")
def wired_xero(redis_url: str) -> Iterator[XeroOverHttp]:
    """Wire this process's services, which is done once a process."""
    xero = XeroOverHttp(EchoXero(), TokenEndpoint())
    with HttpServer({TOKEN_PATH: xero.tokens, API_PATH: xero}) as server, pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "REDIS_URL": redis_url,
            "XERO_CLIENT_ID": CLIENT,
            "XERO_CLIENT_SECRET": SECRET,
            "SEGXERO_SECRET_KEY": KEY,
            "XERO_API_URL": server.url,
            "XERO_IDENTITY_URL": server.url,
            "SEGXERO_MAPPINGS": str(EARLIER),
        }.items():
            patch.setitem(os.environ, name, value)
        app.conf.broker_url = redis_url
        assert services().settings.redis_url == redis_url
        yield xero
        app.close()


@pytest.fixture
def xero(wired_xero: XeroOverHttp) -> XeroOverHttp:
    """An empty, well-behaved Xero."""
    wired_xero.reset()
    return wired_xero


@pytest.fixture
def wired(xero: XeroOverHttp, redis_store: Store) -> Services:
    """The services of this process, around an empty Redis and an empty Xero."""
    return services()

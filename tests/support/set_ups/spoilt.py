"""How a set-up is spoilt by more than a setting, a file or a call of the sandbox: context managers over its place."""

import secrets
import threading
from contextlib import closing, contextmanager

from werkzeug.serving import make_server

from segxero.receiver import create_app
from segxero.services import Services
from segxero.settings import Settings
from segxero.store import keys
from segxero.xero.access.connections import Connections
from segxero.xero.access.token_sets import TokenSets
from tests.support.processes.http_server import HttpServer, free_port
from tests.support.set_ups.fake_services import FakeMessages


@contextmanager
def no_redis(place):
    place.env["REDIS_URL"] = f"redis://127.0.0.1:{free_port()}/0"
    yield


@contextmanager
def password_of_redis(place, given):
    with closing(place.store()) as store:
        store.config_set("requirepass", "the right one")
        place.env["REDIS_URL"] = place.redis_url.replace("redis://", f"redis://{given}")
        yield
        store.config_set("requirepass", "")


def no_password(place):
    return password_of_redis(place, "")


def wrong_password(place):
    return password_of_redis(place, ":the%20wrong%20one@")


@contextmanager
def nearly_full(place):
    with closing(place.store()) as store:
        store.config_set("maxmemory", int(store.info("memory")["used_memory"] * 1.02))
    yield


@contextmanager
def replica(place):
    with closing(place.store()) as store:
        store.replicaof("127.0.0.1", free_port())
        yield
        store.replicaof("NO", "ONE")


def keys_of_another(*names):
    @contextmanager
    def seed(place):
        with closing(place.store()) as store:
            for name in names:
                store.sadd(name, "something")
        yield

    return seed


@contextmanager
def tls_asked_of_a_plain_redis(place):
    place.env["REDIS_URL"] = place.redis_url.replace("redis://", "rediss://")
    yield


def rotated(keep_old):
    @contextmanager
    def seed(place):
        old, new = place.env["SEGXERO_SECRET_KEY"], secrets.token_urlsafe(24)
        place.env["SEGXERO_SECRET_KEY"] = f"{new},{old}" if keep_old else new
        yield

    return seed


@contextmanager
def a_queue_without_a_worker(place):
    procfile = place.directory / "Procfile"
    procfile.write_text(procfile.read_text().replace("contacts,items,invoices,", "contacts,items,"))
    yield


@contextmanager
def never_connected(place):
    with closing(place.store()) as store:
        store.delete(keys.CONNECTIONS)
    yield


@contextmanager
def disconnected(place):
    with place.sandbox.world.lock:
        tenant = next(iter(place.sandbox.world.books))
    place.control("settings", {"disconnect": tenant})
    yield


@contextmanager
def taken_back(place):
    """The Xero user takes the consent back, and Redis holds a token that has run out."""
    services = Services.for_check(Settings.from_env(place.env), None)
    with closing(services.redis) as store:
        (user,) = {one.user for one in Connections(store).all().values()}
        sets = TokenSets(store, services.settings.xero_client_id, services.cipher)
        held = sets.load(user)
        with place.sandbox.world.lock:
            place.sandbox.world.tokens.revoke(held.refresh)
        sets.save(user, type(held)(access="old", expires_at=0, refresh=held.refresh, scopes=held.scopes))
    yield


def categories(*names, archived=()):
    @contextmanager
    def seed(place):
        with place.sandbox.world.lock:
            book = next(iter(place.sandbox.world.books.values()))
            for name in (*names, *archived):
                status = "ARCHIVED" if name in archived else "ACTIVE"
                category = {"Name": name, "Status": status, "TrackingCategoryID": book.new_id(), "Options": []}
                category["UpdatedDateUTC"] = place.sandbox.world.now()
                book.tracking.put(category["TrackingCategoryID"], category)
        yield

    return seed


def receiver_with(**changes):
    """A real receiver whose settings differ from those that are checked."""

    @contextmanager
    def seed(place):
        services = Services.for_receiver(Settings.from_env({**place.env, **changes}), FakeMessages())
        server = make_server("127.0.0.1", 0, create_app(services), threaded=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        place.env["SEGXERO_PUBLIC_URL"] = f"http://127.0.0.1:{server.port}"
        yield
        server.shutdown()
        thread.join()
        server.server_close()
        services.redis.close()

    return seed


def answering(answer, scheme="http"):
    @contextmanager
    def seed(place):
        with HttpServer({"/": lambda _: answer}) as server:
            place.env["SEGXERO_PUBLIC_URL"] = server.url.replace("http://", f"{scheme}://")
            yield

    return seed


@contextmanager
def nobody_listens(place):
    place.env["SEGXERO_PUBLIC_URL"] = f"http://127.0.0.1:{free_port()}"
    yield


@contextmanager
def without(place, name):
    (place.mappings / name).unlink()
    yield


@contextmanager
def only(place, name):
    for path in place.mappings.glob("*.yaml"):
        if path.name not in (name, "organisations.yaml"):
            path.unlink()
    yield


@contextmanager
def row_of_accounts(place, row):
    path = place.mappings / "tables" / "accounts.yaml"
    path.write_text(f"{path.read_text()}\n{row}\n")
    yield

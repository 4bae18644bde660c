"""`segxero check` on a healthy set-up that is spoilt in one place: it is named with its remedy, and nothing else."""

from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from types import MappingProxyType

import pytest

from segxero.processes.broker import EmbeddedBroker
from segxero.sandbox import LocalSandbox, SandboxOptions
from segxero.store import keys
from tests.support.processes.http_server import Answer, free_port
from tests.support.set_ups import spoilt
from tests.support.set_ups.core import EARLIER
from tests.support.set_ups.healthy import APP_SECRET, COMPANY, ORGANISATIONS, SECRETS, TAX_ROWS, SetUpPlace

FAULT, NOTE = "FAULT", "note"
WAYS_OF_PAYING = f"{COMPANY}: ways of paying"
METHODS = "tables/payment_methods.yaml"
DIRECT_PAYMENTS = (EARLIER / "payments.yaml").read_text(encoding="utf-8").replace("enabled: false", "enabled: true")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One fault: how it is seeded, the line that names it, and a part of what is found and of the remedy."""

    what: str
    found: str
    remedy: str
    state: str = FAULT
    env: dict = field(default_factory=dict)
    write: dict = field(default_factory=dict)
    replace: tuple = ()
    redis: dict = field(default_factory=dict)
    control: dict = field(default_factory=dict)
    seed: object = None
    by_consent: bool = False
    runs: bool = False  # asked as if the processes ran
    further: frozenset = frozenset()  # lines that are faults for the same reason


def sandbox_accounts(*accounts):
    return {"accounts": {"accounts": list(accounts)}}


def sandbox_rate(**rate):
    return {"tax_rates": {"tax_rates": [rate]}}


OF_SETTINGS = {
    "a port that is no number": Row(
        what="PORT", found="'eighty' should be a port number", remedy="correct it", env={"PORT": "eighty"}
    ),
    "an address that is not Redis'": Row(
        what="REDIS_URL",
        found="its value should be a redis://",
        remedy="correct it",
        env={"REDIS_URL": "http://there/0"},
    ),
    "no client id": Row(
        what="XERO_CLIENT_ID", found="is not set", remedy="developer portal", env={"XERO_CLIENT_ID": ""}
    ),
    "no client secret": Row(
        what="XERO_CLIENT_SECRET", found="is not set", remedy="developer portal", env={"XERO_CLIENT_SECRET": ""}
    ),
    "an unknown grant": Row(
        what="XERO_GRANT",
        found="'both' should be client_credentials or",
        remedy="correct it",
        env={"XERO_GRANT": "both"},
    ),
    "no secret key": Row(
        what="SEGXERO_SECRET_KEY", found="is not set", remedy="openssl rand", env={"SEGXERO_SECRET_KEY": ""}
    ),
    "a short secret key": Row(
        what="SEGXERO_SECRET_KEY",
        found="at least 16 characters",
        remedy="openssl rand",
        env={"SEGXERO_SECRET_KEY": "abc"},
    ),
    "a secret key that can be guessed": Row(
        what="SEGXERO_SECRET_KEY", found="can be guessed", remedy="openssl rand", env={"SEGXERO_SECRET_KEY": "ab" * 16}
    ),
    "no shared secret": Row(
        what="SEGMENT_SHARED_SECRET",
        found="anybody who knows",
        remedy="openssl rand",
        env={"SEGMENT_SHARED_SECRET": ""},
    ),
    "a short shared secret": Row(
        what="SEGMENT_SHARED_SECRET", found="shorter than 16", remedy="new,old", env={"SEGMENT_SHARED_SECRET": "secret"}
    ),
    "a rotation under way": Row(
        what="SEGMENT_SHARED_SECRET",
        state=NOTE,
        found="has 2 values",
        remedy="remove the old value",
        env={"SEGMENT_SHARED_SECRET": "a new one of 20 letters,the old one of 20 letters"},
    ),
    "a batch rule without a bearer token": Row(
        what="SEGMENT_BEARER_TOKEN",
        found="SEGMENT_BATCH_NEEDS_BEARER asks for it",
        remedy="Authorization: Bearer",
        env={"SEGMENT_BEARER_TOKEN": "", "SEGMENT_BATCH_NEEDS_BEARER": "true"},
    ),
    "a short bearer token": Row(
        what="SEGMENT_BEARER_TOKEN", found="shorter than 16", remedy="in Segment", env={"SEGMENT_BEARER_TOKEN": "t0ken"}
    ),
    "no bearer token": Row(
        what="SEGMENT_BEARER_TOKEN",
        state=NOTE,
        found="only the first event of a batch",
        remedy="Authorization: Bearer",
        env={"SEGMENT_BEARER_TOKEN": ""},
    ),
    "a public address without TLS": Row(
        what="SEGXERO_PUBLIC_URL",
        found="should be an https:// address",
        remedy="correct it",
        env={"SEGXERO_PUBLIC_URL": "http://shop.example"},
    ),
    "a weak password": Row(
        what="SEGXERO_PASSWORD", found="shorter than 12", remedy="openssl rand", env={"SEGXERO_PASSWORD": "hunter2"}
    ),
    "consent without a password": Row(
        what="SEGXERO_PASSWORD",
        found="/xero/connect stays closed",
        remedy="so that an operator can connect",
        by_consent=True,
        env={"SEGXERO_PASSWORD": ""},
    ),
    "consent without a redirect URL": Row(
        what="XERO_REDIRECT_URL",
        found="https://shop.example/xero/callback",
        remedy="register it in the Xero app",
        by_consent=True,
        env={"SEGXERO_PUBLIC_URL": "https://shop.example"},
    ),
    "a redirect URL of another host": Row(
        what="XERO_REDIRECT_URL",
        found="differs from https://shop.example/xero/callback",
        remedy="register it in the Xero app",
        by_consent=True,
        env={
            "SEGXERO_PUBLIC_URL": "https://shop.example",
            "XERO_REDIRECT_URL": "https://other.example/xero/callback",
        },
    ),
    "Xero's API and the sandbox's tokens": Row(
        what="XERO_IDENTITY_URL",
        found="one is this machine, the other is not",
        remedy="both to Xero, or both to the sandbox",
        env={"XERO_API_URL": "https://api.xero.com"},
    ),
    "more calls a day than Xero has": Row(
        what="XERO_DAY_LIMIT", found="no Xero tier", remedy="1000 or 5000", env={"XERO_DAY_LIMIT": "50000"}
    ),
    "a proxy that may be anybody": Row(
        what="FORWARDED_ALLOW_IPS",
        found="trusts everybody",
        remedy="the address of your proxy",
        env={"FORWARDED_ALLOW_IPS": "*"},
    ),
    "no address of Sentry": Row(
        what="SENTRY_DSN",
        found="not the address of a Sentry project",
        remedy="copy the DSN",
        env={"SENTRY_DSN": "my project"},
    ),
    "nobody is told": Row(
        what="SENTRY_DSN", state=NOTE, found="only to the log", remedy="ALERT_WEBHOOK_URL", env={"SENTRY_DSN": ""}
    ),
    "a misspelt setting": Row(
        what="XERO_CLIENTSECRET",
        state=NOTE,
        found="is not a setting",
        remedy="did you mean XERO_CLIENT_SECRET",
        env={"XERO_CLIENTSECRET": "x"},
    ),
}

OF_MAPPINGS = {
    "a file that is no YAML": Row(
        what="contacts.yaml:3",
        found="cannot be read as YAML",
        remedy="correct",
        write={"contacts.yaml": "- name: identify\n  object: {\n"},
    ),
    "a field that Xero does not have": Row(
        what="tracking.yaml:12",
        found="is not a field of TrackingOption",
        remedy="correct /0/fields/Colour",
        replace=("tracking.yaml", "    Option: $.properties.affiliation", "    Colour: $.properties.affiliation"),
    ),
    "no directory": Row(
        what="no-such-directory",
        found="not a directory",
        remedy="correct",
        env={"SEGXERO_MAPPINGS": "no-such-directory"},
    ),
    "no organisation": Row(
        what="organisations.yaml",
        found="is missing",
        remedy="correct",
        seed=lambda place: spoilt.without(place, "organisations.yaml"),
    ),
    "nothing switched on": Row(
        what="mappings",
        found="no mapping is switched on",
        remedy="enabled: true",
        further=frozenset({"organisations.yaml"}),
        seed=lambda place: spoilt.only(place, "attachments.yaml"),
    ),
    "a source that goes nowhere": Row(
        what="tracking.yaml:4",
        found="is for the source src9, which no organisation takes",
        remedy="add src9 to an organisation's sources",
        write={"organisations.yaml": ORGANISATIONS.replace("sources: all", "sources: [src1]")},
        replace=("tracking.yaml", "- name: sales-channel\n", "- name: sales-channel\n  sources: [src9]\n"),
    ),
    "two organisations for a custom connection": Row(
        what="organisations.yaml",
        found="a custom connection serves only one",
        remedy="XERO_GRANT=authorization_code",
        write={"organisations.yaml": ORGANISATIONS.replace("sources: all", "sources: [a]") + "other: {sources: [b]}\n"},
        further=frozenset(),
    ),
}


OF_REDIS = {
    "no Redis": Row(
        what="Redis", found="does not answer (ConnectionError)", remedy="that Redis runs", seed=spoilt.no_redis
    ),
    "no password of Redis": Row(what="Redis", found="REDIS_URL has none", remedy=":PASSWORD@", seed=spoilt.no_password),
    "a wrong password of Redis": Row(
        what="Redis", found="refuses the password", remedy="correct", seed=spoilt.wrong_password
    ),
    "TLS where there is none": Row(
        what="Redis", found="does not answer by TLS", remedy="write redis://", seed=spoilt.tls_asked_of_a_plain_redis
    ),
    "not append-only": Row(
        what="Redis keeps its data", found="not append-only", remedy="appendonly yes", redis={"appendonly": "no"}
    ),
    "never written to disk": Row(
        what="Redis writes to disk", found="appendfsync no", remedy="everysec", redis={"appendfsync": "no"}
    ),
    "keys are dropped": Row(
        what="Redis forgets nothing",
        found="allkeys-lru",
        remedy="maxmemory-policy noeviction",
        redis={"maxmemory-policy": "allkeys-lru"},
    ),
    "memory nearly full": Row(
        what="Redis' memory", found=" MB used", remedy="raise maxmemory", seed=spoilt.nearly_full
    ),
    "a replica": Row(what="Redis takes writes", found="is a replica", remedy="the primary", seed=spoilt.replica),
    "another Celery application": Row(
        what="Redis is ours",
        found="another Celery application uses this database (queue mailings)",
        remedy="a database of its own",
        seed=spoilt.keys_of_another("_kombu.binding.mailings"),
    ),
    "another program's keys": Row(
        what="Redis is ours",
        state=NOTE,
        found="2 keys belong to another program",
        remedy="a database of its own",
        seed=spoilt.keys_of_another("cache:1", "cache:2"),
    ),
    "a key that was taken away": Row(
        what="SEGXERO_SECRET_KEY",
        found="decrypts 0 of 1 token sets",
        remedy="segxero keys rotate",
        by_consent=True,
        seed=spoilt.rotated(keep_old=False),
        further=frozenset({f"Xero's connection of {COMPANY}"}),
    ),
    "a key that is being rotated": Row(
        what="SEGXERO_SECRET_KEY",
        state=NOTE,
        found="1 of 1 token sets are encrypted with an older key",
        remedy="segxero keys rotate",
        by_consent=True,
        seed=spoilt.rotated(keep_old=True),
    ),
    "a queue without a worker": Row(
        what="queues",
        found="the Procfile's workers do not serve invoices",
        remedy="-Q invoices",
        seed=spoilt.a_queue_without_a_worker,
    ),
    "no worker": Row(what="workers", state=NOTE, found="no worker answers", remedy="make run", runs=True),
    "a schedule that sleeps": Row(what="schedule", state=NOTE, found="never run", remedy="exactly one beat", runs=True),
}

OF_XERO = {
    "a wrong client secret": Row(
        what="Xero's app", found="invalid_client", remedy="copy both", env={"XERO_CLIENT_SECRET": "of another app"}
    ),
    "a wrong client secret by consent": Row(
        what="Xero's app",
        found="invalid_client",
        remedy="copy both",
        by_consent=True,
        env={"XERO_CLIENT_SECRET": "of another app"},
    ),
    "a scope that the app has not": Row(
        what="Xero's app",
        found="lacks the scope accounting.payments",
        remedy="add it to the app's scopes",
        write={METHODS: "card: 090 money at_checkout refundable\n"},
        control={"settings": {"scopes": ["accounting.contacts", "accounting.invoices", "accounting.settings"]}},
    ),
    "a scope that was not granted": Row(
        what=f"Xero's scopes for {COMPANY}",
        found="accounting.attachments missing",
        remedy="add it to the app's scopes in Xero's developer portal, then connect it",
        by_consent=True,
        replace=("attachments.yaml", "enabled: false", "enabled: true"),
    ),
    "Xero is down": Row(
        what="Xero's app",
        found="answered 503",
        remedy="status.developer.xero.com",
        control={"faults": {"match": {"path": "/connect/token"}, "status": 503}},
    ),
    "nobody has connected": Row(
        what=f"Xero's connection of {COMPANY}",
        found="is not connected to Xero yet",
        remedy="/xero/connect",
        by_consent=True,
        seed=spoilt.never_connected,
        runs=True,
    ),
    "nobody could connect before the first start": Row(
        what=f"Xero's connection of {COMPANY}",
        state=NOTE,
        found="is not connected yet",
        remedy="/xero/connect",
        by_consent=True,
        seed=spoilt.never_connected,
    ),
    "somebody has disconnected": Row(
        what=f"Xero's connection of {COMPANY}",
        found=f"{COMPANY} was disconnected in Xero",
        remedy="/xero/connect",
        by_consent=True,
        seed=spoilt.disconnected,
    ),
    "the demo company was reset": Row(
        what=f"Xero's connection of {COMPANY}",
        found="was reset: Xero has it under a new tenant id",
        remedy="/xero/connect",
        by_consent=True,
        control={"settings": {"reset_company": COMPANY}},
    ),
    "another organisation is connected": Row(
        what=f"Xero's connection of {COMPANY}",
        found="organisations.yaml names the tenant Shop 99",
        remedy="correct `tenant`",
        by_consent=True,
        write={"organisations.yaml": ORGANISATIONS + "  tenant: Shop 99\n"},
    ),
    "the consent was taken back": Row(
        what=f"Xero's connection of {COMPANY}",
        found="no longer accepts the consent of the user",
        remedy="/xero/connect",
        by_consent=True,
        seed=spoilt.taken_back,
    ),
    "a clock that is wrong": Row(
        what="Xero's clock",
        found="this machine is 9",
        remedy="NTP",
        control={"settings": {"date_skew": 95}},
    ),
}

ACCOUNTS, TAXES, LABELS = f"{COMPANY}: accounts", f"{COMPANY}: tax types", f"{COMPANY}: tracking"
OF_BOOKS = {
    "an account that is not there": Row(
        what=ACCOUNTS,
        found="row 'shipping' of tables/accounts.yaml is 265, which Xero does not have",
        remedy="add it in Xero",
        replace=("tables/accounts.yaml", 'shipping: "200"', 'shipping: "265"'),
    ),
    "an archived account": Row(
        what=ACCOUNTS,
        found="row 'shipping' of tables/accounts.yaml is 260 Other Revenue, which is archived",
        remedy="restore it in Xero",
        replace=("tables/accounts.yaml", 'shipping: "200"', 'shipping: "260"'),
        control=sandbox_accounts({"Code": "260", "Status": "ARCHIVED"}),
    ),
    "sales on a bank account": Row(
        what=ACCOUNTS,
        found="is 090 Business Bank Account (BANK), which takes no sales lines",
        remedy="use a revenue account",
        replace=("tables/accounts.yaml", 'discount: "200"', 'discount: "090"'),
    ),
    "payments to an account that takes none": Row(
        what=ACCOUNTS,
        found="which takes no payments",
        remedy="Enable payments to this account",
        write={METHODS: "card: 200 money at_checkout refundable\n"},
    ),
    "orders paid without a method to an account that takes no payments": Row(
        what=ACCOUNTS,
        found="row 'payments' of tables/accounts.yaml is 200 Sales (REVENUE), which takes no payments",
        remedy="Enable payments to this account",
        seed=lambda place: spoilt.row_of_accounts(place, 'payments: "200"'),
    ),
    "a way of paying with a word that means nothing": Row(
        what=WAYS_OF_PAYING,
        found="row 'card' of tables/payment_methods.yaml has the word 'refundible', which means nothing there",
        remedy="write one of money, gift_card, store_credit, later, at_checkout, when_told, never, refundable",
        write={METHODS: "card: 090 money at_checkout refundible\n"},
    ),
    "a way of paying without an account": Row(
        what=ACCOUNTS,
        found="row 'card' of tables/payment_methods.yaml is money, which Xero does not have",
        remedy="add it in Xero, or correct row 'card' of tables/payment_methods.yaml",
        write={METHODS: "card: money at_checkout\n"},
    ),
    "a policy that decides nothing": Row(
        what="organisations.yaml",
        state=NOTE,
        found="the policy paid_invoice of Shop 01 decides nothing",
        remedy="delete the line",
        write={"organisations.yaml": ORGANISATIONS + "  policies: {paid_invoice: allowed}\n"},
    ),
    "a choice that is read no more": Row(
        what="organisations.yaml:4",
        state=NOTE,
        found="the choice otherwise is read no more: an order whose tax no rate makes waits (rule T21)",
        remedy="",
        write={"organisations.yaml": ORGANISATIONS + "  policies: {tax_unknown: otherwise}\n"},
    ),
    "payments without an account": Row(
        what=ACCOUNTS,
        found="order-paid, refund-paid have no account",
        remedy="add the row 'payments'",
        write={"payments.yaml": DIRECT_PAYMENTS},
    ),
    "an organisation's own account that is not there": Row(
        what=ACCOUNTS,
        found="is 999, which Xero does not have",
        remedy="add it in Xero",
        write={"organisations.yaml": ORGANISATIONS + '  tables: {accounts: {Games: "999"}}\n'},
    ),
    "a tax type that is not there": Row(
        what=TAXES,
        found="row 'NZ standard' of tables/tax_rows.yaml is GST15, which Xero does not have",
        remedy="write OUTPUT2 (15% GST on Income)",
        replace=("tables/tax_rows.yaml", "15 OUTPUT2", "15 GST15"),
    ),
    "a tax type that is not active": Row(
        what=TAXES,
        found="row 'NZ exempt' of tables/tax_rows.yaml is NONE (No GST), which is not active",
        remedy="write ",
        control=sandbox_rate(TaxType="NONE", Status="DELETED"),
    ),
    "a tax type that is not for sales": Row(
        what=TAXES,
        found="OUTPUT2 (15% GST on Income) cannot be used with account 200",
        remedy="choose another type",
        control=sandbox_rate(TaxType="OUTPUT2", CanApplyToRevenue=False),
    ),
    "a tax type of another rate": Row(
        what=TAXES,
        found="row 'NZ standard' of tables/tax_rows.yaml is ZERORATED (Zero Rated), which is 0 %",
        remedy="write OUTPUT2 (15% GST on Income)",
        replace=("tables/tax_rows.yaml", "15 OUTPUT2", "15 ZERORATED"),
    ),
    "a rate of another country": Row(
        what=TAXES,
        found="row 'NZ reduced' of tables/tax_rows.yaml is OUTPUT2 (15% GST on Income), which is 15 %",
        remedy="delete the row: no rate for sales is 20 %",
        write={"tables/tax_rows.yaml": f"{TAX_ROWS}NZ reduced: 20 OUTPUT2\n"},
    ),
    "the table of before": Row(
        what=TAXES,
        state=NOTE,
        found="tables/tax_types.yaml is no longer read: its successor is tables/tax_rows.yaml",
        remedy="run `segxero init`",
        write={"tables/tax_types.yaml": '"15": OUTPUT2\notherwise: OUTPUT2\n'},
    ),
    "an archived category": Row(
        what=LABELS,
        found="Campaign is archived",
        remedy="restore it in Xero",
        seed=spoilt.categories(archived=("Campaign",)),
    ),
    "no room for a category": Row(
        what=LABELS,
        found="there is no room for Campaign, Sales channel: Xero has Region, Team",
        remedy="archive a category in Xero",
        seed=spoilt.categories("Region", "Team"),
    ),
    "a currency that is not enabled": Row(
        what=f"{COMPANY}: currency",
        found="organisations.yaml says CHF, which is not enabled",
        remedy="add CHF in Xero",
        write={"organisations.yaml": ORGANISATIONS + "  currency: CHF\n"},
    ),
    "a lock date ahead": Row(
        what=f"{COMPANY}: lock dates",
        state=NOTE,
        found="all days before 2100-01-01 are locked",
        remedy="move the lock date back",
        control={"settings": {"period_lock_date": "2099-12-31"}},
    ),
    "days of another time zone": Row(
        what=f"{COMPANY}: time zone",
        state=NOTE,
        found="invoices are dated in Europe/London, but the organisation uses Pacific/Auckland",
        remedy="time_zone: Pacific/Auckland",
        write={"organisations.yaml": ORGANISATIONS.replace("Pacific/Auckland", "Europe/London")},
    ),
    "a demo company": Row(
        what=f"{COMPANY}: organisation",
        state=NOTE,
        found="is a demo company",
        remedy="use it for trials only",
        control={"organisation_settings": {"organisation_settings": {"IsDemoCompany": True}}},
    ),
}


OF_RECEIVER = {
    "a receiver with another shared secret": Row(
        what="receiver",
        found="answers 503: The signature matches no shared secret",
        remedy="the SEGMENT_SHARED_SECRET set here",
        seed=spoilt.receiver_with(SEGMENT_SHARED_SECRET="quite another secret"),
    ),
    "a receiver with another bearer token": Row(
        what="receiver",
        found="answers 401: The bearer token is missing or wrong",
        remedy="the SEGMENT_BEARER_TOKEN",
        seed=spoilt.receiver_with(SEGMENT_BEARER_TOKEN="quite another token"),
    ),
    "a redirect": Row(
        what="receiver",
        found="redirects to https://www.shop.example/",
        remedy="the final address",
        seed=spoilt.answering(Answer(status=301, headers={"Location": "https://www.shop.example/"})),
    ),
    "a certificate that does not hold": Row(
        what="receiver",
        found="does not speak TLS",
        remedy="public authority",
        seed=spoilt.answering(Answer(), scheme="https"),
    ),
    "no answer in time": Row(
        what="receiver", found="does not answer in time", remedy="firewall", seed=spoilt.answering(Answer(delay=6))
    ),
    "another program": Row(
        what="receiver",
        found="another program answers",
        remedy="the proxy",
        seed=spoilt.answering(Answer(body="<h1>It works!</h1>")),
    ),
    "nobody listens": Row(
        what="receiver", found="cannot be reached", remedy="start the receiver", seed=spoilt.nobody_listens
    ),
}
TABLE = MappingProxyType({**OF_SETTINGS, **OF_MAPPINGS, **OF_REDIS, **OF_XERO, **OF_BOOKS, **OF_RECEIVER})


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    directory = tmp_path_factory.mktemp("set-up")
    options = SandboxOptions(organisations=(COMPANY,), client_secret=APP_SECRET)
    with EmbeddedBroker(directory / "redis") as broker, LocalSandbox(options) as sandbox:
        yield SetUpPlace(directory=directory, sandbox=sandbox, redis_url=broker.url)


def spoil(place, row, kept):
    place.env |= row.env
    for name, text in row.write.items():
        place.write(name, text)
    if row.replace:
        place.replace(*row.replace)
    with closing(place.store()) as store:
        for name, value in row.redis.items():
            store.config_set(name, value)
    for path, body in row.control.items():
        place.control(path, body)
    if row.seed:
        kept.enter_context(row.seed(place))


def check(place, row):
    with ExitStack() as kept:
        spoil(place, row, kept)
        runs = row.runs or row in OF_RECEIVER.values()
        return place.check(*([] if runs else ["--release"]))


def test_at_least_forty_faults_are_seeded():
    assert sum(row.state == FAULT for row in TABLE.values()) >= 40


@pytest.mark.parametrize("row", TABLE.values(), ids=TABLE.keys())
def test_a_seeded_fault_is_named_with_its_remedy_and_nothing_else_is_called_a_fault(running, row):
    running.begin(by_consent=row.by_consent)
    known = {value for name in SECRETS if (value := running.env.get(name, ""))}
    said = check(running, row)
    named = [line for line in said.of(row.what) if row.found in line["found"] and row.remedy in line["remedy"]]
    assert [line["state"] for line in named] == [row.state], said.bad()
    assert said.faults() == ({row.what} if row.state == FAULT else set()) | row.further, said.bad()
    assert said.status == (1 if row.state == FAULT else 0)
    assert not [value for value in known - {running.redis_url} if value in said.out]


@pytest.mark.parametrize("by_consent", [False, True], ids=["a custom connection", "by consent"])
def test_a_healthy_set_up_passes_with_every_line_good(running, by_consent):
    running.begin(by_consent=by_consent)
    said = running.check("--release")
    assert said.status == 0
    assert {line["what"]: line["state"] for line in said.lines if line["state"] != "ok"} == {
        "receiver": "not looked at"
    }


def test_what_celery_keeps_in_redis_is_no_stranger(running):
    running.begin(by_consent=False)
    with closing(running.store()) as store:
        bindings = ("celery.pidbox", "reply.celery.pidbox", "celeryev", "invoices")
        store.mset({f"_kombu.binding.{name}": "" for name in bindings} | {"unacked_index": "", "invoices": ""})
        store.mset({"invoices\x06\x163": "", "1234.reply.celery.pidbox": ""})
    (line,) = running.check("--release").of("Redis is ours")
    assert (line["state"], line["found"]) == ("ok", "no other program uses this database")


def test_faults_of_every_kind_are_named_at_once_and_what_cannot_be_looked_at_says_why(running):
    running.begin(by_consent=False)
    running.env |= {"PORT": "eighty", "XERO_CLIENT_ID": "", "REDIS_URL": f"redis://127.0.0.1:{free_port()}/0"}
    running.write("contacts.yaml", "- name: identify\n")
    said = running.check("--release")
    assert said.status == 1
    assert said.faults() == {"PORT", "XERO_CLIENT_ID", "contacts.yaml:1", "Redis"}
    skipped = {line["what"]: line["found"] for line in said.lines if line["state"] == "not looked at"}
    assert skipped == {
        "secret keys": "XERO_CLIENT_ID is not set",
        "Xero's app": "XERO_CLIENT_ID is not set",
        "Xero's connections": "XERO_CLIENT_ID is not set",
        "books": "XERO_CLIENT_ID is not set",
        "booking sources": "the mappings have faults",
        "schedule": "Redis does not answer",
        "receiver": "the receiver is not running yet",
    }


def test_check_writes_nothing_to_xero_and_leaves_no_event_behind(running):
    running.begin(by_consent=True)
    with spoilt.receiver_with()(running):
        said = running.check()
    assert said.of("receiver")[0]["state"] == "ok"
    with running.sandbox.world.lock:
        calls = running.sandbox.world.calls.list_since(0)
    assert {call.method for call in calls if call.tenant} == {"GET"}
    assert sum(1 for call in calls if call.tenant) == 5
    with closing(running.store()) as store:
        assert store.hlen(keys.INBOX) + store.llen(keys.DEAD_LETTERS) + store.llen("events") == 0
        assert {name for name in store.hkeys(keys.COUNTS) if name.startswith("events")} == set()

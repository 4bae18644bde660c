"""A set-up that is healthy until a test spoils it: settings, mappings, Procfile, an embedded Redis, a sandbox."""

import json
import os
import secrets
import shutil
from collections.abc import Mapping
from contextlib import chdir, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from click.testing import CliRunner

from segxero.cli import commands
from segxero.demo import organisations
from segxero.demo.rows import PROJECT
from segxero.sandbox import LocalSandbox
from segxero.settings import SETTINGS
from segxero.store.client import connect

COMPANY = "Shop 01"
ORGANISATIONS = f"""\
{COMPANY}:
  sources: all
  time_zone: Pacific/Auckland
"""
TAX_ROWS = "NZ standard: 15 OUTPUT2\nNZ exempt: 0 NONE\nNZ no_supply: 0 NONE\n"
APP_SECRET = secrets.token_urlsafe(24)
SECRETS = ("REDIS_URL", *(name for name, setting in SETTINGS.items() if setting.secret))


@dataclass(slots=True, kw_only=True)
class Checked:
    """What `segxero check --json` said."""

    status: int
    lines: list[dict[str, str]]
    out: str

    def faults(self) -> set[str]:
        return {line["what"] for line in self.lines if line["state"] == "FAULT"}

    def bad(self) -> str:
        """Return the lines that are not ok, for the message of an assertion."""
        return json.dumps([line for line in self.lines if line["state"] != "ok"], indent=1)

    def of(self, what: str) -> list[dict[str, str]]:
        return [line for line in self.lines if line["what"] == what]


@dataclass(slots=True, kw_only=True)
class SetUpPlace:
    """One set-up in *directory*; *env* is its environment."""

    directory: Path
    sandbox: LocalSandbox
    redis_url: str
    env: dict[str, str] = field(default_factory=dict)

    def begin(self, *, by_consent: bool) -> None:
        """Make everything healthy again, and connect the organisation if that takes a consent."""
        with closing(self.store()) as store:
            for name, value in HEALTHY_REDIS.items():
                store.config_set(name, value)
            store.flushall()
        with self.sandbox.world.lock:
            self.sandbox.world.reset()
        self.control("organisation_settings", {"organisation_settings": {"IsDemoCompany": False}})
        shutil.rmtree(self.mappings, ignore_errors=True)
        shutil.copytree(PROJECT / "mappings", self.mappings)
        (self.mappings / "owner.yaml").unlink()
        self.write("organisations.yaml", ORGANISATIONS)
        self.write("tables/tax_rows.yaml", TAX_ROWS)
        shutil.copy(PROJECT / "Procfile", self.directory / "Procfile")
        self.env = self._environment(by_consent=by_consent)
        if by_consent:
            self.connect()

    @property
    def mappings(self) -> Path:
        return self.directory / "mappings"

    def store(self) -> Any:
        return connect(self.redis_url)

    def write(self, name: str, text: str) -> None:
        """Write a file of the mappings, with a later time than the one before."""
        (self.mappings / name).write_text(text, encoding="utf-8")

    def replace(self, name: str, old: str, new: str) -> None:
        """Change *old* to *new* wherever it stands in a file of the mappings."""
        text = (self.mappings / name).read_text(encoding="utf-8")
        assert old in text
        self.write(name, text.replace(old, new))

    def control(self, path: str, body: Mapping[str, Any]) -> Any:
        answer = requests.post(f"{self.sandbox.url}/sandbox/{path}", json=body, timeout=10)
        assert answer.ok, answer.text
        return answer.json()

    def connect(self) -> None:
        organisations.connect(self.env, [COMPANY])

    def check(self, *options: str) -> Checked:
        """Run the command."""
        clean = dict.fromkeys(set(SETTINGS) & set(os.environ))
        with chdir(self.directory):
            said = CliRunner().invoke(commands, ["check", "--json", *options], env={**clean, **self.env})
        assert said.exception is None or isinstance(said.exception, SystemExit), said.exception
        return Checked(status=said.exit_code, lines=json.loads(said.stdout), out=said.output)

    def _environment(self, *, by_consent: bool) -> dict[str, str]:
        return {
            "REDIS_URL": self.redis_url,
            "SEGMENT_SHARED_SECRET": secrets.token_urlsafe(24),
            "SEGMENT_BEARER_TOKEN": secrets.token_urlsafe(24),
            "XERO_CLIENT_ID": "client",
            "XERO_CLIENT_SECRET": APP_SECRET,
            "XERO_GRANT": "authorization_code" if by_consent else "client_credentials",
            "XERO_API_URL": self.sandbox.url,
            "XERO_IDENTITY_URL": self.sandbox.url,
            "XERO_LOGIN_URL": self.sandbox.url,
            "SEGXERO_SECRET_KEY": secrets.token_urlsafe(24),
            "SEGXERO_MAPPINGS": str(self.mappings),
            "SEGXERO_PASSWORD": secrets.token_urlsafe(12),
            "SENTRY_DSN": "https://0123456789abcdef@sentry.example/1",
        }


HEALTHY_REDIS = {
    "requirepass": "",
    "maxmemory": "0",
    "maxmemory-policy": "noeviction",
    "appendonly": "yes",
    "appendfsync": "everysec",
}
__all__ = ["APP_SECRET", "COMPANY", "ORGANISATIONS", "SECRETS", "Checked", "SetUpPlace"]

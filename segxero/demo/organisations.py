"""Many organisations of a local stack: their mappings, and a Xero user who lets the app into them."""

import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from html import unescape
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import requests
import yaml

from segxero.errors import SegxeroError
from segxero.mapping.files.organisations import ORGANISATIONS_FILE
from segxero.sandbox import read_organisations
from segxero.services import Services
from segxero.settings import Settings
from workers.messages import messages

CALLBACK = "http://localhost/xero/callback"  # nobody listens there: the answer is read from the redirect
FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
CHOICE = re.compile(r'<input type="checkbox" name="tenant" value="([^"]+)"> ([^<]+)</label>')


def name_organisations(number: int) -> tuple[str, ...]:
    """Return the names of *number* organisations, in Xero as in organisations.yaml."""
    return read_organisations(str(number)) if number else ()


def write_mappings(source: Path, target: Path, organisations: Iterable[str]) -> None:
    """Copy the mappings of *source* to *target*; each of *organisations* takes the events of the source of its name."""
    shutil.copytree(source, target, dirs_exist_ok=True)
    # The first organisation of the file is the model of all the others.
    settings = next(iter(yaml.safe_load((source / ORGANISATIONS_FILE).read_text(encoding="utf-8")).values()))
    made = {name: {**settings, "sources": [name]} for name in organisations}
    (target / ORGANISATIONS_FILE).write_text(yaml.safe_dump(made, sort_keys=False), encoding="utf-8")


def connect(environment: Mapping[str, str], organisations: Sequence[str]) -> None:
    """Connect *organisations* as an operator does in the browser, who is a user of the sandbox's Xero."""
    services = Services.for_receiver(Settings.from_env(environment), messages())
    with services.redis:
        address, asked = services.connecting.consent.begin(CALLBACK)
        offer = services.connecting.consent.finish(asked, allow(address, organisations))
        services.connecting.connect(offer, {})


def allow(address: str, organisations: Sequence[str]) -> dict[str, str]:
    """Press Allow on the sandbox's consent page at *address*; return the parameters of its redirect."""
    page = requests.get(address, timeout=30)
    page.raise_for_status()
    tenants = [tenant for tenant, name in CHOICE.findall(page.text) if unescape(name) in organisations]
    # The form goes back as a browser would send it, hidden fields included.
    form = {**dict(FIELD.findall(page.text)), "tenant": tenants, "answer": "allow"}
    answer = requests.post(address, data=form, timeout=30, allow_redirects=False)
    back = dict(parse_qsl(urlsplit(answer.headers.get("Location", "")).query))
    if "code" not in back:
        raise SegxeroError(f"the sandbox lets nobody in ({answer.status_code} {back.get('error', '')})")
    return back

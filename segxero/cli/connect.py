"""`segxero connect` and `segxero keys`: organisations by Xero's consent, and the keys that encrypt their tokens."""

import sys
from urllib.parse import parse_qsl, urlsplit

import click

from segxero.cli.callback_server import answer_at
from segxero.cli.printing import services, show
from segxero.services import Services
from segxero.settings import CALLBACK, LOOPBACK
from segxero.xero.access.connections import Tenant
from segxero.xero.access.consent import Offer

WAIT_SECONDS = 600.0
NOT_NOW = "not now"


@click.command()
@click.option("--paste", is_flag=True, help="Ask for the address at which the browser ends, for a browser elsewhere.")
def connect(paste: bool) -> None:
    """Connect organisations: print the address of Xero's consent page and take what it answers."""
    wired = services()
    if not wired.settings.by_consent:
        raise click.ClickException("a custom connection needs no consent; XERO_GRANT=authorization_code is for many")
    callback = wired.settings.xero_redirect_url or f"http://localhost:{wired.settings.port}{CALLBACK}"
    address, asked = wired.connecting.consent.begin(callback)
    click.echo(f"Open this address in a browser and let your organisations in:\n\n{address}\n")
    waits_here = urlsplit(callback).hostname in LOOPBACK and not paste
    answer = answer_at(callback, WAIT_SECONDS) if waits_here else _pasted()
    offer = wired.connecting.consent.finish(asked, answer)
    going_on = wired.connecting.connect(offer, _chosen(wired, offer))
    rows = [
        {"organisation": name, "in_xero": one.name, "tenant": one.tenant}
        for name, one in wired.connections.all().items()
        if name in going_on
    ]
    show(rows, json_output=False, empty="Nothing is connected.")
    if offer.missing:
        click.echo(f"Xero did not grant {', '.join(offer.missing)}: add it to the app and connect again.", err=True)
    sys.exit(0 if rows and not offer.missing else 1)


@click.command()
@click.argument("organisation")
def disconnect(organisation: str) -> None:
    """End the connection of ORGANISATION at Xero and forget its tokens; its records are kept."""
    wired = services()
    if not wired.settings.by_consent:
        raise click.ClickException("a custom connection is ended in Xero: Settings, Connected apps")
    name = wired.connecting.disconnect(organisation)
    rest = "Its records wait: take it out of organisations.yaml, or connect it again."
    click.echo(f"{organisation} ({name}) is disconnected. {rest}")


@click.group()
def keys() -> None:
    """Look after the keys that encrypt what Redis keeps of tokens."""


@keys.command()
def rotate() -> None:
    """Encrypt everything with the first key of SEGXERO_SECRET_KEY; afterwards the others can be taken away."""
    wired = services()
    wired.settings.require_xero()
    done = wired.token_sets.rotate()
    click.echo(f"{done.renewed} encrypted anew, {done.current} had the first key already.")
    for name in done.unreadable:
        click.echo(f"{name} is read by no key: set the one that it was encrypted with, or connect again.", err=True)
    sys.exit(1 if done.unreadable else 0)


def _pasted() -> dict[str, str]:
    """Ask for the address at which the browser ended; it is not shown, and stands in no list of processes."""
    pasted = click.prompt("Paste the address at which the browser ends", hide_input=True)
    return dict(parse_qsl(urlsplit(pasted.strip()).query))


def _chosen(wired: Services, offer: Offer) -> dict[str, Tenant]:
    """Ask which tenant each organisation is for which that is not sure."""
    chosen: dict[str, Tenant] = {}
    unknown, free = wired.connecting.open_questions(offer)
    for name in unknown:
        left = {f"{tenant.name} ({tenant.id})": tenant for tenant in free if tenant not in chosen.values()}
        if left:
            for number, label in enumerate(left, start=1):
                click.echo(f"  {number}. {label}")
            number = click.prompt(f"{name} is (0 = {NOT_NOW})", type=click.IntRange(0, len(left)))
            if number:
                chosen[name] = list(left.values())[number - 1]
    return chosen

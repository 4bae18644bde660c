"""`segxero connect` and `segxero disconnect`: organisations connected through Xero's consent page."""

import sys
from urllib.parse import parse_qsl, urlsplit

import click

from segxero.cli.callback_server import wait_for_answer
from segxero.cli.printing import services, show
from segxero.services import Services
from segxero.settings import CALLBACK, LOOPBACK
from segxero.xero.access.connections import Tenant
from segxero.xero.access.consent import Offer

WAIT_SECONDS = 600.0
NOT_NOW = "not now"


@click.command()
@click.option(
    "--paste", is_flag=True, help="Ask for the browser's final address, if the browser is on another machine."
)
def connect(paste: bool) -> None:
    """Connect organisations: print the address of Xero's consent page and wait for its answer."""
    wired = services()
    if not wired.settings.by_consent:
        raise click.ClickException(
            "a custom connection needs no consent page; set XERO_GRANT=authorization_code to connect many organisations"
        )
    callback = wired.settings.xero_redirect_url or f"http://localhost:{wired.settings.port}{CALLBACK}"
    address, asked = wired.connecting.consent.begin(callback)
    click.echo(f"Open this address in a browser and choose your organisations:\n\n{address}\n")
    # A callback on another host reaches the receiver there, not this command.
    waits_here = urlsplit(callback).hostname in LOOPBACK and not paste
    answer = wait_for_answer(callback, WAIT_SECONDS) if waits_here else _ask_for_address()
    offer = wired.connecting.consent.finish(asked, answer)
    going_on = wired.connecting.connect(offer, _choose_tenants(wired, offer))
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
    """End the connection of ORGANISATION at Xero and delete its tokens. Its records are kept."""
    wired = services()
    if not wired.settings.by_consent:
        raise click.ClickException("end a custom connection in Xero: Settings, Connected apps")
    name = wired.connecting.disconnect(organisation)
    next_step = "Its records wait: remove it from organisations.yaml, or connect it again."
    click.echo(f"{organisation} ({name}) is disconnected. {next_step}")


def _ask_for_address() -> dict[str, str]:
    """Ask for the browser's final address. A hidden prompt keeps it off the screen and out of process lists."""
    pasted = click.prompt("Paste the browser's final address", hide_input=True)
    return dict(parse_qsl(urlsplit(pasted.strip()).query))


def _choose_tenants(wired: Services, offer: Offer) -> dict[str, Tenant]:
    """Ask for the tenant of each organisation whose name does not tell it."""
    chosen: dict[str, Tenant] = {}
    unknown, free = wired.connecting.find_open_questions(offer)
    for name in unknown:
        left = {f"{tenant.name} ({tenant.id})": tenant for tenant in free if tenant not in chosen.values()}
        if left:
            for number, label in enumerate(left, start=1):
                click.echo(f"  {number}. {label}")
            number = click.prompt(f"{name} is (0 = {NOT_NOW})", type=click.IntRange(0, len(left)))
            if number:
                chosen[name] = list(left.values())[number - 1]
    return chosen

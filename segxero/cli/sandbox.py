"""`segxero sandbox`: a local Xero."""

from dataclasses import replace
from typing import Any

import click

from segxero.sandbox import SandboxOptions, read_countries, read_organisations, serve


@click.command()
@click.option("--port", default=8100, show_default=True)
@click.option("--day-limit", default=1000, show_default=True, help="Calls a day, as on Xero's tiers.")
@click.option("--latency", default=0.0, show_default=True, help="Seconds before each answer.")
@click.option("--base-currency", default="", help="Base currency; default: the country's.")
@click.option("--country", default="NZ", show_default=True, help="Country of the chart of accounts and tax rates.")
@click.option("--seed", default=0, show_default=True)
@click.option("--organisations", default="", help="A number, or names separated by commas, such as `Kea,Kea AU=AU`.")
def sandbox(organisations: str, **chosen: Any) -> None:
    """Run a local Xero with its limits and refusals. Its control page is /sandbox."""
    options = SandboxOptions(**chosen)
    if organisations:
        names, countries = read_organisations(organisations), read_countries(organisations)
        options = replace(options, organisations=names, countries=countries)
    port = options.port
    click.echo(f"A local Xero at http://127.0.0.1:{port}, its control page at http://127.0.0.1:{port}/sandbox")
    serve(options)

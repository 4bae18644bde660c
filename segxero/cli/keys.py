"""`segxero keys`: the secret keys that encrypt the tokens stored in Redis."""

import sys

import click

from segxero.cli.printing import services


@click.group()
def keys() -> None:
    """Manage the secret keys that encrypt stored tokens."""


@keys.command()
def rotate() -> None:
    """Encrypt everything with the first key of SEGXERO_SECRET_KEY; then you can remove the other keys."""
    wired = services()
    wired.settings.require_xero()
    done = wired.token_sets.rotate()
    click.echo(f"{done.renewed} encrypted anew, {done.current} had the first key already.")
    for name in done.unreadable:
        click.echo(f"No key decrypts {name}: add the key it was encrypted with, or connect it again.", err=True)
    sys.exit(1 if done.unreadable else 0)

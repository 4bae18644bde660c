"""The command `segxero`. Exit status: 0 no faults, 1 faults found, 2 wrong usage.

Each command has a module, which is imported when the command is called: most need a part of segxero only.
"""

import sys
from importlib import import_module

import click
import redis

from segxero.errors import ConfigError, SegxeroError

MODULES = {
    "broker": "broker",
    "check": "check",
    "connect": "connect",
    "dead-letters": "dead_letters",
    "demo": "demo",
    "disconnect": "connect",
    "import": "imports",
    "init": "init",
    "keys": "keys",
    "links": "links",
    "mappings": "mappings",
    "run": "run",
    "sandbox": "sandbox",
    "send": "send",
    "status": "status",
    "trace": "trace",
}


class Commands(click.Group):
    """The commands of MODULES, imported by name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, sorted."""
        return sorted(MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; None when there is no such command."""
        if cmd_name not in MODULES:
            return None
        module = import_module(f"segxero.cli.{MODULES[cmd_name]}")
        name = cmd_name.replace("-", "_")
        found: click.Command = getattr(module, name, None) or getattr(module, f"{name}_")
        return found


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="segxero")
def commands() -> None:
    """Book Segment events in Xero."""


def main() -> None:
    """Run the command. Faults in the set-up print a sentence, not a traceback."""
    try:
        commands()
    except ConfigError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    except redis.RedisError as error:
        click.echo(f"Redis does not answer ({type(error).__name__}): check REDIS_URL, and that Redis runs", err=True)
        sys.exit(1)
    except SegxeroError as error:
        click.echo(f"{type(error).__name__}: {error}", err=True)
        sys.exit(1)

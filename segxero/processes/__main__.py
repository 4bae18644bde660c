"""`python -m segxero.processes Procfile web worker`: run programs of a Procfile in the foreground."""

import sys
from pathlib import Path

import click

from segxero.errors import ConfigError
from segxero.processes import become, run_procfile


@click.command()
@click.option("--become", "replace", is_flag=True, help="Turn into the one program named: for containers.")
@click.argument("procfile", type=click.Path(path_type=Path), default="Procfile")
@click.argument("names", nargs=-1)
def main(procfile: Path, names: tuple[str, ...], replace: bool) -> None:
    """Run the programs NAMES of PROCFILE (none: all but release) and restart those that end."""
    try:
        if replace:
            if len(names) != 1:
                raise click.UsageError("--become needs exactly one program")
            become(procfile, names[0])
        sys.exit(run_procfile(procfile, names))
    except ConfigError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()

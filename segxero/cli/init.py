"""`segxero init`: writes the settings and tables of an organisation from its preset and five questions (T24)."""

import difflib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import redis

from segxero.check.books.compare import ZONES
from segxero.cli import init_tables
from segxero.cli.printing import services, settings
from segxero.errors import ConfigError, SegxeroError
from segxero.mapping.files.organisations import ORGANISATIONS_FILE
from segxero.mapping.tax_settings import SOLD
from segxero.xero.books.parts import Books

TABLES = Path("tables")
RATES, ACCOUNTS, CLASSES = TABLES / "tax_rows.yaml", TABLES / "accounts.yaml", TABLES / "tax_classes.yaml"
RETIRED = TABLES / "tax_types.yaml"
CLASSES_TEXT = """\
# The class of products by tax code, SKU or category: standard, reduced, zero_rated, exempt;
# no_supply is for gift cards.
Gift Cards: no_supply
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """The answers to the five questions; None where it is to be asked."""

    country: str | None
    registered: bool | None
    sells: str | None
    ships_abroad: bool | None
    tax_inside: bool | None


@click.command()
@click.option("--organisation", default="main", show_default=True, help="Its name in organisations.yaml.")
@click.option("--country", help="Two letters such as NZ; it is read from Xero where the organisation is connected.")
@click.option("--registered/--not-registered", default=None, help="Is it registered for GST, VAT or sales tax?")
@click.option("--sells", help="The classes that it sells, with commas, such as standard,zero_rated.")
@click.option("--ships-abroad/--sells-at-home", "ships_abroad", default=None, help="Does it ship abroad?")
@click.option("--tax-inside/--tax-on-top", "tax_inside", default=None, help="Do prices contain the tax?")
@click.option("--directory", type=click.Path(path_type=Path), help="The mappings; SEGXERO_MAPPINGS as a rule.")
@click.option("--yes", is_flag=True, help="Write without asking.")
def init(organisation: str, directory: Path | None, yes: bool, **given: str | bool | None) -> None:
    """Write the settings, tax rates and accounts of an organisation; existing files change only after a look."""
    place = directory or _find_directory()
    books = _read_books(organisation)
    answers = _ask(Answers(**given), books, may_ask=sys.stdin.isatty() and not yes)  # type: ignore[arg-type]
    changed = list(_write(place, organisation, answers, books))
    if not changed:
        click.echo("Everything is as it should be; nothing was changed.")
        return
    for path, text in changed:
        _show(place / path, path, text)
    if not yes and not (sys.stdin.isatty() and click.confirm("Write these changes?")):
        click.echo("Nothing was written; --yes writes it.")
        sys.exit(1)
    for path, text in changed:
        _save(place / path, text)
    click.echo(f"Written: {', '.join(str(path) for path, _ in changed)}. `segxero check` compares them with Xero.")


def _find_directory() -> Path:
    try:
        return settings().segxero_mappings
    except ConfigError:
        return Path("mappings")


def _read_books(organisation: str) -> Books | None:
    """Return the books of the organisation; None where it is not connected yet."""
    try:
        return services().books.of(organisation)
    except (SegxeroError, redis.RedisError, OSError, KeyError) as error:
        click.echo(f"Xero was not read ({type(error).__name__}); the preset's own codes are used.", err=True)
        return None


def _ask(answers: Answers, books: Books | None, *, may_ask: bool) -> Answers:
    """Fill in the answers that no option gave. Raise UsageError where nobody can be asked for the country."""
    country = answers.country or (books.country if books else "")
    if not country and may_ask:
        country = click.prompt("Which country is the organisation in (two letters)?")
    if not country:
        raise click.UsageError("say which country it is: --country NZ, or connect the organisation first")
    registered, abroad, inside = answers.registered, answers.ships_abroad, answers.tax_inside
    sells = answers.sells
    if may_ask:
        registered = click.confirm("Is it registered for tax?", default=True) if registered is None else registered
        classes = f"Which classes does it sell ({', '.join(SOLD)}), with commas?"
        sells = click.prompt(classes, default="standard") if sells is None else sells
        abroad = click.confirm("Does it ship abroad?", default=True) if abroad is None else abroad
        inside = click.confirm("Do prices contain the tax?", default=False) if inside is None else inside
    unknown = [name for name in _split(sells) if name not in SOLD]
    if unknown:
        raise click.UsageError(f"{', '.join(unknown)} is no class: write {', '.join(SOLD)}")
    return Answers(country=country.upper(), registered=registered, sells=sells, ships_abroad=abroad, tax_inside=inside)


def _write(place: Path, organisation: str, answers: Answers, books: Books | None) -> Iterator[tuple[Path, str | None]]:
    """Yield each file that changes with its new text; None for one that goes."""
    assert answers.country
    preset = init_tables.read_preset(place, answers.country)
    zone = ZONES.get(books.time_zone) if books and books.time_zone else None
    chosen = {"country": preset.country, "time_zone": zone or preset.time_zone}
    if books and books.base_currency:
        chosen["currency"] = books.base_currency
    chosen |= {name: str(value) for name, value in preset.settings.items()}
    chosen |= _spell(answers)
    texts = {
        Path(ORGANISATIONS_FILE): init_tables.write_settings(_read(place / ORGANISATIONS_FILE), organisation, chosen),
        RATES: init_tables.write_rates(preset, books),
        ACCOUNTS: init_tables.write_accounts(_read(place / ACCOUNTS), books),
        CLASSES: _read(place / CLASSES) or CLASSES_TEXT,
    }
    for path, text in texts.items():
        if text and text != _read(place / path):
            yield path, text
    if (place / RETIRED).exists():
        yield RETIRED, None


def _spell(answers: Answers) -> dict[str, str]:
    """Write the answers as settings; an answer that nobody gave stays as it is shipped."""
    spelled = {}
    if answers.registered is not None:
        spelled["registered"] = str(answers.registered).lower()
    if answers.sells:
        spelled["sells"] = f"[{', '.join(_split(answers.sells))}]"
    if answers.ships_abroad is not None:
        spelled["ships_abroad"] = str(answers.ships_abroad).lower()
    if answers.tax_inside is not None:
        spelled["tax_missing"] = "inside" if answers.tax_inside else "ask"
    return spelled


def _split(text: str | None) -> list[str]:
    return [name.strip() for name in (text or "").split(",") if name.strip()]


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _show(path: Path, name: Path, text: str | None) -> None:
    before, after = _read(path).splitlines(), (text or "").splitlines()
    click.echo("\n".join(difflib.unified_diff(before, after, str(name), str(name), lineterm="", n=1)))


def _save(path: Path, text: str | None) -> None:
    if text is None:
        path.unlink()
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")

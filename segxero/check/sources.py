"""The sources that may book money: their list must be closed before the real Xero is connected.

Everybody can read the write key of a website or an app, so anybody can send an order to such a source.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

from segxero.check.finding import Finding, fault, good, note
from segxero.check.set_up import SetUp
from segxero.errors import AuthenticationError, RetryableError
from segxero.mapping.organisations import Organisation
from segxero.segment.public_api import PublicApi, SourceKind

NAME = "booking sources"
FILE = "mappings/organisations.yaml"


def look(set_up: SetUp) -> Iterator[Finding]:
    """Look at the lists of all organisations; where Segment's token is set, also at the kinds of the sources."""
    settings = set_up.settings
    is_real = is_xero(settings.xero_api_url)
    kinds: dict[str, SourceKind] = {}
    if settings.segment_api_token:
        try:
            kinds = PublicApi(settings.segment_api_token, settings.segment_public_api_url).kinds()
        except (AuthenticationError, RetryableError) as error:
            yield note(NAME, str(error), "the kinds of the sources are not known")
    for organisation in set_up.mappings.current().organisations.values():
        yield from judge(organisation, kinds, is_real=is_real)


def is_xero(api_url: str) -> bool:
    """Tell whether *api_url* is the real Xero and no sandbox."""
    host = urlsplit(api_url).hostname or ""
    return host == "xero.com" or host.endswith(".xero.com")


def judge(organisation: Organisation, kinds: dict[str, SourceKind], *, is_real: bool) -> Iterator[Finding]:
    """Yield what is to be said of one organisation; *kinds* are the known sources by their id."""
    name, listed = organisation.name, organisation.booking_sources
    if listed is None:
        if is_real:
            yield fault(
                NAME,
                f"every source may book money in {name}, and anybody can send orders to a browser source",
                f"list the ids of your servers and shops: booking_sources: [..] in {FILE}{_spell_known(kinds)}",
            )
        return
    public = [one for one in listed if one in kinds and kinds[one].is_public]
    for source in public:
        if source not in organisation.booking_browsers:
            kind = kinds[source]
            yield fault(
                NAME,
                f"{source} ({kind.name}) of {name} is a {kind.kind} source: its write key is public",
                f"take it out of booking_sources, or add it to booking_browsers in {FILE} if that is what you want",
            )
    named = ", ".join(f"{one} ({kinds[one].kind})" if one in kinds else one for one in listed)
    if all(one in organisation.booking_browsers for one in public):
        yield good(NAME, f"{name}: {named}")


def _spell_known(kinds: dict[str, SourceKind]) -> str:
    """Name the sources that Segment's workspace has, with their kinds."""
    if not kinds:
        return ""
    listed = ", ".join(f"{source} {kind.name} ({kind.kind})" for source, kind in sorted(kinds.items()))
    return f"; the workspace has {listed}"

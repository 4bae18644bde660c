"""Every Redis key of segxero, in one place. Celery's own lists are named like the queues.

A name that each turn needs, of an organisation or of its queue, is made once and kept: there are few of them.
"""

import hashlib
from functools import cache

INBOX = "segxero:inbox"  # hash: arrival id -> arrival (JSON)
INBOX_WOKEN = "segxero:inbox:woken"  # sorted set: arrival id -> second of its last wake-up
INBOX_WAITING = "segxero:inbox:waiting"  # hash: organisation -> live events not yet folded, history beside them
HISTORICAL = 10**10  # seconds: added to the place of imported history, so that it comes after all live records
IMPORTS = "segxero:imports"  # hash: digest of a file's content and of the choice -> lines that were taken
DEAD_LETTERS = "dead_letters"  # list of dead letters (JSON), newest first; no worker consumes it
DEAD_LETTER_IDS = "segxero:dead-letter-ids"  # set: the ids of letters that must not be kept twice
DEAD_LETTERS_REPORTED = "segxero:dead-letters:reported"  # set: ids of the letters that Flower was shown
DISCARDED = "segxero:discarded"  # list: the letters that somebody discarded, with the reason, newest first
COUNTS = "segxero:counts"  # hash: field of a figure (see counts.py) -> number since the beginning
LETTER_CAUSES = "segxero:letter-causes"  # hash: `<queue>|<error>` -> dead letters, as the watch counted them last
ALERTS = "segxero:alerts"  # hash: id of a cause -> the alert about it (JSON, see alerts.py)
WATCHING = "segxero:watching"  # held by the one process that looks whether a person must act
GRANTED = "segxero:granted"  # string: second at which Xero gave the access token in use
MAPPINGS_SEEN = "segxero:mappings-seen"  # hash: `<organisation> <queue>` -> version that its parked records know
SEGMENT_NAMES = "segxero:segment-names"  # string: names of Segment's sources and destinations (JSON)
SEGMENT_NAMES_READ = "segxero:segment-names:read"  # set (with its expiry) while they need not be read again
FORMAT = "segxero:format"  # hash: the number of the format, and since when Redis knows everything sent to Xero
SCHEDULE_WOKE = "segxero:schedule:woke"  # string: second at which the schedule woke last
BROKER_MARK = "segxero:writable"  # written by /readyz to see whether Redis takes writes

# The families of keys in which personal data may lie in clear, and why: the queues, and the ways to find entries.
# A key's name may hold it as well, where a mapping makes an e-mail address the key. Everything else holds digests,
# counts, or encrypted values; a test searches for anything else.
PERSONAL = {
    INBOX: "events that are not folded yet",
    "segxero:record:": "the records: the data that Xero is to have",
    "segxero:events:": "the events of a record that Xero does not have yet",
    "segxero:story:": "the history of a record, with reasons that may quote it",
    "segxero:outbox:": "which records are due, by their keys; the write-back's too",
    "segxero:parked:": "which records wait, by their keys",
    "segxero:missing:": "since when they wait, by their keys",
    "segxero:waiters:": "who waits for whom, by their keys",
    "segxero:flight:": "which records are on their way, by their keys",
    "segxero:names:": "which records want a name, by their keys; the name is a digest",
    "segxero:people:": "the keys that name people; e-mail addresses among them are digests",
    "segxero:contact-index:": "contacts by the ContactNumber that Xero has, a key; all else are digests",
    "segxero:followed:": "the records that an open alert concerns, by their keys",
    "segxero:rebuilding:": "the records that a rebuild has found until then, by their keys",
    DEAD_LETTERS: "dead letters with their events",
    DISCARDED: "the dead letters that somebody discarded",
}


def reference(object_name: str, key: str) -> str:
    """Name a record inside an organisation: `Contact|u1`."""
    return f"{object_name}|{key}"


def digest(ref: str) -> str:
    """Name a record in the logs: a key may be an e-mail address. `segxero trace` finds the record by it."""
    return hashlib.sha256(ref.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def record(organisation: str, ref: str) -> str:
    """Hash: f:<path> -> stamp and value; version, disposition, reason, xero_id, delivered, attempts …."""
    return f"segxero:record:{organisation}:{ref}"


def events(organisation: str, ref: str) -> str:
    """Hash: message id -> raw event, for the events that the record holds and Xero does not have yet."""
    return f"segxero:events:{organisation}:{ref}"


def trace(organisation: str, ref: str) -> str:
    """List: the last entries of a record's trace (JSON, see sync/records/trace.py), the oldest first."""
    return f"segxero:story:{organisation}:{ref}"


def waiters(organisation: str, ref: str) -> str:
    """Set of `<queue> <ref>`: the records waiting for this record."""
    return f"segxero:waiters:{organisation}:{ref}"


@cache
def outbox(organisation: str, queue: str) -> str:
    """Sorted set: ref -> second from which it may be delivered, plus HISTORICAL for imported history."""
    return f"segxero:outbox:{organisation}:{queue}"


@cache
def parked(organisation: str, queue: str) -> str:
    """Sorted set: ref -> its place in the outbox, for when it is freed; it waits for a record or a person."""
    return f"segxero:parked:{organisation}:{queue}"


@cache
def missing(organisation: str, queue: str) -> str:
    """Sorted set: ref -> second since which it waits for a record that is not there."""
    return f"segxero:missing:{organisation}:{queue}"


@cache
def flight(organisation: str, queue: str) -> str:
    """String: the batch on its way (JSON), stored before it is sent."""
    return f"segxero:flight:{organisation}:{queue}"


@cache
def lock(organisation: str, queue: str) -> str:
    """Held by the deliver task now working for this organisation and queue."""
    return f"segxero:lock:{organisation}:{queue}"


@cache
def awake(organisation: str, queue: str) -> str:
    """Set while a wake-up for the deliver task is on its way, to avoid thousands of them."""
    return f"segxero:awake:{organisation}:{queue}"


@cache
def breaker(organisation: str) -> str:
    """Hash: the outage of the organisation, see sync/waiting/breaker.py."""
    return f"segxero:breaker:{organisation}"


@cache
def pause(organisation: str, queue: str) -> str:
    """String (with its expiry): why this queue of the organisation does not call Xero; '1' by earlier versions."""
    return f"segxero:hold:{organisation}:{queue}"


@cache
def operator_hold(organisation: str) -> str:
    """Set (with its expiry) while an operator keeps all queues of the organisation from calling Xero."""
    return f"segxero:operator-hold:{organisation}"


def names(organisation: str, name: str) -> str:
    """Set of refs: the contacts that want the name whose digest is *name*."""
    return f"segxero:names:{organisation}:{name}"


def contact_index(organisation: str) -> str:
    """Hash: the contacts that Xero has, by id, and by the digests of name and e-mail (see sync/contact_index.py)."""
    return f"segxero:contact-index:{organisation}"


def people(organisation: str) -> str:
    """Hash: key of a person -> its strength and the stamp of the first event that named it (see contacts/people.py)."""
    return f"segxero:people:known:{organisation}"


def people_links(organisation: str, key: str = "") -> str:
    """Set: the keys that events named together with *key*, each behind `alias` or `event`."""
    return f"segxero:people:links:{organisation}:{key}"


def people_changed(organisation: str) -> str:
    """Set of the keys of which events have told something new."""
    return f"segxero:people:changed:{organisation}"


def people_joining(organisation: str) -> str:
    """Set of the changed keys that a turn is joining to persons now; it outlives the turn that dies over it."""
    return f"segxero:people:joining:{organisation}"


def leads(organisation: str) -> str:
    """Hash: key -> the key of the record that stands for the person, where that is another one."""
    return f"segxero:people:leads:{organisation}"


def members(organisation: str, lead: str) -> str:
    """Set: the keys of the person for whom the record *lead* stands, where there are several."""
    return f"segxero:people:members:{organisation}:{lead}"


def dependants(organisation: str, key: str) -> str:
    """Set of `<queue> <ref>`: the records that name the contact *key* as theirs."""
    return f"segxero:people:dependants:{organisation}:{key}"


def rebuilding(organisation: str) -> str:
    """Hash: how far `segxero links rebuild` has come, and its findings until then."""
    return f"segxero:rebuilding:{organisation}"


def followed(cause_id: str) -> str:
    """Hash: organisation, line break, ref -> amount, of the records that an open alert concerns."""
    return f"segxero:followed:{cause_id}"


def unbooked(organisation: str) -> str:
    """Hash: `<name>|<figure>` -> number: the money of ignored events (see sync/folding/unbooked.py)."""
    return f"segxero:unbooked:{organisation}"


def unbooked_ids(organisation: str) -> str:
    """Sorted set: digest of a message id -> second at which its money was counted as unbooked."""
    return f"segxero:unbooked-ids:{organisation}"


def users(organisation: str) -> str:
    """String, encrypted and with an expiry: e-mail -> name of the organisation's users in Xero (JSON)."""
    return f"segxero:sealed-users:{organisation}"


def users_in_clear(organisation: str) -> str:
    """The key of earlier versions, with the users unencrypted; it is removed."""
    return f"segxero:users:{organisation}"


def books(organisation: str) -> str:
    """Hash: part -> second of its reading and the kept part of Xero's answer (JSON, see xero/books)."""
    return f"segxero:books:{organisation}"


@cache
def retry_groups(organisation: str) -> str:
    """Hash: retry group -> since when it is refused, when it is tried again, and why new records wait (JSON)."""
    return f"segxero:holds:{organisation}"


@cache
def budget(organisation: str) -> str:
    """Prefix of the three budget keys of an organisation (see budget.lua)."""
    return f"segxero:budget:{organisation}"


TOKENS, CONSENTS = "segxero:token:", "segxero:consent:"  # prefixes of all that is encrypted and must stay readable


def token(client_id: str, user: str = "") -> str:
    """String: the encrypted token set of a Xero user of this app; of its custom connection without *user*."""
    return f"{TOKENS}{client_id}:{user}" if user else f"{TOKENS}{client_id}"


def consent(session: str) -> str:
    """String, encrypted and with an expiry: the consent that was begun in the browser session of this digest."""
    return f"{CONSENTS}{session}"


ATTEMPTS = "segxero:attempts"  # prefix of the counts of wrong passwords (see operators/attempts.py)


def session(digest_of_id: str) -> str:
    """String (JSON, with its expiry): when an operator's session began, and a proof of the password then."""
    return f"segxero:session:{digest_of_id}"


CONNECTIONS = "segxero:connections"  # hash: organisation -> its connection (JSON): tenant, user, scopes


def refusal(organisation: str) -> str:
    """String (with its expiry): why Xero has just refused the connection of this organisation."""
    return f"segxero:paused:{organisation}"

"""Keys as Xero holds them: ContactNumber, InvoiceNumber, Code, and the markers in Reference.

Every object finds its records again by these numbers, so two keys must never get the same number.
"""

import hashlib

from segxero.xero.objects.wanted import Wanted

LONGEST_KEY = 50
LONGEST_MARKER = 100  # of a payment; Xero's pages name no maximum of Reference
COPY = "copy"  # remembered: the number behind the key, see the policies number_taken and archived_contact
MOST_COPIES = 9  # records of the same number


def fit_key(key: str, longest: int = LONGEST_KEY) -> str:
    """Return *key* as Xero can hold and find it: printable ASCII of at most *longest* characters.

    Any other key is cut, and a digest of the whole key is put behind it.
    """
    # Xero's pages do not say how a `where` escapes a quotation mark or a backslash, so neither is kept.
    readable = "".join(letter for letter in key if letter.isascii() and letter.isprintable() and letter not in '"\\')
    if len(key) <= longest and key == readable.strip():
        return key
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{readable.strip()[: longest - 17]}~{digest}"


def make_number(wanted: Wanted, longest: int = LONGEST_KEY) -> str:
    """Return the number of the record in Xero: its key, with `/2` behind it where somebody else has that number."""
    copy = wanted.remembered.get(COPY)
    return fit_key(f"{wanted.key}/{copy}" if copy else wanted.key, longest)


def quote(text: str) -> str:
    """Write *text* as a literal of Xero's `where` language."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

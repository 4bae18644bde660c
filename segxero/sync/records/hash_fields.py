"""The fields of a record's hash in Redis, and the groups of fields that change together.

Every Python module that reads or writes such a hash takes the names from here; the Lua scripts write the same names.
"""

from collections.abc import Mapping
from types import MappingProxyType

FIELDS = "f:"  # prefix of fields that hold what the events want
REMEMBERED = "x:"  # prefix of fields that hold what an object kept of Xero's answer

VERSION, DISPOSITION, REASON, OBSTACLE, MAPPING = "version", "disposition", "reason", "obstacle", "mapping"
XERO_ID, DELIVERED, SEEN, NAMES = "xero_id", "delivered", "seen", "names"
UNCERTAIN, TAKEN, STUCK, LOOKS, RETRY_GROUP = "uncertain", "taken", "stuck", "looks", "held"
ATTEMPTS, ATTEMPTED, FAILING_SINCE, DEATHS, BATCH = "attempts", "attempted", "failing_since", "deaths", "batch"
SINCE, SETTLED_AT, TOLD_AS = "since", "settled_at", "told_as"

ON, OFF = "1", ""  # a result removes a field that it sets to OFF
LINK = (XERO_ID, DELIVERED, SEEN)  # all that says which element of Xero a record is
FORGET_LINK: Mapping[str, str] = MappingProxyType(dict.fromkeys(LINK, OFF))
FORGET_ATTEMPTS: Mapping[str, str] = MappingProxyType(dict.fromkeys((ATTEMPTS, FAILING_SINCE, ATTEMPTED, DEATHS), OFF))
FORGET_DOUBTS: Mapping[str, str] = MappingProxyType(dict.fromkeys((UNCERTAIN, TAKEN, SEEN), OFF))

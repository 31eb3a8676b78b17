"""Read the changed properties of an object in an entry of Entra's audit log.

Each property has a name, an old value and a new value
(https://learn.microsoft.com/graph/api/resources/modifiedproperty). A value is null or a text that usually contains
JSON. If a value cannot be stored, a note in brackets is stored in its place.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from assessments.collect.activity.event_values import mapping_of, text_of
from assessments.display.names import clean
from assessments.estate.differences import shortened
from assessments.estate.ids import fold
from assessments.estate.logs.activity import MAX_TEXT
from assessments.estate.redact import REDACTED, redact

MAX_PROPERTIES: Final = 20
"""The maximum number of properties of an object that are stored. Further properties are only counted."""
MAX_READ: Final = 20_000
MAX_DEPTH: Final = 12
_TOO_LONG: Final = "({:,} characters, not stored)"
_TOO_DEEP: Final = "(nested too deeply, not stored)"
_NOT_GIVEN: Final = "(Entra gives no value)"
# Properties of people that are masked here, because `redact` does not know the names of these properties.
_PERSONAL: Final = frozenset(
    "city facsimiletelephonenumber immutableid mailnickname mobile onpremisessamaccountname othermobile"
    " physicaldeliveryofficename postalcode streetaddress telephonenumber".split()
)
# The values of properties whose names begin with this text are always hidden. These properties are about methods of
# multifactor sign-in: phone numbers, names of devices, tokens and keys.
_WITHHELD: Final = "strongauthentication"


class Modified(NamedTuple):
    """The changed properties of an object.

    `rows` has the first `MAX_PROPERTIES` changed properties, in the form of `ResourceChange.differences`. A row has
    no `before` if the property had no value, and no `now` if it has no value any more. `total` counts all changed
    properties.
    """

    rows: tuple[Mapping[str, Any], ...]
    total: int


NOTHING: Final = Modified((), 0)


def modified_properties(value: Any, *, is_person: bool) -> Modified:
    """Return the changed properties in `value`, which is the value of `modifiedProperties`. Secrets and personal data
    are masked. A property without a name is counted, but not stored.
    """
    rows: list[Mapping[str, Any]] = []
    count = 0
    for entry in value if isinstance(value, list) else ():
        found = mapping_of(entry)
        old, new = found.get("oldValue"), found.get("newValue")
        name = clean(text_of(found.get("displayName")), MAX_TEXT)
        if name and old is not None and old == new:
            continue
        count += 1
        if name and len(rows) < MAX_PROPERTIES:
            rows.append({"path": [name], **dict(_sides(name, old, new, is_person=is_person))})
    return Modified(tuple(rows), count)


def _sides(name: str, old: Any, new: Any, *, is_person: bool) -> Iterator[tuple[str, Any]]:
    if old is None and new is None:
        old = new = _NOT_GIVEN
    for side, value in (("before", old), ("now", new)):
        if value is not None:
            yield side, _shown(name, value, is_person=is_person)


def _shown(name: str, value: Any, *, is_person: bool) -> Any:
    owner, _, key = fold(name).replace(" ", "").rpartition(".")
    if key.startswith(_WITHHELD):
        return REDACTED
    try:
        text = value if isinstance(value, str) else json.dumps(value)
        if len(text) > MAX_READ:
            return _TOO_LONG.format(len(text))
        decoded = _decoded(_parsed(text), 0)
    except RecursionError:
        return _TOO_DEEP
    # A changed property in the entry about a person can describe another object: `Group.DisplayName` is the name of a
    # group, so it is not masked.
    of_person = owner == "user" or (is_person and owner in ("", "targetid"))
    # `redact` does not know the names in `_PERSONAL`. Instead of such a name, pass a name whose values it masks.
    known = "givenname" if of_person and key in _PERSONAL else key
    return shortened(redact(decoded, known, person=of_person))


def _decoded(value: Any, depth: int) -> Any:
    """Return the value, with each text that contains JSON replaced by the decoded JSON value. Raise RecursionError if
    values are nested in more than MAX_DEPTH levels.
    """
    if depth > MAX_DEPTH:
        raise RecursionError
    if isinstance(value, str):
        inner = _parsed(value) if value.lstrip()[:1] in ("{", "[", '"') else value
        return _storable(value) if isinstance(inner, str) and inner == value else _decoded(inner, depth + 1)
    if isinstance(value, list):
        return [_decoded(one, depth + 1) for one in value]
    if isinstance(value, dict):
        return {_storable(name): _decoded(one, depth + 1) for name, one in value.items()}
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _parsed(text: str) -> Any:
    """Return the JSON value of a text. If the text is not JSON, return the text itself."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _storable(text: str) -> str:
    """Return the text without characters that PostgreSQL cannot store."""
    return text.encode(errors="ignore").decode().replace("\0", "")

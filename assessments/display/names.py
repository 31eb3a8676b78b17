"""The names of people and things, by GUID. Names come from the directories of customers, so they are untrusted text.
Pure functions.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

GUID = re.compile(r"(?<![0-9a-z-])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-z-])", re.IGNORECASE)
MAX_NAME = 120
MAX_PRINCIPAL_NAME = 160
# Besides Unicode's category C, `clean` removes these invisible characters.
_INVISIBLE = frozenset("\u00ad\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufe0e\ufe0f")
MAX_MARKS = 3


class Kind(StrEnum):
    """The kind of object that a name belongs to. The values are stored."""

    USER = "user"
    GROUP = "group"
    APPLICATION = "application"
    DEVICE = "device"
    DIRECTORY_ROLE = "directory_role"
    AZURE_ROLE = "azure_role"
    POLICY = "policy"
    RECOMMENDATION = "recommendation"
    OTHER = "other"


class Status(StrEnum):
    """Whether the name of an object is stored, or why no name is stored. The database contains these values.

    KNOWN: the object was read, but the object may have no name. WANTED: the name was not read yet. NOT_READABLE: a
    permission is missing. GONE: the directory has no such object. ERASED: the name was removed on request.
    """

    KNOWN = "known"
    WANTED = "wanted"
    NOT_READABLE = "not_readable"
    GONE = "gone"
    ERASED = "erased"


_PROBLEMS = {
    Status.KNOWN: "without a name",
    Status.WANTED: "name not read yet",
    Status.GONE: "not in the directory",
    Status.ERASED: "name erased on request",
}


def clean(text: str, limit: int = MAX_NAME) -> str:
    """Return the name on one line and with limited length. Control, bidirectional and invisible characters are removed.

    At most three combining marks follow each other, so that a name cannot cover the lines above it.
    """
    kept: list[str] = []
    marks = 0
    for character in unicodedata.normalize("NFC", text[: 4 * limit]):
        category = unicodedata.category(character)
        if category[0] == "Z" or character in "\t\r\n\f\v":
            kept.append(" ")
            marks = 0
        elif category[0] == "C" or character in _INVISIBLE:
            continue
        elif category[0] == "M":
            marks += 1
            if marks <= MAX_MARKS:
                kept.append(character)
        else:
            kept.append(character)
            marks = 0
    joined = " ".join("".join(kept).split())
    return joined if len(joined) <= limit else f"{joined[: limit - 1].rstrip()}…"


@dataclass(frozen=True, slots=True)
class Name:
    """The name of an object, or the reason why no name is stored.

    If the status is NOT_READABLE, `permission` is the missing permission.
    """

    guid: str
    kind: Kind = Kind.OTHER
    status: Status = Status.KNOWN
    display_name: str = ""
    principal_name: str = ""
    permission: str = ""

    @property
    def is_known(self) -> bool:
        """Whether there is a text to show instead of the id."""
        return self.status is Status.KNOWN and bool(self.display_name or self.principal_name)

    @property
    def label(self) -> str:
        """The name for people, such as ``Anna Berg (anna@contoso.com)``; an empty string if the name is not stored."""
        if not self.is_known:
            return ""
        shown, principal = clean(self.display_name), clean(self.principal_name, MAX_PRINCIPAL_NAME)
        if not shown or not principal or shown.casefold() == principal.casefold():
            return shown or principal
        return f"{shown} ({principal})"

    @property
    def problem(self) -> str:
        """Why the id is shown instead of a name."""
        if self.is_known:
            return ""
        if self.status is Status.NOT_READABLE:
            return f"name not readable: missing permission {self.permission}"
        return _PROBLEMS[self.status]


class Names:
    """The names that a page needs. `places` maps scope ids of subscriptions and directories to their names."""

    def __init__(self, names: Iterable[Name] = (), places: Mapping[str, str] | None = None) -> None:
        self._names = {name.guid.casefold(): name for name in names}
        self._places = {key.casefold(): value for key, value in (places or {}).items()}

    def get(self, guid: str) -> Name | None:
        """Return the name of the object with this GUID, or None if nothing is stored about the object. The case of the
        GUID does not matter.
        """
        return self._names.get(guid.casefold())

    def place(self, scope: str) -> str:
        """Return the name of the subscription or directory with this scope id. If the name is not stored, return an
        empty string.
        """
        return self._places.get(scope.casefold(), "")


NO_NAMES = Names()

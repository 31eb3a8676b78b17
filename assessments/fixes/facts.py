"""Facts of a finding that a fix can use: names in the subject's id, and observed values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from assessments.estate.ids import type_of

_SEGMENT: Final = re.compile(r"/([^/]+)/([^/]+)")
_DIRECTORY: Final = re.compile(r"directory:([^/]+)(?:/users/(.+))?")


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of one finding. `subject` is an ARM id, `directory:GUID` or `directory:GUID/users/GUID`.

    `directory` and `cloud` say where to sign in. Without a finding, as in the documentation, all fields are empty. The
    path in the Azure portal shows `subscription_name` instead of the subscription's id. `remarks` are the remarks of
    the verdict, as the finding stores them; they are empty if only an earlier verdict is shown.
    """

    subject: str = ""
    observed: Mapping[str, Any] = field(default_factory=dict)
    directory: str = ""
    cloud: str = ""
    subscription_name: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """The resource type of the subject in lower case, or an empty string."""
        return type_of(self.subject).lower()

    def segment(self, name: str) -> str:
        """Return the text after the segment `name` in the subject's id, or an empty string."""
        for key, value in _SEGMENT.findall(self.subject):
            if key.lower() == name.lower():
                return str(value)
        return ""

    def directory_id(self) -> str:
        """Return the directory in the subject's id. If the id names none, return the directory to sign in to."""
        found = _DIRECTORY.match(self.subject)
        return found[1] if found else self.directory

    def user_id(self) -> str:
        """Return the user that the finding is about, or an empty string."""
        found = _DIRECTORY.match(self.subject)
        return (found[2] or "") if found else ""

    def text(self, key: str) -> str:
        """Return an observed text, or an empty string."""
        value = self.observed.get(key)
        return value if isinstance(value, str) else ""

    def texts(self, key: str) -> list[str]:
        """Return an observed list of texts, or []."""
        value = self.observed.get(key)
        return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else []

    def rows(self, key: str) -> list[Mapping[str, Any]]:
        """Return an observed list of objects, or []."""
        value = self.observed.get(key)
        return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []

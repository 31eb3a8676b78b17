"""The facts of a finding that are filled into fixes: names from the id of the subject, and observed values."""

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

    `directory` is the GUID of the directory at which commands sign in. `cloud` is the name of the directory's cloud.
    Paths in the Azure portal show `subscription_name`. `remarks` are the remarks of the current verdict. If the facts
    come from an earlier verdict, `remarks` is empty. If there is no finding, all fields are empty.
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
        """Return the segment after the segment `name` in the subject's id, such as the name of the resource group after
        `resourceGroups`, or an empty string.
        """
        for key, value in _SEGMENT.findall(self.subject):
            if key.lower() == name.lower():
                return str(value)
        return ""

    def directory_id(self) -> str:
        """Return the GUID of the directory in the subject's id, or else `directory`."""
        found = _DIRECTORY.match(self.subject)
        return found[1] if found else self.directory

    def user_id(self) -> str:
        """Return the object id of the user that is the subject, or an empty string for another subject."""
        found = _DIRECTORY.match(self.subject)
        return (found[2] or "") if found else ""

    def text(self, key: str) -> str:
        """Return the observed value with this key if it is a text, or an empty string."""
        value = self.observed.get(key)
        return value if isinstance(value, str) else ""

    def texts(self, key: str) -> list[str]:
        """Return the texts in the observed list with this key, or []."""
        value = self.observed.get(key)
        return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else []

    def rows(self, key: str) -> list[Mapping[str, Any]]:
        """Return the objects in the observed list with this key, or []."""
        value = self.observed.get(key)
        return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []

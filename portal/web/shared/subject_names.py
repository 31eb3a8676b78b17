"""Find the names of a subject's resource, resource group and subscription, which are parts of the subject's id."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_RESOURCE: Final = re.compile(
    r"^/subscriptions/(?P<subscription>[^/]+)(?:/resourceGroups/(?P<group>[^/]+))?"
    r"(?:/providers/(?P<provider>[^/]+)/(?P<rest>.+))?",
    re.IGNORECASE,
)


class Place(NamedTuple):
    """Parts of a subject's id. A part is empty if the id does not contain it. ``kind`` is the resource type, such as
    ``Microsoft.X/types/children``.
    """

    subscription: str = ""
    group: str = ""
    kind: str = ""
    name: str = ""


def place(subject: str) -> Place:
    """Return the parts of an ARM id, ignoring case. For any other id, the whole id is the name."""
    match = _RESOURCE.match(subject)
    if match is None:
        return Place(name=subject)
    parts = (match["rest"] or "").split("/")
    kind = "/".join([match["provider"], *parts[0::2]]) if match["provider"] else ""
    name = "/".join(parts[1::2]) or match["group"] or match["subscription"]
    return Place(match["subscription"], match["group"] or "", kind, name)

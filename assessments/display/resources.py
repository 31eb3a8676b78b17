"""Show resource ids and scopes to people as names. Pure functions."""

from __future__ import annotations

import re

from assessments.display.names import GUID, Names
from assessments.display.text import Code, Fragment, Named, Term, Text
from assessments.estate.ids import fold

# An id of Azure Resource Manager in a text, or an id that begins with `directory:`. Names can contain dots and
# parentheses, but final punctuation belongs to the sentence. An operation is no id, for example
# Microsoft.Resources/subscriptions/read.
RESOURCE_ID = re.compile(
    r"(?<![\w.])/(?:subscriptions|providers)/[^\s,;:'\"]*[^\s,;:'\".)]|directory:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"(?:/[^\s,;:'\"]*[^\s,;:'\".)])?",
    re.IGNORECASE,
)
_MANAGEMENT_GROUP = "/providers/microsoft.management/managementgroups/"


def is_resource_id(text: str) -> bool:
    """Return whether a whole text is the id of a resource or scope."""
    return RESOURCE_ID.fullmatch(text) is not None


def resource(identifier: str, names: Names) -> Fragment:
    """Return the name of the object with this id: a resource, scope, directory, person or role."""
    folded = fold(identifier)
    if known := names.place(folded):
        return Code(known, identifier)
    parts = [part for part in identifier.strip("/").split("/") if part]
    last = parts[-1] if parts else identifier
    if folded.startswith(_MANAGEMENT_GROUP) and folded.count("/") == 4:
        return Text(Term("management group "), Code(last, identifier))
    if len(parts) == 2 and parts[0].casefold() == "subscriptions":
        return Text(Term("subscription "), Code(last, identifier))
    if len(parts) == 4 and parts[2].casefold() == "resourcegroups":
        return Text(Term("resource group "), Code(last, identifier))
    if folded.startswith("directory:") and len(parts) == 1:
        return Text(Term("directory "), Code(last.partition(":")[2], identifier))
    if GUID.fullmatch(last):
        name = names.get(last)
        return Named(last, name) if name is not None else Code(last, identifier)
    return Code(_path(identifier) or last, identifier)


def _path(identifier: str) -> str:
    """Return the names in an id without the types: ``vnet1/subnet1``, ``audit of sql1/master``."""
    pieces = [
        piece for piece in re.split(r"/providers/", identifier.strip("/"), flags=re.IGNORECASE) if piece
    ]
    shown = []
    for piece in pieces:
        parts = piece.split("/")
        is_provider = "." in parts[0]
        values = parts[2::2] if is_provider else ()
        if values:
            shown.append("/".join(values))
    return " of ".join(reversed(shown))


def scope(identifier: str, names: Names) -> Fragment:
    """Return the name of the scope at which a role applies. For `/`, return “everything”."""
    return Term("everything") if identifier == "/" else resource(identifier, names)

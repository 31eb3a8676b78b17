"""Decide for each answer whether an estate file must contain the answer, or whether the sandbox can build the answer
itself. Pure functions.

The sandbox, an emulated Azure, builds ARM lists from the ids of documents. Such a list has the documents whose ids are
directly below the path of the list. A subscription's list of a type also has the resources of this type in all
resource groups. Every other answer is written to the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from assessments.estate.collection import Collection, Shape
from assessments.estate.ids import fold, subscription_of

_GROUP = re.compile(r"^(/subscriptions/[^/]+)/resourcegroups/[^/]+(?=/providers/)")
_USABLE = re.compile(r"^/(subscriptions/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|providers)(/[^/]+)*$")


def is_derivable(
    collection: Collection, path: str, documents: Iterable[str], subscriptions: frozenset[str]
) -> bool:
    """Return whether the sandbox would answer a request for `path` with exactly the documents that have these ids."""
    place = subscription_of(path)
    if place and place not in subscriptions:
        return False
    return all(_belongs(collection, fold(path), fold(identifier), subscriptions) for identifier in documents)


def _belongs(collection: Collection, path: str, identifier: str, subscriptions: frozenset[str]) -> bool:
    if not _USABLE.match(identifier):
        return False
    place = subscription_of(identifier)
    if place and place not in subscriptions:
        return False
    if collection.shape is Shape.SINGLE:
        return identifier == path
    if collection.spans_scopes:
        return True
    return path in (_parent(identifier), _parent(_GROUP.sub(r"\1", identifier)))


def _parent(identifier: str) -> str:
    return identifier.rpartition("/")[0]

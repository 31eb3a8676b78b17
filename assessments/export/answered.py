"""Decides whether what a collection answered follows from the documents' ids, or must be scripted. Pure.

Whoever serves an estate file derives an ARM list from ids: a document belongs to the list of its parent, and a
resource in a group to the subscription's list of its type. What Azure answered otherwise is written as an answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from assessments.estate.collection import Collection, Shape
from assessments.estate.ids import fold, subscription_of

# Listed at a scope together with what it inherits or what lies below it, so their ids name other scopes.
_SPREAD = {
    "role_assignments", "role_definitions", "role_eligibilities", "policy_assignments", "policy_exemptions",
    "security_assessments", "security_subassessments", "security_assessments_metadata", "guest_configuration",
    "resources",
}  # fmt: skip
_GROUP = re.compile(r"^(/subscriptions/[^/]+)/resourcegroups/[^/]+(?=/providers/)")
_USABLE = re.compile(r"^/(subscriptions/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|providers)(/[^/]+)*$")


def is_derived(
    collection: Collection, path: str, documents: Iterable[str], subscriptions: frozenset[str]
) -> bool:
    """Whether an ARM answer with documents of these ids, asked at `path`, follows from the ids alone."""
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
    if collection.name in _SPREAD:
        return True
    return path in (_parent(identifier), _parent(_GROUP.sub(r"\1", identifier)))


def _parent(identifier: str) -> str:
    return identifier.rpartition("/")[0]

"""Conditions for a search in changes. `has_word` searches the resource id and the possible actors for a word, and
`has_actor` finds the changes that one of several actors may have made.

Under row-level security, no index can search inside a text or list (ADR 8). So the table `ChangeText` contains each
resource id and each list of possible actors once. The search first finds the matching texts in this table, and then the
changes that have the keys of these texts.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Lower, StrIndex
from django.db.models.lookups import GreaterThan

from assessments.estate.ids import fold
from portal.changes.models import ChangeText
from tenants.models import Tenant

MAX_KEYS: Final = 1000
"""The maximum number of texts whose keys a condition lists. The number is limited, so that PostgreSQL uses the indexes
of the keys.
"""


def has_word(tenant: Tenant, word: str) -> Q:
    """Return the condition that the resource id or one of the possible actors contains the word, ignoring case.

    If many texts match, the condition is two subqueries joined by OR, so that PostgreSQL reads changes from the newest
    on. With a single subquery, PostgreSQL would join all changes before sorting.
    """
    kinds = ChangeText.Kind
    resources = _texts(tenant, kinds.RESOURCE, Q(_contains(Lower(Value(word)))))
    actors = _texts(tenant, kinds.ACTORS, Q(_contains(Value(fold(word)))))
    found = {"azure_ref": _keys(resources), "actors_ref": _keys(actors)}
    if any(len(keys) > MAX_KEYS for keys in found.values()):
        return Q(azure_ref__in=resources) | Q(actors_ref__in=actors)
    return Q(azure_ref__in=found["azure_ref"]) | Q(actors_ref__in=found["actors_ref"])


def has_actor(tenant: Tenant, actors: Collection[str]) -> Q:
    """Return the condition that one of these actors may have made the change. Actors are given as in
    `ResourceChange.actors`.
    """
    condition = Q(pk__in=[])
    for actor in actors:
        if "\n" in actor:
            continue  # Actors are stored one per line, so a text with a line break cannot be an actor.
        condition |= Q(_contains(Value(f"\n{actor}\n")))
    keys = _keys(_texts(tenant, ChangeText.Kind.ACTORS, condition))
    return Q(actors__overlap=list(actors)) if len(keys) > MAX_KEYS else Q(actors_ref__in=keys)


def _texts(tenant: Tenant, kind: ChangeText.Kind, condition: Q) -> QuerySet[ChangeText, UUID]:
    return (
        ChangeText.objects.filter(condition, tenant=tenant, kind=kind)
        .order_by()
        .values_list("key", flat=True)
    )


def _keys(texts: QuerySet[ChangeText, UUID]) -> list[UUID]:
    return list(texts[: MAX_KEYS + 1])


def _contains(needle: Any) -> GreaterThan:
    return GreaterThan(StrIndex(F("text"), needle), 0)

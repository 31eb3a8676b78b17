"""Find the locks that apply to a resource.

The locks of a resource group or subscription apply to all resources in it.
https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources
"""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from assessments.controls.context import Context
from assessments.estate.collections.locks import LOCKS
from assessments.estate.ids import fold
from assessments.estate.view import Unreadable, View

LEVELS: Final = frozenset({"notspecified", "cannotdelete", "readonly"})
_LOCK: Final = "/providers/microsoft.authorization/locks/"


def locks_of(ctx: Context, identifier: str) -> list[View]:
    """Return the locks at a resource, its resource group and its subscription.

    Raise CollectionUnavailable if the locks could not be read.
    """
    ctx.require_complete(LOCKS)
    by_scope = ctx.memo("locks by scope", lambda: _by_scope(ctx))
    steps = fold(identifier).split("/")
    scopes = ["/".join(steps[:end]) for end in range(1, len(steps) + 1)]
    return ctx.bind(lock for scope in scopes for lock in by_scope.get(scope, ()))


def deletion_locks(ctx: Context, identifier: str) -> list[str]:
    """Return the sorted names of the locks that prevent the deletion of a resource. Raise CollectionUnavailable if
    needed data could not be read.

    Raise Unreadable if the level of a lock cannot be read and no other lock prevents the deletion.
    """
    names: list[str] = []
    problem: Unreadable | None = None
    for lock in locks_of(ctx, identifier):
        try:
            if level(lock) != "notspecified":
                names.append(lock.name)
        except Unreadable as error:
            problem = problem or error
    if problem is not None and not names:
        raise problem
    return sorted(names)


def level(lock: View) -> str:
    """Return the level of a lock: `cannotdelete`, `readonly` or `notspecified`. Raise Unreadable if a needed property
    cannot be read.
    """
    return lock.object("properties").choice("level", LEVELS)


def _by_scope(ctx: Context) -> dict[str, list[View]]:
    found: dict[str, list[View]] = defaultdict(list)
    for lock in ctx.estate.documents(LOCKS.name):
        scope, is_lock, _ = fold(lock.id).rpartition(_LOCK)
        if is_lock:
            found[scope].append(lock)
    return found

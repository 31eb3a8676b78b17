"""Defender's assessments and vulnerability findings of virtual machines, by machine."""

from __future__ import annotations

from assessments.controls.context import Context
from assessments.estate.collection import Collection
from assessments.estate.ids import fold
from assessments.estate.view import View

_MARK = "/providers/microsoft.security/"


def findings_of(ctx: Context, collection: Collection, machine: str) -> list[View]:
    """The documents that Defender keeps under a machine's id, as far as they were read.

    They are not bound to the trace: the caller binds what becomes evidence.
    Raises Unreadable where a document has no id, since it may be this machine's.
    """
    caches: dict[str, dict[str, list[View]]] = ctx.__dict__.setdefault("_findings", {})
    index = caches.get(collection.name)
    if index is None:
        index = {}
        for document in ctx.estate.documents(collection.name):
            if not document.id:
                raise document.unreadable("id", "absent")
            owner, found, _ = fold(document.id).partition(_MARK)
            if found:
                index.setdefault(owner, []).append(document)
        caches[collection.name] = index
    return index.get(fold(machine), [])

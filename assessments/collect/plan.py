"""Determine which collections a set of controls needs, and in which order to read them. Pure functions."""

from __future__ import annotations

from collections.abc import Container, Iterable

from assessments.controls.declare import Control
from assessments.estate.collection import Collection
from assessments.estate.collections import ALL
from assessments.estate.collections.resources import FOR_ALL_RESOURCES
from assessments.estate.estate import UnitKind
from assessments.estate.retired import Feature


def read_by(control: Control) -> frozenset[str]:
    """Return the names of the collections that the control declares, and of the collections that these depend on.

    Every control of resources also reads the collections in FOR_ALL_RESOURCES, for remarks. The result contains those
    only if the control declares them.
    """
    found: set[str] = set()
    waiting = [*control.needs, *control.optional]
    while waiting:
        collection = waiting.pop()
        if collection.name not in found:
            found.add(collection.name)
            waiting.extend(ALL[name] for name in collection.after if collection.targets is not None)
    return frozenset(found)


def needed(
    controls: Iterable[Control], kind: UnitKind, missing: Container[Feature | None] = ()
) -> dict[str, Collection]:
    """Return {name: collection} of the collections that the controls of this kind of unit read, including optional
    collections.

    If a collection has `targets`, the collections in its `after` are included too, because the documents of these
    collections contain the scopes to request. If a collection has no `targets`, its `after` only determines the order.
    `missing` are the features that the cloud lacks; controls and collections that need them are left out.
    """
    found: dict[str, Collection] = {}
    own = [control for control in controls if control.unit is kind and control.feature not in missing]
    waiting = [c for control in own for c in (*control.needs, *control.optional)]
    if kind is UnitKind.SUBSCRIPTION and any("/" in control.subject_type for control in own):
        waiting.extend(FOR_ALL_RESOURCES)
    while waiting:
        collection = waiting.pop()
        if collection.name in found or collection.feature in missing:
            continue
        found[collection.name] = collection
        if collection.targets is not None:
            waiting.extend(ALL[name] for name in collection.after)
    return {name: found[name] for name in sorted(found)}


def waves(collections: Iterable[Collection]) -> list[list[Collection]]:
    """Group the collections into steps, so that each collection comes after the collections that its `after` names.

    Raise ValueError for a cycle.
    """
    waiting = {collection.name: collection for collection in collections}
    steps: list[list[Collection]] = []
    while waiting:
        ready = [c for c in waiting.values() if not any(name in waiting for name in c.after)]
        if not ready:
            raise ValueError(f"These collections depend on each other: {', '.join(sorted(waiting))}")
        steps.append(sorted(ready, key=lambda collection: collection.name))
        for collection in ready:
            del waiting[collection.name]
    return steps

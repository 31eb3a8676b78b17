"""Write the inventory: one row per resource, and one version per change of its configuration."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from datetime import datetime
from itertools import batched
from typing import Any

from django.db.models import Count
from django.db.models.functions import Lower

from assessments.estate.collection import Inventory
from assessments.estate.collections import ALL, CONFIGURATIONS
from assessments.estate.estate import Estate
from assessments.estate.ids import fold, name_of, resource_group_of, type_of
from assessments.estate.redact import redact
from assessments.estate.view import View
from assessments.evaluate import digest
from assessments.models import Resource, ResourceCount, ResourceVersion, Unit
from assessments.models.resource_count import first_spelling
from assessments.resource_versions import read_newest_undamaged, use_changes

BATCH = 1000
_LISTINGS = tuple(c.name for c in ALL.values() if c.inventory is Inventory.LISTING)
_INVENTORY = (*CONFIGURATIONS, *_LISTINGS)
_TYPES = frozenset(fold(one.resource_type) for one in CONFIGURATIONS.values())


def key_of(identifier: str) -> str:
    """Return the key of an ARM id or subject: the SHA-256 of its lower-case form."""
    return digest(fold(identifier))


type _Found = tuple[str, dict[str, Any]]
"""The id of a resource, and its configuration."""


def _documents(unit: Unit, estate: Estate) -> Iterator[_Found]:
    seen: set[str] = set()
    listed: list[_Found] = []
    # If several collections contain a resource, its first document is used. The documents of collections that list all
    # resources lack properties, so these collections are last in `_INVENTORY`.
    for name in _INVENTORY:
        for view in estate.documents(name):
            key = fold(view.id)
            if key and key not in seen:
                seen.add(key)
                found = view.id, redact(dict(view.body))
                if _is_listed(name, view):
                    listed.append(found)
                else:
                    yield found
    yield from _with_known_properties(unit, listed)


def _is_listed(collection: str, view: View) -> bool:
    """Return whether the document comes from a list that omits most properties, and another collection reads this
    type of resource completely.
    """
    return collection in _LISTINGS and fold(str(view.body.get("type"))) in _TYPES


def write_inventory(*, unit: Unit, estate: Estate, at: datetime) -> None:
    """Update the stored resources of the unit from the collected resources, in the caller's transaction.

    Resources whose collection was not read may still exist, so they stay in the inventory with their stored properties.
    A collection is not read if a permission is missing, or if no control of the customer needs the collection.
    """
    _write(unit, estate, _documents(unit, estate), at)


def _read_types(estate: Estate) -> Callable[[str], bool]:
    """Return a function that says whether all resources of a type (case-folded) were read."""

    def is_complete(name: str) -> bool:
        return estate.was_asked(name) and not estate.gaps_of(name)

    read = {fold(one.resource_type) for name, one in CONFIGURATIONS.items() if is_complete(name)}
    if not any(map(is_complete, _LISTINGS)):
        return lambda kind: kind in read
    # A list of all resources was read, but it may lack child resources. So a child type that has a collection of its
    # own (`_TYPES`) counts as read only if that collection was read.
    return lambda kind: kind in read or kind not in _TYPES or kind.count("/") == 1


def _with_known_properties(unit: Unit, listed: Iterable[_Found]) -> Iterator[_Found]:
    """Yield the resources in `listed`, whose documents lack properties. If the newest stored version of a resource has
    properties, yield the stored version, with the tags from `listed`.
    """
    for batch in batched(listed, BATCH):
        keys = [key_of(identifier) for identifier, _ in batch]
        rows = Resource.objects.filter(unit=unit.scope_id, key__in=keys, gone_at__isnull=True)
        ids = dict(rows.values_list("key", "id"))
        newest = read_newest_undamaged(tenant_id=unit.tenant_id, resources=list(ids.values()))
        for key, (identifier, body) in zip(keys, batch, strict=True):
            version = newest.get(ids[key]) if key in ids else None
            if version is None or "properties" not in version.document or "properties" in body:
                yield identifier, body
            else:
                yield identifier, _with_tags(version.document, body.get("tags"))


def _with_tags(document: dict[str, Any], tags: Any) -> dict[str, Any]:
    if (document.get("tags") or {}) == (tags or {}):
        return document
    return {**document, "tags": tags or {}}


def update_inventory(*, unit: Unit, estate: Estate, fresh: Container[tuple[str, str]], at: datetime) -> int:
    """Update the stored resources from the answers that Azure has just returned. Return the number of resources that
    changed.

    `fresh` contains (collection, case-folded scope) of each of these answers. All other answers of the estate come from
    the database. Their documents lack properties, so they do not change the stored resources. They only show which
    resources still exist.
    """
    return _write(unit, estate, _fresh_documents(estate, fresh), at)


def _fresh_documents(
    estate: Estate, fresh: Container[tuple[str, str]]
) -> Iterator[tuple[str, dict[str, Any]]]:
    seen: set[str] = set()
    for name in _INVENTORY:
        for answer in estate.answers(name):
            is_fresh = (name, fold(answer.scope)) in fresh
            for view in answer.documents:
                key = fold(view.id)
                if key and key not in seen:
                    seen.add(key)
                    if is_fresh and not _is_listed(name, view):
                        yield view.id, redact(dict(view.body))


def _ids(estate: Estate) -> set[str]:
    return {key_of(view.id) for name in _INVENTORY for view in estate.documents(name)}


def _write(unit: Unit, estate: Estate, documents: Iterable[_Found], at: datetime) -> int:
    """Write the resources in `documents`. If the configuration of a resource has changed, also write a version of it.

    Mark missing resources as gone if their type was read completely.
    """
    rows = Resource.objects.filter(unit=unit.scope_id).values("id", "key", "sha256", "gone_at", "type")
    known: dict[str, dict[str, Any]] = {row["key"]: dict(row) for row in rows}
    made: list[Resource] = []
    changed: list[Resource] = []
    versions: list[ResourceVersion] = []
    for identifier, body in documents:
        key, sha256 = key_of(identifier), digest(body)
        before = known.get(key)
        if before is not None and before["sha256"] == sha256 and before["gone_at"] is None:
            continue
        row = _resource(unit, identifier, key, sha256, body, at)
        if before is None:
            made.append(row)
        else:
            row.pk = before["id"]
            changed.append(row)
        if before is None or before["sha256"] != sha256:
            versions.append(
                ResourceVersion(
                    tenant_id=unit.tenant_id,
                    resource=row,
                    assessment_id=unit.assessment_id,
                    at=at,
                    sha256=sha256,
                    stored=body,
                )
            )
    Resource.objects.bulk_create(made, batch_size=BATCH)
    fields = ["name", "type", "location", "tags", "sha256", "changed_at", "gone_at"]
    Resource.objects.bulk_update(changed, fields, batch_size=BATCH)
    known_resources = {row["id"] for row in known.values()}
    # `use_changes` requires Lock.VERDICTS, which the callers of this function hold.
    use_changes(
        tenant_id=unit.tenant_id, versions=[row for row in versions if row.resource_id in known_resources]
    )
    ResourceVersion.objects.bulk_create(versions, batch_size=BATCH)
    gone = _mark_gone(estate, known.values(), at)
    _count(unit)
    return len(made) + len(changed) + gone


def _resource(
    unit: Unit, identifier: str, key: str, sha256: str, body: dict[str, Any], at: datetime
) -> Resource:
    tags = body.get("tags")
    kind = body.get("type")
    location = body.get("location")
    return Resource(
        tenant_id=unit.tenant_id,
        resource_id=identifier,
        key=key,
        type=(kind if isinstance(kind, str) and kind else type_of(identifier))[:200],
        name=name_of(identifier)[:300],
        location=(location if isinstance(location, str) else "")[:60],
        unit=unit.scope_id,
        resource_group=resource_group_of(identifier)[:100],
        tags=tags if isinstance(tags, dict) else {},
        sha256=sha256,
        first_seen_at=at,
        changed_at=at,
        gone_at=None,
    )


def _mark_gone(estate: Estate, known: Iterable[dict[str, Any]], at: datetime) -> int:
    seen, is_read = _ids(estate), _read_types(estate)
    missing = (row for row in known if row["key"] not in seen and row["gone_at"] is None)
    gone = [row["id"] for row in missing if is_read(fold(row["type"]))]
    for start in range(0, len(gone), BATCH):
        Resource.objects.filter(pk__in=gone[start : start + BATCH]).update(gone_at=at, changed_at=at)
    return len(gone)


def _count(unit: Unit) -> None:
    """Store how many existing resources of each type and region the unit has."""
    rows = Resource.objects.filter(unit=unit.scope_id, gone_at__isnull=True).order_by()
    counted = rows.values_list(Lower("type"), "location").annotate(
        resources=Count("*"), spelling=first_spelling("type")
    )
    now = {(type_, location): counts for type_, location, *counts in counted}
    stored = ResourceCount.objects.filter(unit=unit.scope_id)
    if now == {(row.type, row.location): [row.resources, row.spelling] for row in stored}:
        return
    stored.delete()
    ResourceCount.objects.bulk_create(
        ResourceCount(
            tenant_id=unit.tenant_id,
            unit=unit.scope_id,
            type=type_,
            location=location,
            resources=number,
            spelling=spelling,
        )
        for (type_, location), (number, spelling) in now.items()
    )

"""Write and read the versions of resources. Only this module knows how a configuration is stored.

A version is stored whole (a key frame), or as a JSON Patch (RFC 6902) of the changes since the previous version.
Changes are stored only if they take less space and reproduce the document exactly. A key frame and the changes after
it are a chain, which is read with one query.

If a rebuilt document does not have the stored SHA-256, or if a row is missing, `DamagedVersion` is raised.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from typing import Any, Final
from uuid import UUID

import structlog
from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL
from jsonpatch import JsonPatch, JsonPatchException, JsonPointerException

from assessments.evaluate import canonical, digest
from assessments.models import ResourceVersion
from tenants.errors import Conflict

log = structlog.get_logger(__name__)

type Document = dict[str, Any]

CHAIN: Final = 20
"""Maximum number of versions in a chain: a key frame and the changes after it."""
MAX_OPERATIONS: Final = 100
"""The maximum number of operations in the JSON Patch of a version. Versions with more operations are stored whole, so
that rebuilding a document is always fast.
"""
MAX_COMPARED: Final = 256 * 1024
"""The maximum size of compared documents, in bytes of their canonical JSON. Larger documents are stored whole, because
comparing long lists takes long.
"""
MAX_PAIRS: Final = 2_000_000
"""The maximum product of the lengths of two lists that differ. Documents with longer lists are stored whole, because
comparing lists with many differences takes time in proportion to this product.
"""
MAX_DEPTH: Final = 100
"""The maximum number of levels of compared documents. Deeper documents are stored whole."""
_BATCH: Final = 200
_BATCH_BYTES: Final = 4 * 2**20

# These two statements return ids of versions as `id`. `_GIVEN` returns the given ids. `_NEWEST` returns the ids of the
# newest versions of given resources.
_GIVEN: Final = "SELECT DISTINCT unnest(%s::uuid[]) AS id"
_NEWEST: Final = """
SELECT n.id FROM assessments_resource r CROSS JOIN LATERAL (
    SELECT v.id FROM assessments_resourceversion v WHERE v.tenant_id = r.tenant_id AND v.resource_id = r.id
    ORDER BY v.at DESC, v.id DESC LIMIT 1
) n WHERE r.tenant_id = %s AND r.id = ANY(%s)
"""
# This statement returns the ids of the requested versions, and of the earlier versions in their chains.
_WITH_EARLIER: Final = """
WITH wanted AS MATERIALIZED ({asked}), asked AS MATERIALIZED (
    SELECT v.id, v.chain, v.step FROM wanted w JOIN assessments_resourceversion v ON v.id = w.id
    WHERE v.tenant_id = %s
), chains AS MATERIALIZED (
    SELECT a.chain, max(a.step) AS last FROM asked a WHERE a.chain IS NOT NULL GROUP BY a.chain
)
SELECT a.id FROM asked a
UNION ALL SELECT c.chain FROM chains c
UNION ALL SELECT v.id FROM chains c JOIN assessments_resourceversion v ON v.chain = c.chain AND v.step < c.last
"""
# This statement returns the ids of all versions in the chains of the requested versions.
_WHOLE_CHAINS: Final = """
WITH wanted AS MATERIALIZED ({asked}), chains AS MATERIALIZED (
    SELECT DISTINCT COALESCE(v.chain, v.id) AS chain
    FROM wanted w JOIN assessments_resourceversion v ON v.id = w.id WHERE v.tenant_id = %s
)
SELECT c.chain FROM chains c
UNION ALL SELECT v.id FROM chains c JOIN assessments_resourceversion v ON v.chain = c.chain
"""


class DamagedVersion(Conflict, code="version_damaged"):
    """A version cannot be rebuilt: a row of its chain is missing, or the rebuilt document has another SHA-256."""


def read(
    rows: QuerySet[ResourceVersion], *, tenant_id: UUID, ids: Sequence[UUID]
) -> dict[UUID, ResourceVersion]:
    """Return {id: version} of the requested versions that exist, with their documents. The function sends one query.
    The caller must have entered the tenant's scope (`tenants.scope`).

    `rows` may join other tables (`select_related`), but must not defer columns. Raise DamagedVersion if a requested
    version cannot be rebuilt.
    """
    found, damaged = read_undamaged(rows, tenant_id=tenant_id, ids=ids)
    _refuse(damaged)
    return found


def read_undamaged(
    rows: QuerySet[ResourceVersion], *, tenant_id: UUID, ids: Sequence[UUID]
) -> tuple[dict[UUID, ResourceVersion], list[ResourceVersion]]:
    """Return two values: {id: version} of the undamaged versions, as `read` returns it, and a list of the damaged
    versions.
    """
    if not ids:
        return {}, []
    found = _selected(rows, tenant_id, _WITH_EARLIER, _GIVEN, [list(ids)])
    asked = set(ids)
    damaged = _rebuild(found, asked)
    broken = {row.pk for row in damaged}
    return {row.pk: row for row in found if row.pk in asked - broken}, damaged


def read_newest(
    rows: QuerySet[ResourceVersion], *, tenant_id: UUID, resources: Sequence[UUID]
) -> dict[UUID, ResourceVersion]:
    """Return {id of a resource: its newest version, with the whole document} for the resources that have a version.

    Like `read`, the function sends one query, needs the tenant's scope and raises DamagedVersion. `rows` must not defer
    columns.
    """
    newest, damaged = _read_newest(rows, tenant_id, resources)
    _refuse(damaged)
    return newest


def read_newest_undamaged(*, tenant_id: UUID, resources: Sequence[UUID]) -> dict[UUID, ResourceVersion]:
    """Return the result of `read_newest` without damaged versions, and write the damaged versions to the log."""
    newest, damaged = _read_newest(ResourceVersion.objects.all(), tenant_id, resources)
    for row in damaged:
        log.error("resource_version_damaged", version=str(row.pk))
        del newest[row.resource_id]
    return newest


def _read_newest(
    rows: QuerySet[ResourceVersion], tenant_id: UUID, resources: Sequence[UUID]
) -> tuple[dict[UUID, ResourceVersion], list[ResourceVersion]]:
    if not resources:
        return {}, []
    found = _selected(rows, tenant_id, _WITH_EARLIER, _NEWEST, [tenant_id, list(resources)])
    newest = _newest_of(found)
    return newest, _rebuild(found, {row.pk for row in newest.values()})


def use_changes(*, tenant_id: UUID, versions: Sequence[ResourceVersion]) -> None:
    """Replace the documents of new versions by their changes since the newest stored version, if this saves space.

    `versions` has one unsaved version per resource, whose `stored` is the whole document. The caller holds
    Lock.VERDICTS, so that nobody else changes the chains. The function sends one query for each batch of at most 200
    versions; batches of large versions are smaller.
    """
    for batch in _batches(versions):
        bases = _bases(tenant_id, [version.resource_id for version, _ in batch])
        for version, size in batch:
            base = bases.get(version.resource_id)
            patch = (
                _changes(base.document, version.stored, size, version.sha256) if base is not None else None
            )
            if base is not None and patch is not None:
                version.stored, version.chain, version.step = patch, base.chain_id, base.step + 1


def _batches(versions: Iterable[ResourceVersion]) -> Iterator[list[tuple[ResourceVersion, int]]]:
    """Yield batches of (version, its size). Versions that are too large to be stored as changes are left out.

    The last chains of all resources of a batch are in memory at the same time, so the size of a batch is limited.
    """
    batch: list[tuple[ResourceVersion, int]] = []
    total = 0
    for version in versions:
        size = len(canonical(version.stored))
        if size > MAX_COMPARED:
            continue
        if batch and (len(batch) >= _BATCH or total + size > _BATCH_BYTES):
            yield batch
            batch, total = [], 0
        batch.append((version, size))
        total += size
    if batch:
        yield batch


def _bases(tenant_id: UUID, resources: list[UUID]) -> dict[UUID, ResourceVersion]:
    """Return {id of a resource: its newest version} for the resources whose chain can be continued with another
    version.
    """
    rows = ResourceVersion.objects.all()
    chains: dict[UUID, list[ResourceVersion]] = defaultdict(list)
    for row in _selected(rows, tenant_id, _WHOLE_CHAINS, _NEWEST, [tenant_id, resources]):
        chains[row.resource_id].append(row)
    found = {}
    for resource, chain in chains.items():
        newest = _newest_of(chain)[resource]
        # Do not continue a chain that is full, or whose last row is not the newest version. The last row is not the
        # newest version if an older reading was stored after a newer reading.
        if newest.step + 1 >= CHAIN or newest.step != max(row.step for row in chain):
            continue
        if _rebuild(chain, {newest.pk}):
            # The chain is damaged, so the new version is stored whole. Then the new version and later versions can be
            # read.
            log.error("resource_version_damaged", version=str(newest.pk))
        elif digest(newest.document) == newest.sha256:
            found[resource] = newest
    return found


def _changes(before: Document, now: Document, size: int, sha256: str) -> list[dict[str, Any]] | None:
    """Return the changes between two documents as a JSON Patch, or None if `now` must be stored whole. `size` and
    `sha256` belong to `now`.
    """
    if len(canonical(before)) > MAX_COMPARED or max(_depth(before), _depth(now)) > MAX_DEPTH:
        return None
    if _pairs(before, now) > MAX_PAIRS:
        return None
    patch = JsonPatch.from_diff(before, now, optimization=False).patch
    if len(patch) > MAX_OPERATIONS or 2 * len(canonical(patch)) >= size or not _is_exact(patch):
        return None
    return patch if digest(_applied(before, patch)) == sha256 else None


def _applied(document: Document, patch: Iterable[dict[str, Any]]) -> Any:
    return JsonPatch(patch).apply(document)


def _depth(value: Any) -> int:
    """Return the number of levels of lists and objects. Recursion could exceed the stack, so a loop is used."""
    depth, level = 0, [value]
    while level:
        level = [
            one
            for value in level
            if isinstance(value, dict | list)
            for one in (value.values() if isinstance(value, dict) else value)
        ]
        depth += 1
    return depth


def _pairs(before: Any, now: Any) -> int:
    """Return how many pairs of items are compared when all lists of two documents are compared. Equal items at the
    beginning and end of a list are not counted.
    """
    if isinstance(before, dict) and isinstance(now, dict):
        return sum(_pairs(value, now[key]) for key, value in before.items() if key in now)
    if not isinstance(before, list) or not isinstance(now, list) or before == now:
        return 0
    shorter = min(len(before), len(now))
    start = next((place for place in range(shorter) if before[place] != now[place]), shorter)
    rest = shorter - start
    end = next((place for place in range(rest) if before[-1 - place] != now[-1 - place]), rest)
    return _items(before[start : len(before) - end]) * _items(now[start : len(now) - end])


def _items(value: Any) -> int:
    """Return the number of items of a list, and of all lists below it."""
    if isinstance(value, dict):
        return sum(map(_items, value.values()))
    return len(value) + sum(map(_items, value)) if isinstance(value, list) else 0


def _is_exact(patch: Any) -> bool:
    """Return whether PostgreSQL returns all numbers in the changes exactly as they were stored. It returns -0.0 and
    1e+16, for example, in another form.
    """
    values = [patch]
    while values:
        value = values.pop()
        if isinstance(value, dict | list):
            values += value.values() if isinstance(value, dict) else value
        elif isinstance(value, float) and (
            "e+" in repr(value) or not math.isfinite(value) or (value == 0 and math.copysign(1, value) < 0)
        ):
            return False
    return True


def _selected(
    rows: QuerySet[ResourceVersion], tenant_id: UUID, statement: str, asked: str, parameters: list[Any]
) -> list[ResourceVersion]:
    # Because of ARRAY, PostgreSQL runs the statement only once, even while it lacks statistics about new rows.
    condition = RawSQL(  # noqa: S611  # nosec B611 - constants
        f"assessments_resourceversion.id = ANY(ARRAY({statement.format(asked=asked)}))",
        [*parameters, tenant_id],
        output_field=BooleanField(),
    )
    return list(rows.filter(condition, tenant_id=tenant_id).order_by())


def _newest_of(rows: Iterable[ResourceVersion]) -> dict[UUID, ResourceVersion]:
    return {row.resource_id: row for row in sorted(rows, key=lambda row: (row.at, row.pk))}


def _rebuild(rows: Iterable[ResourceVersion], asked: Container[UUID]) -> list[ResourceVersion]:
    """Rebuild those requested versions that are stored as changes, and set their documents. Return the versions that
    are damaged. `rows` has the requested versions and at least the earlier versions of their chains.
    """
    chains: dict[UUID, list[ResourceVersion]] = defaultdict(list)
    for row in rows:
        chains[row.chain_id].append(row)
    damaged = []
    for chain in chains.values():
        for row, document in _documents(sorted(chain, key=lambda row: row.step), asked):
            if document is None:
                damaged.append(row)
            else:
                row.set_rebuilt(document)
    return damaged


def _documents(
    chain: Sequence[ResourceVersion], asked: Container[UUID]
) -> Iterator[tuple[ResourceVersion, Document | None]]:
    """Yield (version, its document) for the versions in `asked` (ids) that are stored as changes. The document is None
    if the version is damaged. `chain` is sorted by step.
    """
    document: Any = None
    previous: ResourceVersion | None = None
    for row in chain:
        if row.is_whole:
            document = row.stored
        elif document is not None and previous is not None and row.step == previous.step + 1:
            # If the previous version is stored as a whole, `document` is the stored document of that version, which
            # must not change. So apply the changes to a copy.
            document = _next(json.loads(canonical(document)) if previous.is_whole else document, row.stored)
        else:
            document = None
        previous = row
        if row.pk not in asked or row.is_whole:
            continue
        text = canonical(document)
        is_right = hashlib.sha256(text).hexdigest() == row.sha256
        yield row, json.loads(text, object_pairs_hook=_in_order) if is_right else None


def _in_order(members: list[tuple[str, Any]]) -> Document:
    """Return an object whose members have the same order as in stored documents that PostgreSQL returns."""
    return dict(sorted(members, key=lambda member: (len(member[0].encode()), member[0].encode())))


def _next(document: Any, patch: Any) -> Any:
    """Apply the changes to the document in place, and return the document. Return None if the changes do not fit it."""
    try:
        return JsonPatch(patch).apply(document, in_place=True)
    except (JsonPatchException, JsonPointerException):
        return None


def _refuse(damaged: Sequence[ResourceVersion]) -> None:
    if damaged:
        raise DamagedVersion(damage(damaged[0]))


def damage(row: ResourceVersion) -> str:
    """Return the sentence that reports a damaged version."""
    return (
        f"The configuration of {row.at:%Y-%m-%d %H:%M} UTC cannot be rebuilt: the changes stored as version"
        f" {row.pk} do not result in the SHA-256 {row.sha256}. The database is damaged: restore it from a backup."
    )

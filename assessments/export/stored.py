"""Read the stored evidence of an assessment as the lines of an estate file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import batched
from typing import Any
from uuid import UUID

from assessments.export.lines import EstateLines, Recorded
from assessments.models import Assessment, EvidenceItem, Unit
from tenants.errors import Refusal

_BATCH = 1000


class NotExportable(Refusal, code="not_exportable"):
    """The assessment has no complete evidence to export. The message says why."""


def directories_of(assessment: Assessment) -> list[str]:
    """Return the sorted GUIDs of the directories to which the units of the assessment belong.

    Call this in a transaction that sees the tenant's rows (`tenants.scope`).
    """
    units = Unit.objects.filter(assessment=assessment)
    return sorted(set(units.values_list("directory__directory_id", flat=True)))


def cloud_of(assessment: Assessment, directory_id: str) -> str:
    """Return the name of the cloud of a directory that the assessment covers. Call this in a transaction that sees the
    tenant's rows (`tenants.scope`).
    """
    units = Unit.objects.filter(assessment=assessment, directory__directory_id=directory_id)
    return units.values_list("directory__cloud_name", flat=True)[0]


def judged_at(assessment: Assessment) -> datetime | None:
    """Return when the first unit started, or None if no unit has started. An assessment of the exported file takes this
    time as the current time.
    """
    units = Unit.objects.filter(assessment=assessment, started_at__isnull=False).order_by("started_at")
    return units.values_list("started_at", flat=True).first()


def estate_of(assessment: Assessment, directory_id: str) -> EstateLines:
    """Return the lines of an estate file for one directory of an assessment, from the manifests of its units.

    Raise NotExportable if a manifest or a piece of evidence is missing. If a tenant has several directories, each
    directory needs a file of its own.
    """
    units = list(
        Unit.objects.filter(assessment=assessment, directory__directory_id=directory_id)
        .select_related("manifest")
        .order_by("kind", "azure_id")
    )
    waiting = [unit.name for unit in units if unit.manifest is None]
    if not units or waiting:
        raise NotExportable(
            f"{assessment} has no evidence of {', '.join(waiting) or directory_id}."
            " Export an assessment in which all subscriptions and directories have finished."
        )
    recorded = [
        Recorded(unit.scope_id, unit.name, unit.manifest.content if unit.manifest else {}, tuple(unit.gaps))
        for unit in units
    ]
    wanted = {sha256 for unit in recorded for sha256 in _hashes(unit.manifest)}
    content = dict(_contents(assessment.tenant_id, wanted))
    if missing := wanted - content.keys():
        raise NotExportable(
            f"{len(missing)} evidence documents of {assessment} are missing, for example {min(missing)}."
        )
    return EstateLines(directory_id, recorded, content)


def _hashes(manifest: Mapping[str, Any]) -> Iterator[str]:
    for scopes in manifest.get("answers", {}).values():
        for rows in scopes.values():
            for _, hashes in rows:
                yield from hashes


def evidence_of_manifest(tenant_id: UUID, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return {hash: content} of the evidence that a manifest lists. Evidence that is no longer stored is left out."""
    return dict(_contents(tenant_id, set(_hashes(manifest))))


def _contents(tenant_id: UUID, wanted: Iterable[str]) -> Iterator[tuple[str, Any]]:
    for batch in batched(sorted(wanted), _BATCH):
        rows = EvidenceItem.objects.filter(tenant=tenant_id, sha256__in=batch)
        yield from rows.values_list("sha256", "content")

"""Write all results of a unit in one transaction: its findings, evidence, inventory and ledger. The transaction also
ends the unit.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from assessments.actions.names import references_of, store_collected
from assessments.actions.units.activity import write_activity
from assessments.actions.units.findings import FindingsWriter
from assessments.actions.units.finish import end_unit
from assessments.actions.units.inventory import BATCH, write_inventory
from assessments.actions.units.lease import Lease
from assessments.actions.units.manifest import Manifest
from assessments.collect.activity.activity_log import ActivityReading
from assessments.controls.declare import Control
from assessments.controls.profiles import asking
from assessments.display.names import Kind
from assessments.errors import LeaseLost
from assessments.estate.collections import ALL
from assessments.estate.estate import Estate
from assessments.estate.gaps import Gap
from assessments.evaluate import Evidence, Result, digest, evaluate, invalid_settings
from assessments.ledger import ControlsLedger, collections_ledger
from assessments.models import EvidenceItem, Unit
from tenants.azure.credentials import Delegated
from tenants.azure.delegated_access import permission_scope
from tenants.locks import Lock, lock
from tenants.scope import tenant_scope


@dataclass(frozen=True, slots=True)
class Gathered:
    """The result of collecting: the estate, the number of requests, and the error that ended collecting early.

    `activity` is the reading of the activity log, or None.
    """

    estate: Estate
    requests: int = 0
    throttled: int = 0
    error_code: str = ""
    error: str = ""
    activity: ActivityReading | None = None


def write_unit(
    *, lease: Lease, controls: Iterable[Control], gathered: Gathered, delegated: Delegated | None = None
) -> None:
    """Judge and write the unit. If another attempt has taken over the unit, raise LeaseLost and write nothing.

    `delegated` is set if the unit was read with the organization's credential. If the organization has lost the
    permission to read the subscription, raise NotDelegated and write nothing. Actions that end the permission wait
    until the results are written.
    """
    selected = list(controls)
    permission = nullcontext() if delegated is None else permission_scope(lease.tenant_id, delegated)
    with permission, tenant_scope(lease.tenant_id):
        lock(Lock.VERDICTS, lease.tenant_id)
        unit = Unit.objects.select_for_update().select_related("assessment").filter(pk=lease.unit_id).first()
        if unit is None or unit.attempt != lease.attempt or unit.state != Unit.State.RUNNING:
            raise LeaseLost("Another worker has taken over this unit, so these results are not written.")
        _write(unit, selected, gathered)


def _write(unit: Unit, controls: list[Control], gathered: Gathered) -> None:
    estate, at = gathered.estate, gathered.estate.now
    writer, ledger, manifest = (
        FindingsWriter(unit=unit, at=at),
        ControlsLedger(controls, gathered.estate),
        Manifest(),
    )
    store = EvidenceStore(unit, at)
    steps = sum(len(estate.answers(name)) for name in estate.collections())
    invalid = list(invalid_settings(unit.scope_id, controls, unit.assessment.parameters))
    skipped = {result.control.slug for result in invalid}
    valid = [control for control in controls if control.slug not in skipped]
    results = evaluate(estate, valid, unit.assessment.parameters, evidence_recorder(store, manifest))
    mentioned = add_results(chain(invalid, results), writer, ledger, manifest, store)
    writer.close(controls)
    writer.end_removed_controls(controls)
    store.flush()
    store_collected(unit=unit, estate=estate, wanted=mentioned, at=at)
    held_to = asking(controls, unit.assessment.parameters)
    write_inventory(unit=unit, estate=estate, at=at)
    if gathered.activity is not None:
        write_activity(unit, gathered.activity)
    end_unit(
        unit=unit,
        state=Unit.State.FAILED if gathered.error_code else Unit.State.DONE,
        requests=gathered.requests,
        throttled=gathered.throttled,
        error_code=(gathered.error_code or unit.error_code)[:80],
        error=gathered.error or unit.error,
        counts=dict(sorted(ledger.outcomes.items())),
        coverage={
            "collections": collections_ledger(estate, held_to),
            "controls": ledger.as_dict(),
            "shared": writer.shared,
            **({"permissions": sorted(ledger.permissions)} if ledger.permissions else {}),
        },
        gaps=[gap_as_dict(gap) for gap in estate.gaps()],
        manifest=store.manifest(manifest.content(estate)),
        steps_planned=steps,
        steps_done=steps,
    )


def add_results(
    results: Iterable[Result],
    writer: FindingsWriter,
    ledger: ControlsLedger,
    manifest: Manifest,
    store: EvidenceStore,
) -> dict[str, Kind]:
    """Queue the findings of the results, count the results in the ledger, and store their evidence. Return {GUID: kind}
    of the objects that the results mention.
    """
    mentioned: dict[str, Kind] = {}
    for result in results:
        writer.add(result)
        for guid, kind in references_of(result).items():
            if mentioned.get(guid, Kind.OTHER) is Kind.OTHER:
                mentioned[guid] = kind
        ledger.note(result)
        manifest.add(result.evidence)
        store.add(result.evidence)
    return mentioned


def evidence_recorder(store: EvidenceStore, manifest: Manifest) -> Any:
    """Return a function that stores, as evidence, a document which a control read but did not cite."""

    def record(evidence: Evidence) -> None:
        manifest.add([evidence])
        store.add([evidence])

    return record


def gap_as_dict(gap: Gap) -> dict[str, Any]:
    """Return a gap as JSON values, for `Unit.gaps`."""
    return {**asdict(gap), "reason": str(gap.reason)}


class EvidenceStore:
    """Stores evidence in batches, except evidence that is already stored."""

    def __init__(self, unit: Unit, at: datetime) -> None:
        self._unit = unit
        self._at = at
        self._pending: dict[str, Evidence] = {}
        self._stored: set[str] = set()

    def add(self, evidence: Iterable[Evidence]) -> None:
        """Add evidence, except evidence that this run has already stored."""
        for item in evidence:
            if item.sha256 not in self._stored:
                self._pending[item.sha256] = item
        if len(self._pending) >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Write the pending evidence."""
        pending, self._pending = self._pending, {}
        stored = EvidenceItem.objects.filter(sha256__in=list(pending)).values_list("sha256", flat=True)
        for sha256 in stored:
            del pending[sha256]
            self._stored.add(sha256)
        EvidenceItem.objects.bulk_create([self._row(item) for item in pending.values()], batch_size=BATCH)
        self._stored.update(pending)

    def manifest(self, content: dict[str, Any]) -> EvidenceItem:
        """Store the manifest, unless a manifest with equal content is already stored. Return its row."""
        sha256 = digest(content)
        row, _ = EvidenceItem.objects.get_or_create(
            tenant_id=self._unit.tenant_id,
            sha256=sha256,
            defaults={
                "source": "manifest",
                "collection": "manifest",
                "document_id": self._unit.scope_id,
                "collected_at": self._at,
                "content": content,
            },
        )
        return row

    def _row(self, item: Evidence) -> EvidenceItem:
        collection = ALL[item.collection]
        return EvidenceItem(
            tenant_id=self._unit.tenant_id,
            sha256=item.sha256,
            source=str(collection.source),
            collection=item.collection,
            document_id=item.document_id,
            api_version=item.api_version or collection.api_version or "v1.0",
            request_id=item.request_id,
            collected_at=self._at,
            content=dict(item.content),
        )

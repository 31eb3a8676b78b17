"""Write the results of one turn of the watch as an assessment of one subscription, in one transaction.

The assessment has the trigger WATCH and one unit. The unit's manifest lists the documents that were read in this turn,
and the documents of the previous unit that were not read again. So the verdicts can be re-performed from the manifest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import nullcontext, suppress
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from assessments.actions.names import store_collected
from assessments.actions.units.activity import store_reading
from assessments.actions.units.findings import FindingsWriter
from assessments.actions.units.finish import end_unit
from assessments.actions.units.inventory import update_inventory
from assessments.actions.units.manifest import Manifest
from assessments.actions.units.write import EvidenceStore, add_results, gap_as_dict
from assessments.actions.watch.judge import Judged
from assessments.actions.watch.turns import Turn, end_turn, watchable_unit
from assessments.collect.activity.activity_log import ActivityReading
from assessments.controls.profiles import asking
from assessments.estate.estate import UnitKind
from assessments.estate.ids import fold
from assessments.evaluate import controls_for
from assessments.ledger import ControlsLedger, collections_ledger
from assessments.models import Assessment, Unit, Watch
from assessments.own.control import controls_under
from assessments.version import VERSION
from tenants import journal
from tenants.actors import System
from tenants.azure.credentials import Delegated
from tenants.azure.delegated_access import permission_scope
from tenants.locks import Lock, lock
from tenants.models import Tenant
from tenants.scope import tenant_scope

WATCHER: Final = System("watch")


def write_watch(
    turn: Turn,
    reading: ActivityReading,
    judged: Judged,
    *,
    requests: int,
    delegated: Delegated | None,
    since: datetime,
) -> bool:
    """Write the verdicts, resources and events of a turn.

    Return False and write nothing if an assessment or another turn has begun or ended meanwhile, or if the subscription
    is no longer watched. `since` is the time at which reading began. Raise NotDelegated if a delegated subscription may
    no longer be read.
    """
    permission = nullcontext() if delegated is None else permission_scope(turn.tenant_id, delegated)
    with permission, tenant_scope(turn.tenant_id):
        lock(Lock.VERDICTS, turn.tenant_id)
        row = Watch.objects.select_for_update().get(pk=turn.watch.pk)
        tenant = Tenant.objects.get(pk=turn.tenant_id)
        base = watchable_unit(tenant, row)
        if row.attempt != turn.watch.attempt or base is None or base.pk != turn.base.pk:
            return False
        with suppress(_Unchanged), transaction.atomic():
            unit = _start(tenant, turn, since)
            if not _write(unit, turn.base, judged, since, requests):
                raise _Unchanged  # the operations changed nothing, so undo the creation of assessment and unit
        store_reading(turn.tenant_id, turn.watch.unit, reading)
        return end_turn(
            turn,
            requests,
            read_at=reading.until,
            judged_from=turn.full_since,
            code="",
            message="",
            permission="",
        )


class _Unchanged(Exception):
    """The turn changed no verdict, no resource and no gap, so its assessment is not stored."""


def _start(tenant: Tenant, turn: Turn, since: datetime) -> Unit:
    base = turn.base
    last = Assessment.objects.filter(tenant=tenant).aggregate(last=Max("number"))["last"] or 0
    assessment = Assessment.objects.create(
        tenant=tenant,
        number=last + 1,
        state=Assessment.State.RUNNING,
        trigger=Assessment.Trigger.WATCH,
        started_at=since,
        units_total=1,
        catalogue_hash=base.assessment.catalogue_hash,
        product_version=VERSION,
        parameters=base.assessment.parameters,
        only=[base.scope_id],
    )
    journal.record(
        tenant=tenant,
        actor=WATCHER,
        action="assessment.start",
        target=f"assessment:{assessment.number}",
        details={"trigger": str(assessment.trigger), "only": assessment.only},
    )
    return Unit.objects.create(
        tenant=tenant,
        assessment=assessment,
        kind=base.kind,
        azure_id=base.azure_id,
        name=base.name,
        directory=base.directory,
        service_principal=base.service_principal,
        is_delegated=base.is_delegated,
        subscription_id=base.subscription_id,
        state=Unit.State.RUNNING,
        attempt=1,
        lease_until=timezone.now(),
        started_at=since,
    )


def _write(unit: Unit, base: Unit, judged: Judged, at: datetime, requests: int) -> bool:
    """Write the unit. Return whether a verdict, a resource, or the set of gaps has changed."""
    estate = judged.estate
    writer, manifest, store = FindingsWriter(unit=unit, at=at), Manifest(), EvidenceStore(unit, at)
    ledger = ControlsLedger(judged.controls, estate)
    _keep_stored(manifest, base, judged)
    mentioned = add_results(judged.results, writer, ledger, manifest, store)
    manifest.add(judged.noted)
    store.add(judged.noted)
    writer.close(judged.controls)
    store.flush()
    store_collected(unit=unit, estate=estate, wanted=mentioned, at=at)
    resources = update_inventory(unit=unit, estate=estate, fresh=judged.fresh, at=at)
    gaps = [gap_as_dict(gap) for gap in estate.gaps()]
    controls: dict[str, Any] = {**base.coverage.get("controls", {}), **ledger.as_dict()}
    permissions = {name for row in controls.values() for name in row.get("permissions", {})}
    steps = len(judged.fresh)
    end_unit(
        unit=unit,
        state=Unit.State.DONE,
        requests=requests,
        throttled=judged.throttled,
        counts=_counts(controls.values()),
        coverage={
            "collections": collections_ledger(
                estate,
                asking(
                    controls_for(UnitKind.SUBSCRIPTION, controls_under(base.assessment.parameters)),
                    base.assessment.parameters,
                ),
            ),
            "controls": controls,
            "shared": {**base.coverage.get("shared", {}), **writer.shared},
            "judged_at": _judged_earlier(base, judged),
            **({"permissions": sorted(permissions)} if permissions else {}),
        },
        gaps=gaps,
        manifest=store.manifest(manifest.content(estate)),
        steps_planned=steps,
        steps_done=steps,
    )
    return bool(writer.changes or resources) or _named(gaps) != _named(base.gaps)


def _named(gaps: Iterable[dict[str, Any]]) -> set[tuple[str, str, str]]:
    return {(gap["collection"], fold(gap["scope"]), gap["reason"]) for gap in gaps}


def _keep_stored(manifest: Manifest, base: Unit, judged: Judged) -> None:
    """For answers that were not read again, add the stored evidence to the manifest, because controls that this turn
    did not judge may use these answers.
    """
    content = base.manifest.content if base.manifest else {}
    for name, scopes in content.get("answers", {}).items():
        for scope, rows in scopes.items():
            if (name, fold(scope)) not in judged.fresh:
                for identifier, hashes in rows:
                    manifest.keep(name, identifier, hashes)
    manifest.keep_lists(content.get("lists", ()))


def _judged_earlier(base: Unit, judged: Judged) -> dict[str, str]:
    """Return {control: ISO time at which an earlier unit judged the control} for the controls that this turn did not
    judge. Some verdicts depend on this time, such as verdicts on the age of a key.
    """
    earlier = base.coverage.get("judged_at", {})
    whole = (base.started_at or base.assessment.created_at).isoformat()
    now = {control.slug for control in judged.controls}
    return {slug: earlier.get(slug, whole) for slug in base.coverage.get("controls", {}) if slug not in now}


def _counts(controls: Iterable[dict[str, Any]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for row in controls:
        total.update(row.get("outcomes", {}))
    return dict(sorted(total.items()))

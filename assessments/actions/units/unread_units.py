"""Record the units that a cancelled assessment did not read, so that they lower the coverage."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any, Final

from django.db.models import Count

from assessments.actions.units.findings import FindingsWriter
from assessments.controls.declare import Control
from assessments.controls.profiles import judged
from assessments.controls.verdict import unknown
from assessments.estate.estate import UnitKind
from assessments.estate.gaps import Reason
from assessments.evaluate import Result, controls_for
from assessments.models import Assessment, Finding, Unit
from assessments.own.control import controls_under

# If nothing of a unit was read, its gap has this text instead of the name of a collection.
ALL_DATA: Final = "all data"


def record_unread_units(assessment: Assessment, at: datetime) -> None:
    """Store, for each cancelled unit, a gap and the number of subjects without a verdict. The caller holds
    `Lock.VERDICTS`.

    Earlier verdicts stay. If a unit was never judged, each of its controls counts as one subject without a verdict and
    gets an unknown finding. If the tenant has no findings at all, these unknown findings are left out.
    """
    units = list(Unit.objects.filter(assessment=assessment, state=Unit.State.CANCELLED))
    if not units:
        return
    known = _present_subjects(assessment, [unit.scope_id for unit in units])
    has_findings = Finding.objects.filter(tenant_id=assessment.tenant_id).exists()
    for unit in units:
        subjects = known.get(unit.scope_id)
        if subjects is None:
            controls = judged(
                controls_for(UnitKind(unit.kind), controls_under(assessment.parameters)),
                assessment.parameters,
            )
            subjects = dict.fromkeys((control.slug for control in controls), 1)
            if has_findings:
                _write_unknown_findings(unit, controls, at)
        unit.coverage = {"controls": {slug: _undecided(number) for slug, number in subjects.items()}}
        unit.gaps = [_gap(unit)]
    Unit.objects.bulk_update(units, ["coverage", "gaps"], batch_size=100)


def _present_subjects(assessment: Assessment, scope_ids: list[str]) -> dict[str, dict[str, int]]:
    """Return {unit: {control: number of findings}} for the stored findings whose subjects still exist."""
    rows = (
        Finding.objects.filter(tenant_id=assessment.tenant_id, unit__in=scope_ids, gone_at__isnull=True)
        .values_list("unit", "control")
        .annotate(number=Count("*"))
        .order_by("control")
    )
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for unit, control, number in rows:
        found[unit][control] = number
    return found


def _write_unknown_findings(unit: Unit, controls: list[Control], at: datetime) -> None:
    writer = FindingsWriter(unit=unit, at=at)
    verdict = unknown(_reason(unit), Reason.NOT_COLLECTED)
    for control in controls:
        writer.add(Result(control, unit.scope_id, verdict, control.expected, observed={}))
    writer.flush()


def _reason(unit: Unit) -> str:
    return f"The assessment was cancelled before this {unit.kind} was read. Retry the assessment."


def _undecided(subjects: int) -> dict[str, Any]:
    return {
        "subjects": subjects,
        "outcomes": {"unknown": subjects},
        "unknown": {str(Reason.NOT_COLLECTED): subjects},
    }


def _gap(unit: Unit) -> dict[str, Any]:
    return {
        "collection": ALL_DATA,
        "scope": unit.scope_id,
        "reason": str(Reason.NOT_COLLECTED),
        "code": "cancelled",
        "message": _reason(unit),
    }

"""Export findings as rows of a spreadsheet. They are read in chunks, so that any number can be exported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from assessments.controls.references import Reference
from assessments.controls.registry import SECTIONS, known_controls
from assessments.display.names import Names
from assessments.display.observed import describe, network_lines, plain_lines
from assessments.display.sentences import sentence
from assessments.display.subjects import subject_text
from assessments.models import ControlSetting, Finding, Unit
from assessments.permissions.unknown_remedies import needed_for
from assessments.presentation.finding_fixes import FindingFixes
from assessments.presentation.finding_names import all_names
from assessments.selectors import last_units
from portal.treatment.due_dates import due_at
from portal.treatment.states import WITH_DUE_DATE, ShownState, shown_state
from tenants.models import Tenant

CHUNK_SIZE: Final = 2000
# {key in JSON: header of the column}. Other programs read these keys and headers: add new ones at the end, and rename
# none.
COLUMNS: Final[Mapping[str, str]] = {
    "id": "Finding",
    "control": "Control",
    "title": "Title",
    "section": "Section",
    "severity": "Severity",
    "verdict": "Verdict",
    "state": "State",
    "subject_name": "Subject",
    "subject": "Subject id",
    "resource_type": "Resource type",
    "unit_name": "Subscription or directory",
    "resource_group": "Resource group",
    "found": "What was found",
    "expected": "Expected",
    "observed": "Observed",
    "fix": "Fix",
    "owner": "Owner",
    "owner_email": "Owner's email address",
    "acknowledged_by": "Acknowledged by",
    "plan": "Plan",
    "planned_for": "Planned for",
    "due": "Due",
    "exception": "Exception",
    "exception_until": "Exception until",
    "attested_until": "Attested until",
    "failing_since": "Failing since",
    "first_seen": "First seen",
    "verdict_since": "Verdict since",
    "known_with": "How to get a verdict",
    "unit_read": "Subscription or directory read",
    "requirements": "Framework requirements",
    "evidence": "Evidence (SHA-256)",
    "remarks": "Remarks",
}
# How completely the finding's subscription or directory was last read.
_READ: Final = ("completely", "partly", "not at all")


def with_exported_columns(rows: QuerySet[Finding], now: datetime) -> QuerySet[Any]:
    """Add to the query the related objects and the shown state that a row of the table needs."""
    people = ("treatment__owner", "treatment__acknowledged_by", "treatment__exception")
    return rows.select_related(*people).annotate(shown=shown_state(now))


@dataclass(frozen=True, slots=True)
class Exported:
    """A finding with the values of its row, in the order of COLUMNS. A value is a text, a datetime, a date or None.

    `references` are the framework requirements that the control checks, which can depend on the customer's parameters.
    `remarks` are the remarks of the verdict, as sentences.
    """

    finding: Any
    values: tuple[Any, ...]
    references: list[Reference]
    remarks: list[str]

    @property
    def fields(self) -> dict[str, Any]:
        """{key of COLUMNS: value}."""
        return dict(zip(COLUMNS, self.values, strict=True))


def export_rows(rows: QuerySet[Any], tenant: Tenant, units: Mapping[str, str]) -> Iterator[tuple[Any, ...]]:
    """Yield the header, then one row of values per finding. The arguments are those of `exported`."""
    yield tuple(COLUMNS.values())
    for row in exported(rows, tenant, units):
        yield row.values


def exported(rows: QuerySet[Any], tenant: Tenant, units: Mapping[str, str]) -> Iterator[Exported]:
    """Yield the findings with their values. `rows` must come from `with_exported_columns`. `units` maps scope
    ids to names.
    """
    names, fixes = all_names(tenant, units), FindingFixes(tenant)
    last = last_units(tenant.pk, units)
    extents = {scope: _extent(unit) for scope, unit in last.items()}

    @cache
    def known_with(control: str, unknown_because: str, unit: str) -> str | None:
        judged_by = last.get(unit)
        gaps, coverage = (judged_by.gaps, judged_by.coverage) if judged_by is not None else ([], {})
        needed = needed_for(control, unknown_because, gaps, units.get(unit, ""), coverage)
        return needed.sentence if needed else None

    overrides = dict(ControlSetting.objects.filter(tenant=tenant).values_list("control", "values"))

    @cache
    def references(slug: str) -> list[Reference]:
        control = known_controls().get(slug)
        return control.framework_references(overrides.get(slug)) if control else []

    for found in rows.iterator(chunk_size=CHUNK_SIZE):
        is_unknown = found.outcome == Finding.Outcome.UNKNOWN
        needed = known_with(found.control, found.unknown_because, found.unit) if is_unknown else None
        numbers = references(found.control)
        remarks = [str(sentence(str(remark), names).capitalized()) for remark in found.remarks]
        values = (
            *_row(found, tenant, units, names, fixes),
            needed,
            extents.get(found.unit),
            "; ".join(f"{one.name} {one.label} ({one.degree})" for one in numbers) or None,
            " ".join(found.evidence) or None,
            "\n".join(remarks) or None,
        )
        yield Exported(found, values, numbers, remarks)


def _extent(unit: Unit) -> str:
    if unit.state != Unit.State.DONE:
        return _READ[2]
    return _READ[1] if unit.gaps else _READ[0]


def _row(
    found: Any, tenant: Tenant, units: Mapping[str, str], names: Names, fixes: FindingFixes
) -> tuple[Any, ...]:
    control = known_controls().get(found.control)
    treatment = getattr(found, "treatment", None)
    owner = treatment.owner if treatment else None
    acknowledged = treatment if treatment and found.shown == ShownState.ACKNOWLEDGED else None
    excepted = treatment if treatment and found.shown == ShownState.EXCEPTED else None
    # The finding's attestation counts only in these shown states. For example, it no longer counts after the observed
    # value has changed.
    attested_states = (ShownState.ATTESTED, ShownState.NOT_MET, ShownState.LAPSED)
    attested = treatment if treatment and found.shown in attested_states else None
    return (
        str(found.pk),
        found.control,
        control.title if control else found.control,
        SECTIONS.get(found.section, found.section),
        found.severity,
        found.outcome,
        str(ShownState(found.shown).label),
        str(subject_text(found.subject, found.subject_name, names)),
        found.subject,
        found.subject_type,
        units.get(found.unit, found.unit),
        found.resource_group,
        str(sentence(found.reason, names)),
        str(sentence(found.expected, names)),
        plain_lines(
            [
                *describe(found.observed, names, ZoneInfo(tenant.timezone), found.remarks),
                *network_lines(map(str, found.remarks)),
            ]
        ),
        fixes.text(found.control, fixes.facts(found.subject, found.observed, found.remarks))
        if found.outcome == "fail"
        else None,
        owner.get_full_name() if owner else None,
        owner.email if owner else None,
        acknowledged.acknowledged_by.email if acknowledged and acknowledged.acknowledged_by else None,
        acknowledged.plan if acknowledged else None,
        acknowledged.planned_for if acknowledged else None,
        due_at(tenant, found) if found.shown in WITH_DUE_DATE else None,
        str(excepted.exception) if excepted and excepted.exception else None,
        excepted.excepted_until if excepted else None,
        attested.attested_until if attested else None,
        found.failing_since,
        found.first_seen_at,
        found.changed_at,
    )

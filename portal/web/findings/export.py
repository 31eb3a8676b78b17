"""Findings as a table for a spreadsheet, row by row, whatever their number."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet

from assessments.controls.registry import SECTIONS, catalogue
from assessments.models import Finding
from portal.treatment.states import DUE, Shown, due_at, shown_state
from portal.web.components.vocabulary import STATES
from tenants.models import Tenant

CHUNK: Final = 2000

HEADERS: Final = (
    "Finding",
    "Control",
    "Title",
    "Section",
    "Severity",
    "Verdict",
    "State",
    "Subject",
    "Subject id",
    "Resource type",
    "Subscription or directory",
    "Resource group",
    "What was found",
    "Expected",
    "Observed",
    "Owner",
    "Owner's address",
    "Acknowledged by",
    "Plan",
    "Planned for",
    "Due",
    "Exception",
    "Exception until",
    "Attested until",
    "Failing since",
    "First seen",
    "Verdict since",
)


def exported(rows: QuerySet[Finding], now: datetime) -> QuerySet[Any]:
    """The findings with all that `cells` reads, and no more at once than a chunk."""
    people = ("treatment__owner", "treatment__acknowledged_by", "treatment__exception")
    return rows.select_related(*people).annotate(shown=shown_state(now)).defer("evidence", "remarks")


def table(rows: QuerySet[Any], tenant: Tenant, units: Mapping[str, str]) -> Iterator[tuple[Any, ...]]:
    """The header, then a row of values a finding: text, moments, days, None."""
    yield HEADERS
    for found in rows.iterator(chunk_size=CHUNK):
        yield cells(found, tenant, units)


def cells(found: Any, tenant: Tenant, units: Mapping[str, str]) -> tuple[Any, ...]:
    control = catalogue().get(found.control)
    held = getattr(found, "treatment", None)
    owner = held.owner if held else None
    acknowledged = held if held and found.shown == Shown.ACKNOWLEDGED else None
    excepted = held if held and found.shown == Shown.EXCEPTED else None
    # One that is asked anew, because something else is observed now, has no answer.
    answered = held if held and found.shown in (Shown.ATTESTED, Shown.NOT_MET, Shown.LAPSED) else None
    return (
        str(found.pk),
        found.control,
        control.title if control else found.control,
        SECTIONS.get(found.section, found.section),
        found.severity,
        found.outcome,
        STATES[found.shown].label,
        units.get(found.subject.lower(), found.subject_name),
        found.subject,
        found.subject_type,
        units.get(found.unit, found.unit),
        found.resource_group,
        found.reason,
        found.expected,
        json.dumps(found.observed, ensure_ascii=False, sort_keys=True),
        owner.get_full_name() if owner else None,
        owner.email if owner else None,
        acknowledged.acknowledged_by.email if acknowledged and acknowledged.acknowledged_by else None,
        acknowledged.plan if acknowledged else None,
        acknowledged.planned_for if acknowledged else None,
        due_at(tenant, found) if found.shown in DUE else None,
        str(excepted.exception) if excepted and excepted.exception else None,
        excepted.excepted_until if excepted else None,
        answered.attested_until if answered else None,
        found.failing_since,
        found.first_seen_at,
        found.changed_at,
    )

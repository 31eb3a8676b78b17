"""What an assessment found otherwise than the one before: each change is of exactly one kind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from django.db.models import Count, QuerySet
from django.urls import reverse

from assessments.controls.registry import catalogue
from assessments.models import Assessment, FindingChange
from portal.web.components.values import side_by_side
from portal.web.shared.visible import may, visible_findings
from tenants.models import Tenant
from tenants.roles import Capability

MOST_DIFFERENCES: Final = 3
MOST_TEXT: Final = 120


class Kind(NamedTuple):
    """One kind of change as pages show it; `key` stands in addresses."""

    key: str
    label: str
    icon: str
    role: str
    value: FindingChange.Kind


def _kind(value: FindingChange.Kind, icon: str, role: str) -> Kind:
    return Kind(value.name.lower(), str(value.label), icon, role, value)


# As pages list them: what asks for something first.
KINDS: Final = {
    kind.key: kind
    for kind in (
        _kind(FindingChange.Kind.BEGAN, "fail", "fail"),
        _kind(FindingChange.Kind.UNKNOWN, "unknown", "unknown"),
        _kind(FindingChange.Kind.RESOLVED, "pass", "pass"),
        _kind(FindingChange.Kind.OBSERVED, "arrow", "manual"),
        _kind(FindingChange.Kind.NEW, "open", "low"),
        _kind(FindingChange.Kind.GONE, "close", "unknown"),
        _kind(FindingChange.Kind.OTHER, "arrow", "low"),
    )
}
_OF_VALUE: Final = {kind.value: kind for kind in KINDS.values()}


class Line(NamedTuple):
    """One change as a row. `differences`: (property, before, now), the first few."""

    at: Any
    url: str
    kind: Kind
    severity: str
    title: str
    subject: str
    before: str
    after: str
    reason: str
    differences: list[tuple[str, str, str]]
    more: int


def changes_of(assessment: Assessment, tenant: Tenant) -> QuerySet[FindingChange]:
    """The changes that the person in scope sees."""
    rows = FindingChange.objects.filter(tenant=tenant, assessment=assessment)
    if not may(Capability.VIEW_ALL, tenant):
        rows = rows.filter(finding__in=visible_findings(tenant))
    return rows


def is_first(assessment: Assessment, found: dict[str, int]) -> bool:
    """Whether nothing was found before it: the first one, or the first that came to read anything."""
    if assessment.number == 1:
        return True
    if not found or found.keys() - {"new"}:
        return False
    before = FindingChange.objects.filter(
        tenant_id=assessment.tenant_id, assessment__number__lt=assessment.number
    )
    return not before.exists()


def extent(assessment: Assessment) -> str:
    """What an assessment did not reach, so that its silence is not taken for “as before”; empty if it reached all.

    Source of the numbers: `assessments.actions.finish`; one that was cancelled while it waited has no summary.
    """
    units: dict[str, int] = assessment.summary.get("units", {})
    total, done, failed = sum(units.values()), units.get("done", 0), units.get("failed", 0)
    parts = []
    if assessment.state == Assessment.State.CANCELLED:
        read = f"after {done} of {total} units were read" if done else "before anything was read"
        parts.append(f"It was cancelled {read}: what it did not reach stands as it was before.")
    if failed:
        what = "unit" if failed == 1 else "units"
        parts.append(f"{failed} {what} of {total} could not be read: what was known of them is unknown now.")
    if assessment.only:
        count = len(assessment.only)
        parts.append(
            f"It judged {count} unit{'' if count == 1 else 's'} again: the others stand as they were before."
        )
    return " ".join(parts)


def counts(rows: QuerySet[FindingChange]) -> dict[str, int]:
    """{kind: number}, in the order of pages, without those that do not occur."""
    found = dict(rows.order_by("kind").values_list("kind").annotate(count=Count("*")))
    return {kind.key: found[kind.value] for kind in KINDS.values() if kind.value in found}


def gravest_first(rows: QuerySet[FindingChange]) -> QuerySet[FindingChange]:
    """By kind in the order of pages, then by severity."""
    return rows.order_by("kind", "severity_rank", "id")


def read(
    rows: QuerySet[FindingChange], tenant: Tenant, names: dict[str, str], start: int, end: int
) -> list[Line]:
    """Those of the rows as pages show them. Everything is read of these alone: there can be a change for each
    finding. `names` maps scope ids of units to names."""
    ids = list(gravest_first(rows).values_list("pk", flat=True)[start:end])
    shown = FindingChange.objects.filter(pk__in=ids).select_related("finding")
    return _lines(gravest_first(shown), tenant, names)


def _lines(rows: Iterable[FindingChange], tenant: Tenant, names: dict[str, str]) -> list[Line]:
    known = catalogue()
    found = []
    for row in rows:
        control = known.get(row.finding.control)
        differing = [
            (pair.key, _short(pair.before), _short(pair.now))
            for pair in side_by_side(row.before_observed, row.after_observed or {})
            if pair.changed and row.after_observed is not None
        ]
        found.append(
            Line(
                at=row.at,
                url=reverse("finding", args=[tenant.slug, row.finding_id]),
                kind=_OF_VALUE[FindingChange.Kind(row.kind)],
                severity=row.finding.severity,
                title=control.title if control else row.finding.control,
                subject=names.get(row.finding.subject.lower(), row.finding.subject_name),
                before=row.before_outcome if row.before_outcome != "gone" else "",
                after=row.after_outcome if row.after_outcome != "gone" else "",
                reason=row.reason,
                differences=differing[:MOST_DIFFERENCES],
                more=max(0, len(differing) - MOST_DIFFERENCES),
            )
        )
    return found


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= MOST_TEXT else f"{plain[: MOST_TEXT - 1]}…"

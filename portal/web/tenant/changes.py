"""What an assessment found otherwise than the one before: each change is of exactly one kind."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from django.db.models import Case, CharField, Count, F, IntegerField, Q, QuerySet, Value, When
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
    """One kind of change; `condition` counts where none of the kinds before it does."""

    key: str
    label: str
    icon: str
    role: str
    condition: Q


KINDS: Final = {
    kind.key: kind
    for kind in (
        Kind("gone", "Gone", "close", "unknown", Q(after_outcome="gone")),
        Kind("new", "New", "open", "low", Q(before_outcome="")),
        Kind("observed", "Observed something else", "arrow", "manual", Q(before_outcome=F("after_outcome"))),
        Kind("began", "Began to fail", "fail", "fail", Q(after_outcome="fail")),
        Kind("unknown", "Became unknown", "unknown", "unknown", Q(after_outcome="unknown")),
        Kind("resolved", "Resolved", "pass", "pass", Q(before_outcome="fail")),
        Kind("other", "Another verdict", "arrow", "low", Q()),
    )
}
# As pages list them: what asks for something first.
ORDER: Final = ("began", "unknown", "resolved", "observed", "new", "gone", "other")


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


def changes_of(assessment: Assessment, tenant: Tenant) -> QuerySet[Any]:
    """The changes that the person in scope sees, with `kind`."""
    rows = FindingChange.objects.filter(assessment=assessment)
    if not may(Capability.VIEW_ALL, tenant):
        rows = rows.filter(finding__in=visible_findings(tenant))
    whens = [When(kind.condition, then=Value(kind.key)) for kind in KINDS.values() if kind.condition]
    return rows.annotate(kind=Case(*whens, default=Value("other"), output_field=CharField()))


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


def counts(rows: QuerySet[Any]) -> dict[str, int]:
    """{kind: number}, in the order of pages, without those that do not occur."""
    found = dict(rows.order_by().values_list("kind").annotate(count=Count("id")))
    return {key: found[key] for key in ORDER if key in found}


def gravest_first(rows: QuerySet[Any]) -> QuerySet[Any]:
    """By kind in the order of pages, then by severity."""
    places = [When(kind=key, then=Value(place)) for place, key in enumerate(ORDER)]
    found: QuerySet[Any] = rows.annotate(place=Case(*places, output_field=IntegerField()))
    return found.select_related("finding").order_by(
        "place", "finding__severity_rank", "finding__control", "id"
    )


def lines(rows: QuerySet[Any] | list[Any], tenant: Tenant, names: dict[str, str]) -> list[Line]:
    """The rows as pages show them; `names` maps scope ids of units to names."""
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
                kind=KINDS[row.kind],
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

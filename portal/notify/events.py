"""Events about assessments."""

from __future__ import annotations

from typing import Final

from django.db.models import Count, F, Q

from assessments.models import Assessment, FindingChange
from assessments.presentation.extent import Extent
from assessments.presentation.not_judged import NO_LONGER_JUDGED
from portal import links
from portal.notify.kinds import Delivery
from portal.notify.models import Preference
from portal.notify.publish import Event, publish
from tenants.models import Person, Tenant
from tenants.selectors import members

_NAMED: Final = {
    FindingChange.Kind.NEW: "new and failing",
    FindingChange.Kind.BEGAN: "started failing",
    FindingChange.Kind.UNKNOWN: "became unknown",
    FindingChange.Kind.RESOLVED: "resolved",
}
_NEW_WITHOUT_FAILURE: Final = Q(kind=FindingChange.Kind.NEW) & ~Q(after_outcome="fail")
# If a finding was unknown or not judged for a time and then fails as before, its failure is not new
# (`Finding.failing_since`).
_CONTINUES: Final = Q(kind=FindingChange.Kind.BEGAN, finding__failing_since__lt=F("at"))
SEVERITIES = ("critical", "high", "medium", "low", "info")


def assessment_ended(tenant: Tenant, assessment: Assessment) -> int:
    """Notify subscribed channels and people that an assessment has ended. Return the number of new notices and posts.
    Needs the tenant's scope.

    If the watch judged only the changed resources again (trigger `watch`), nothing is published. Repeating the call has
    no effect.
    """
    if assessment.trigger == Assessment.Trigger.WATCH:
        return 0  # The watch assesses too often for a notice each time. Owners get notices of new failures.
    summary = assessment.summary
    counts, failing = summary.get("counts", {}), summary.get("failing", {})
    score = summary.get("score")
    verb = "was cancelled" if assessment.state == Assessment.State.CANCELLED else "ended"
    score_label = "unknown" if score is None else f"{score} %"
    by_severity = ", ".join(f"{failing[name]} {name}" for name in SEVERITIES if failing.get(name))
    # If no automatic check has a result, write “unknown”: a 0 would look as if every check had passed.
    failures = "unknown" if score is None and counts.get("unknown") else counts.get("fail", 0)
    extent = Extent.of(assessment)
    lines = (
        *([f"{extent.label.capitalize()}. {_unread(extent)}"] if extent.is_partial else ()),
        f"Score before exceptions: {score_label}.",
        f"Failing: {failures}" + (f" ({by_severity})." if by_severity else "."),
        f"Unknown: {counts.get('unknown', 0)}.",
    )
    event = Event(
        kind="assessment_ended",
        key=f"assessment:{assessment.pk}",
        title=f"Assessment {assessment.number} of {tenant.name} {verb}{changed(assessment)}",
        lines=lines,
        path=links.assessment(tenant.slug, assessment.pk),
        data={
            "assessment": {"id": str(assessment.pk), "number": assessment.number, "state": assessment.state},
            "units": {"expected": extent.expected, "read": extent.read},
            "score": score,
            "coverage": summary.get("coverage"),
            "counts": counts,
            "failing": failing,
        },
    )
    return publish(tenant=tenant, event=event, subscribers=subscribers_of(tenant, "assessment_ended"))


def _unread(extent: Extent) -> str:
    """Return sentences about the units that a partial assessment did not read.

    If a unit could not be read, its verdicts are unknown. If a unit was not assessed, it keeps its earlier verdicts.
    """
    sentences = []
    if extent.failed:
        sentences.append("Some data could not be read, so verdicts that depend on it are unknown.")
    if extent.is_cancelled or extent.only:
        sentences.append(
            "The results of subscriptions and directories that were not assessed have not changed."
        )
    return " ".join(sentences)


def changed(assessment: Assessment) -> str:
    """Return the last part of the event's title, which says how many findings changed. For a customer's first
    assessment, return an empty text, because all findings are new.
    """
    if assessment.number == 1:
        return ""
    rows = FindingChange.objects.filter(tenant=assessment.tenant_id, assessment=assessment, kind__in=_NAMED)
    rows = rows.exclude(NO_LONGER_JUDGED).exclude(_NEW_WITHOUT_FAILURE)
    counts = dict(rows.exclude(_CONTINUES).order_by().values_list("kind").annotate(number=Count("pk")))
    parts = [f"{counts[kind]:,} {words}" for kind, words in _NAMED.items() if kind in counts]
    if continuing := rows.filter(_CONTINUES).count():
        parts.append(f"{continuing:,} failing as before")
    return f": {', '.join(parts)}" if parts else ""


def subscribers_of(tenant: Tenant, kind: str) -> list[Person]:
    """Return the members who chose to be mailed about a kind of event that is off by default."""
    chosen = Preference.objects.filter(tenant=tenant, kind=kind).exclude(delivery=Delivery.OFF)
    people = set(chosen.values_list("person_id", flat=True))
    return list({row.person_id: row.person for row in members(tenant) if row.person_id in people}.values())

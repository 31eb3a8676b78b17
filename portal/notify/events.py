"""Events that are the product's own and nobody's treatment."""

from __future__ import annotations

from assessments.models import Assessment
from portal import links
from portal.notify.kinds import Delivery
from portal.notify.models import Preference
from portal.notify.publish import Event, publish
from tenants.models import Person, Tenant
from tenants.selectors import members

SEVERITIES = ("critical", "high", "medium", "low", "info")


def assessment_ended(tenant: Tenant, assessment: Assessment) -> int:
    """Tell channels, and the people who chose to hear of it, that an assessment ended. How many rows were new.

    In the tenant's scope; repeated for the same assessment it tells nothing twice.
    """
    summary = assessment.summary
    counts, failing = summary.get("counts", {}), summary.get("open", {})
    score = summary.get("score")
    word = "was cancelled" if assessment.state == Assessment.State.CANCELLED else "ended"
    shown = "not known" if score is None else f"{score} %"
    by_severity = ", ".join(f"{failing[name]} {name}" for name in SEVERITIES if failing.get(name))
    lines = (
        f"Score before exceptions: {shown}.",
        f"Failing: {counts.get('fail', 0)}" + (f" ({by_severity})." if by_severity else "."),
        f"Unknown: {counts.get('unknown', 0)}.",
    )
    event = Event(
        kind="assessment_ended",
        key=f"assessment:{assessment.pk}",
        title=f"Assessment {assessment.number} of {tenant.name} {word}",
        lines=lines,
        path=links.assessment(tenant.slug, assessment.pk),
        data={
            "assessment": {"id": str(assessment.pk), "number": assessment.number, "state": assessment.state},
            "score": score,
            "coverage": summary.get("coverage"),
            "counts": counts,
            "failing": failing,
        },
    )
    return publish(tenant=tenant, event=event, subscribers=_subscribers(tenant, "assessment_ended"))


def _subscribers(tenant: Tenant, kind: str) -> list[Person]:
    """Members who chose to hear of a kind of event that reaches nobody unless they do."""
    chose = Preference.objects.filter(tenant=tenant, kind=kind).exclude(delivery=Delivery.OFF)
    wanted = set(chose.values_list("person_id", flat=True))
    return list({row.person_id: row.person for row in members(tenant) if row.person_id in wanted}.values())

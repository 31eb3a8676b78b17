"""Exceptions as lists show them: what each is about, in words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.urls import reverse

from assessments.controls.registry import catalogue
from portal.treatment.matching import in_words
from portal.treatment.models import ExceptionItem, FindingException
from tenants.models import Person, Tenant


def described(rows: QuerySet[FindingException]) -> QuerySet[Any]:
    """Rows of the register with `controls` and `subjects`: two of each, enough to tell one from several."""
    items = ExceptionItem.objects.filter(exception=OuterRef("pk")).order_by()
    return rows.annotate(
        controls=ArraySubquery(items.values("finding__control").distinct()[:2]),
        subjects=ArraySubquery(items.values("finding__subject_name").distinct()[:2]),
    )


def row(tenant: Tenant, found: Any, who: Person, now: datetime) -> dict[str, Any]:
    """One annotated exception as a line of a table."""
    ended = found.state in FindingException.ENDED
    return {
        "url": reverse("exception", args=[tenant.slug, found.pk]),
        "number": found.number,
        "what": what(found),
        "where": where(found),
        "reason": found.reason,
        "status": found.state,
        "because": found.get_returned_because_display() if found.state == "returned" else "",
        "by": found.requested_by,
        "mine": found.requested_by_id == who.pk,
        "at": found.requested_at,
        "since": found.returned_at if found.state == "returned" else found.requested_at,
        "ends_at": found.ends_at,
        "ended": ended,
        "changed": 0 if ended else found.changed,
        "late": not ended and found.ends_at <= now,
    }


def what(found: Any) -> str:
    """What it is about: the control's title, or how many there are."""
    known = catalogue()
    if found.scope == FindingException.Scope.RULE:
        title = known[found.control].title if found.control in known else ""
        return title or "By a rule"
    if len(found.controls) == 1:
        slug = found.controls[0]
        return known[slug].title if slug in known else slug
    return "Findings of several controls"


def where(found: Any) -> str:
    """Its subject, the rule's conditions, or the number of findings."""
    if found.scope == FindingException.Scope.RULE:
        return f"Where {in_words(found)}: {found.findings} of at most {found.maximum}"
    if found.findings == 1 and found.subjects:
        return str(found.subjects[0])
    return f"{found.findings} findings"

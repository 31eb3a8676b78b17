"""Exceptions as lists show them: what each is about, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Count, Max, Min, Q, QuerySet
from django.db.models.functions import JSONArray
from django.urls import reverse

from assessments.controls.registry import catalogue
from portal.treatment.matching import in_words
from portal.treatment.models import ExceptionItem, FindingException
from tenants.models import Person, Tenant

SOON: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Described:
    """An exception with what its items say: how many findings it means and how many have changed; the first
    and the last of their controls and of their subjects' names, which are the same where there is one."""

    it: FindingException
    findings: int
    changed: int
    controls: tuple[str, str]
    subjects: tuple[str, str]


def listed(rows: QuerySet[FindingException]) -> QuerySet[FindingException]:
    """With the people whom a list names."""
    return rows.select_related("requested_by", "decided_by", "ended_by")


def waiting_first(rows: QuerySet[FindingException]) -> QuerySet[FindingException]:
    """What waits for a decision, the longest waiting first."""
    return rows.filter(state__in=FindingException.PENDING).order_by("requested_at", "number")


def ending_first(rows: QuerySet[FindingException], now: datetime) -> QuerySet[FindingException]:
    """What is in force and ends within 30 days, the soonest first."""
    found = rows.filter(state__in=FindingException.IN_FORCE, ends_at__gt=now, ends_at__lte=now + SOON)
    return found.order_by("ends_at", "number")


def described(rows: Iterable[FindingException]) -> list[Described]:
    """These exceptions, described by one query over their items: give it the rows of a page, not of a tenant."""
    found = list(rows)
    items = (
        ExceptionItem.objects.filter(exception__in=[row.pk for row in found])
        .order_by()
        .values("exception_id")
        .annotate(
            findings=Count("id"),
            changed=Count("id", filter=Q(changed_at__isnull=False)),
            controls=JSONArray(Min("finding__control"), Max("finding__control")),
            subjects=JSONArray(Min("finding__subject_name"), Max("finding__subject_name")),
        )
    )
    said = {item["exception_id"]: item for item in items}
    return [_described(row, said.get(row.pk)) for row in found]


def _described(found: FindingException, said: Mapping[str, Any] | None) -> Described:
    if said is None:
        return Described(found, 0, 0, ("", ""), ("", ""))
    (first, last), (one, other) = said["controls"], said["subjects"]
    return Described(found, said["findings"], said["changed"], (first, last), (one, other))


def row(tenant: Tenant, one: Described, who: Person, now: datetime) -> dict[str, Any]:
    """One of a list as a line of its table."""
    found = one.it
    ended = found.state in FindingException.ENDED
    return {
        "url": reverse("exception", args=[tenant.slug, found.pk]),
        "number": found.number,
        "what": what(one),
        "where": where(one),
        "reason": found.reason,
        "status": found.state,
        "because": found.get_returned_because_display() if found.state == "returned" else "",
        "by": found.requested_by,
        "mine": found.requested_by_id == who.pk,
        "since": found.returned_at if found.state == "returned" else found.requested_at,
        "ends_at": found.ends_at,
        "ended": ended,
        "changed": 0 if ended else one.changed,
    }


def what(one: Described) -> str:
    """What it is about: the control's title, or that there are several."""
    known = catalogue()
    first, last = one.controls
    if one.it.scope == FindingException.Scope.RULE:
        slug = one.it.control
        return known[slug].title if slug in known else "By a rule"
    if first != last:
        return "Findings of several controls"
    return known[first].title if first in known else first


def where(one: Described) -> str:
    """Its subject, the rule's conditions, or the number of findings."""
    if one.it.scope == FindingException.Scope.RULE:
        conditions = in_words(one.it, beside=("control",) if one.it.control else ())
        covered = f"Where {conditions}" if conditions else "By a rule, wherever it fails"
        return f"{covered}: {one.findings} of at most {one.it.maximum}"
    return one.subjects[0] if one.findings == 1 else f"{one.findings} findings"

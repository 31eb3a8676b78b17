"""Build rows of exception lists. The rows describe the findings that each exception covers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Min, QuerySet
from django.db.models.functions import Coalesce, JSONArray
from django.urls import reverse

from assessments.display.names import Names
from assessments.display.subjects import subject_text
from assessments.presentation.finding_names import Mentions, names_by_tenant
from portal.treatment.matching import describe_rule
from portal.treatment.models import ExceptionItem, FindingException
from portal.treatment.models.exception import ENDING_SOON
from portal.treatment.selectors.exceptions import changed as changed_items
from portal.treatment.selectors.exceptions import problem_of
from portal.treatment.selectors.past_exceptions import show_reviewed_exceptions
from tenants.models import Person, Tenant


@dataclass(frozen=True, slots=True)
class ExceptionSummary:
    """An exception with the number of its findings, and the number of findings that have changed since the approval.

    `controls` has two names: the alphabetically first and last control of the exception's findings. `subjects` has the
    alphabetically first and last subject. If there is only one control or subject, its name is there twice. `place` is
    the name of the subscription or directory in the exception's rule.
    """

    exception: FindingException
    findings: int
    changed: int
    controls: tuple[str, str]
    subjects: tuple[str, str]
    place: str = ""


def with_people(rows: QuerySet[FindingException]) -> QuerySet[FindingException]:
    """Join the people who requested, decided and ended each exception, so that reading them needs no further query."""
    return rows.select_related("requested_by", "decided_by", "ended_by")


def pending(rows: QuerySet[FindingException]) -> QuerySet[FindingException]:
    """Return the exceptions that wait for a decision, those that have waited longest first."""
    waiting_since = Coalesce("returned_at", "requested_at")
    return rows.filter(state__in=FindingException.PENDING).order_by(waiting_since, "number")


def ending_soon(rows: QuerySet[FindingException], now: datetime) -> QuerySet[FindingException]:
    """Return the exceptions in force that end within 30 days, soonest first."""
    return rows.filter(FindingException.ends_within(ENDING_SOON, now)).order_by("ends_at", "number")


def summarize(rows: Iterable[FindingException]) -> list[ExceptionSummary]:
    """Return a summary of each exception of a page. The exceptions may belong to several tenants. One query reads the
    findings of all these exceptions.

    People with a review period see the exceptions as they were at the end of this period.
    """
    found = list(rows)
    show_reviewed_exceptions(found)
    items = (
        ExceptionItem.objects.filter(exception__in=[row.pk for row in found])
        .order_by()
        .values("exception_id")
        .annotate(
            findings=Count("id"),
            changed=Count("id", filter=changed_items()),
            controls=JSONArray(Min("finding__control"), Max("finding__control")),
            subjects=JSONArray(Min("finding__subject_name"), Max("finding__subject_name")),
            subject=Min("finding__subject"),
        )
    )
    facts = {item["exception_id"]: item for item in items}
    if not found:
        return []
    mentions: dict[UUID, list[Mentions]] = defaultdict(list)
    for row in found:
        mentions[row.tenant_id].append(Mentions(row.unit))
        # A subject is shown only if the exception covers a single finding.
        if (item := facts.get(row.pk)) and item["findings"] == 1:
            mentions[row.tenant_id].append(Mentions(item["subject"]))
    names = names_by_tenant(mentions)
    return [_summary(row, facts.get(row.pk), names[row.tenant_id]) for row in found]


def _summary(found: FindingException, facts: Mapping[str, Any] | None, names: Names) -> ExceptionSummary:
    if facts is None:
        return ExceptionSummary(found, 0, 0, ("", ""), ("", ""), names.place(found.unit))
    controls = tuple(facts["controls"])
    first, last = facts["subjects"]
    if facts["findings"] == 1:
        first = last = subject_text(facts["subject"], first, names)
    return ExceptionSummary(
        found, facts["findings"], facts["changed"], controls, (first, last), names.place(found.unit)
    )


def row(tenant: Tenant, summary: ExceptionSummary, person: Person, now: datetime) -> dict[str, Any]:
    """Return the values that the tables of exceptions show about one exception."""
    found = summary.exception
    ended = found.state in FindingException.ENDED
    returned = found.state == FindingException.State.RETURNED
    return {
        "url": reverse("exception", args=[tenant.slug, found.pk]),
        "number": found.number,
        "title": title_of(summary),
        "scope": scope_of(summary),
        "reason": found.reason,
        "state": found.state,
        "returned_because": found.get_returned_because_display() if returned else "",
        "requested_by": found.requested_by,
        "mine": found.requested_by_id == person.pk,
        "waiting_since": found.returned_at if returned else found.requested_at,
        # A refused, withdrawn or revoked exception ended early. An expired exception ended at `ends_at`, even if this
        # was recorded later.
        "ends_at": min(found.ended_at or found.ends_at, found.ends_at) if ended else found.ends_at,
        "ended": ended,
        "changed": 0 if ended else summary.changed,
    }


def title_of(summary: ExceptionSummary) -> str:
    """Return the problem that the exception accepts. If it accepts several problems, return a text such as “Findings of
    several controls”.
    """
    return problem_of(summary.exception, *summary.controls)


def scope_of(summary: ExceptionSummary) -> str:
    """Return a text about what the exception covers. For a rule, this text has the conditions, the number of findings
    and the maximum. For any other exception, it is the subject of the only finding, or the number of findings.
    """
    found = summary.exception
    if found.scope == FindingException.Scope.RULE:
        places = {found.unit: summary.place}
        conditions = describe_rule(found, omit=("control",) if found.control else (), places=places)
        scope = f"Where {conditions}" if conditions else "All failing findings of this control"
        return f"{scope}: {summary.findings} of at most {found.maximum}"
    return summary.subjects[0] if summary.findings == 1 else f"{summary.findings} findings"

"""Orders of findings. Every order is unambiguous, so that the pages of a list never repeat or skip a finding."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import (
    Case,
    DateTimeField,
    ExpressionWrapper,
    F,
    FilteredRelation,
    Q,
    QuerySet,
    Value,
    When,
)

from assessments.models import Finding
from portal.queries.keyset import Column, Part, columns
from portal.treatment.date_buckets import SINCE
from portal.treatment.states import is_covered
from tenants.models import Tenant

# {value of the parameter `sort`: label}
ORDERS: Final[Mapping[str, str]] = {
    "severity": "Severity",
    "due": "Due date",
    "age": "Oldest first",
    "new": "Newest first",
    "subject": "Subject",
}
DEFAULT_ORDER: Final = "severity"
# The most severe findings come first. Within one severity, failures come first, then unknown, manual, passing and not
# applicable findings.
MOST_SEVERE_FIRST: Final = ("severity_rank", "outcome_rank", "control", "id")


def ordered(rows: QuerySet[Finding], order: str, tenant: Tenant, now: datetime) -> QuerySet[Finding]:
    """Return the findings in one of `ORDERS`."""
    if order == "due":
        due = Case(
            When(is_covered(now, "cover__"), then=None), *_due_dates(tenant), output_field=DateTimeField()
        )
        rows = _with_cover(rows).alias(due=due)
        return rows.order_by(F("due").asc(nulls_last=True), *MOST_SEVERE_FIRST)
    if order == "age":
        return rows.alias(since=SINCE).order_by("since", *MOST_SEVERE_FIRST)
    if order == "new":
        return rows.alias(since=SINCE).order_by("-since", *MOST_SEVERE_FIRST)
    if order == "subject":
        return rows.order_by("subject_name", "subject", "control", "id")
    return rows.order_by(*MOST_SEVERE_FIRST)


def ordered_by_due_date(
    rows: QuerySet[Finding], tenant: Tenant, now: datetime
) -> tuple[QuerySet[Finding], QuerySet[Finding]]:
    """Return the findings in the order `due` as two queries. The first has the findings with a due date, which are few
    and indexed. The second has all other findings.
    """
    has_due_date = Q(state="open", severity__in=list(tenant.due_days))
    dated = (
        _with_cover(rows.filter(has_due_date))
        .exclude(is_covered(now, "cover__"))
        .alias(due=Case(*_due_dates(tenant), output_field=DateTimeField()))
    )
    undated = rows.filter(~has_due_date | Q(pk__in=_excepted(tenant, now)))
    return dated.order_by("due", *MOST_SEVERE_FIRST), undated.order_by(*MOST_SEVERE_FIRST)


def parts(
    rows: QuerySet[Finding], order: str, tenant: Tenant, now: datetime
) -> tuple[Part[QuerySet[Finding]], ...]:
    """Return the findings in one of `ORDERS`, split into consecutive parts. Each part states the columns by which it is
    sorted, so that a page can begin after any finding of the part.
    """
    if order == "due":
        dated, undated = ordered_by_due_date(rows, tenant, now)
        due = Case(*_due_dates(tenant), output_field=DateTimeField())
        return Part(dated, columns(due, *MOST_SEVERE_FIRST)), Part(undated, columns(*MOST_SEVERE_FIRST))
    if order == "age":
        return (Part(rows, columns(SINCE, *MOST_SEVERE_FIRST)),)
    if order == "new":
        return (Part(rows, (Column(SINCE, descending=True), *columns(*MOST_SEVERE_FIRST))),)
    if order == "subject":
        return (Part(rows, columns("subject_name", "subject", "control", "id")),)
    return (Part(rows, columns(*MOST_SEVERE_FIRST)),)


def _with_cover(rows: QuerySet[Finding]) -> QuerySet[Finding]:
    """Return the findings with the alias `cover`: a finding's treatment if the treatment has an exception. Few
    treatments have an exception, so the join reads few rows.
    """
    has_exception = Q(treatment__excepted_until__isnull=False)
    return rows.alias(cover=FilteredRelation("treatment", condition=has_exception))


def _excepted(tenant: Tenant, now: datetime) -> QuerySet[Finding, Any]:
    rows = Finding.objects.filter(is_covered(now), tenant=tenant, state="open", treatment__tenant=tenant)
    return rows.order_by().values("pk")


def _due_dates(tenant: Tenant) -> list[When]:
    """Return the branches of an SQL CASE that gives the due date of an open finding. Exceptions are ignored."""
    return [
        When(
            severity=severity,
            state="open",
            then=ExpressionWrapper(
                F("failing_since") + Value(timedelta(days=int(days))), output_field=DateTimeField()
            ),
        )
        for severity, days in tenant.due_days.items()
    ]

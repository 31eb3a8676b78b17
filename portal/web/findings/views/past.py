"""Show and export findings as they were on a past day. These pages offer no actions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from assessments.models import Assessment, Finding
from portal.queries.audit_room import DEFAULT_DAYS
from portal.reports.facts.past_findings import PastFindings, assessment_on, past_findings, table
from portal.reports.facts.shared import FindingFact
from portal.treatment.naming import control_problem, finding_title
from portal.treatment.states import ShownState
from portal.web.shared.spreadsheet_responses import csv_response
from portal.web.shared.visible import review_periods
from tenants import access
from tenants.auditors.review_periods import ReviewPeriod
from tenants.locks import Lock, try_lock
from tenants.models import Tenant
from tenants.roles import Capability

PER_PAGE: Final = 50
MAX_FINDINGS: Final = 20_000
"""If a customer has more findings, the page does not show the findings of a past day, because reconstructing them would
take seconds.
"""
SEVERITIES: Final = tuple(Finding.Severity.values)


@dataclass(frozen=True, slots=True)
class _Asked:
    """The day and the filters in the URL. If `begun` or `is_date` is False, no findings are shown.

    - `problem`: why the page does not show the day in the URL
    - `begun`: False if every review period is in the future
    - `is_date`: False if the day in the URL is not a date
    """

    day: date
    state: str
    severity: str
    text: str
    problem: str = ""
    begun: bool = True
    is_date: bool = True

    @property
    def shows_findings(self) -> bool:
        """Return whether findings are shown for this day."""
        return self.begun and self.is_date

    @classmethod
    def parse(cls, request: HttpRequest, now: datetime, periods: Sequence[ReviewPeriod]) -> _Asked:
        """Return the day and the filters in the URL.

        The default day is today. A person with `periods` may read only the days in these review periods. If all
        periods that have begun are over, the default day is the last day of these periods.
        """
        today, problem, is_date = now.astimezone(UTC).date(), "", True
        past = [one for one in periods if one.first <= today]
        begun = bool(past or not periods)
        default = day = min([today, *([max(one.last for one in past)] if past else [])])
        if text := request.GET.get("day", "").strip():
            try:
                day = date.fromisoformat(text)
            except ValueError:
                is_date = False
            if day > today:
                day = today
                problem = (
                    f"The chosen day is in the future. The page shows the findings of today, {day.day}"
                    f" {day:%B %Y}."
                )
        if not begun:
            problem = "Your review period has not begun yet, so this page shows no findings."
        elif not is_date:
            problem = "This is not a date. Enter the day as year-month-day, for example 2026-11-30."
        elif periods and not any(one.first <= day <= one.last for one in past):
            day = default
            problem = (
                f"The chosen day is outside of your review period. The page shows the findings of {day.day}"
                f" {day:%B %Y}."
            )
        state, severity = request.GET.get("state", ""), request.GET.get("severity", "")
        return cls(
            day,
            state if state in ShownState.values else "",
            severity if severity in SEVERITIES else "",
            request.GET.get("q", "").strip(),
            problem,
            begun,
            is_date,
        )

    def matching(self, found: PastFindings) -> Iterator[FindingFact]:
        """Yield the findings that match the filters, most severe first."""
        words = self.text.casefold()
        for severity in SEVERITIES if not self.severity else (self.severity,):
            for fact in found.treatment.findings:
                if (
                    fact.severity == severity
                    and self.state in ("", fact.shown)
                    and words
                    in f"{fact.subject_name} {control_problem(fact.control)} "
                    f"{finding_title(fact.control, fact.outcome)} {fact.control}".casefold()
                ):
                    yield fact

    def query(self, **changed: str) -> str:
        """Return the query of the URL with some values replaced."""
        values = {
            "day": self.day.isoformat(),
            "state": self.state,
            "severity": self.severity,
            "q": self.text,
        }
        return urlencode({key: value for key, value in (values | changed).items() if value})


def past(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the findings at the end of the day in `?day=`, in UTC. Answer 400 if the parameter is not a date."""
    tenant = access.tenant(slug, needs=Capability.VIEW_ALL)
    now = timezone.now()
    asked = _Asked.parse(request, now, review_periods(tenant))
    too_many = asked.shows_findings and _count(tenant) > MAX_FINDINGS
    found = None if too_many or not asked.shows_findings else past_findings(tenant, asked.day, now)
    matching = list(asked.matching(found)) if found else []
    matching.sort(key=lambda fact: (SEVERITIES.index(fact.severity), fact.outcome != Finding.Outcome.FAIL))
    page = Paginator(matching, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "tenant": tenant,
        "asked": asked,
        "found": found,
        # An auditor cannot open an assessment that ended before the review period.
        "can_open": found is not None and Assessment.objects.filter(pk=found.assessment.pk).exists(),
        "too_many": too_many,
        "assessment": assessment_on(tenant, asked.day, now) if too_many else None,
        "page": page,
        # This page shows only the owner's name; the export also contains the owner's email address.
        "rows": [
            (fact, finding_title(fact.control, fact.outcome), fact.owner.partition(" <")[0])
            for fact in page.object_list
        ],
        "states": _states(asked, found) if found else [],
        "severities": SEVERITIES,
        "export": asked.query(),
        "days": DEFAULT_DAYS,
    }
    return render(request, "findings/past.html", context, status=200 if asked.is_date else 400)


def _states(asked: _Asked, found: PastFindings) -> list[tuple[str, int, str, bool]]:
    """Return (label, number of findings, query, whether chosen) for each state that occurs. The first entry is for all
    states.
    """
    total = sum(found.states.values())
    return [
        ("All", total, asked.query(state=""), not asked.state),
        *(
            (str(state.label), number, asked.query(state=state.value), asked.state == state)
            for state in ShownState
            if (number := found.states.get(state, 0))
        ),
    ]


def _count(tenant: Tenant) -> int:
    return Finding.objects.filter(tenant=tenant)[: MAX_FINDINGS + 1].count()


def past_csv(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Download a CSV file of the findings of the day that match the filters. If `?day=` is not a date, show the page
    with the error.

    If the customer has more than MAX_FINDINGS findings, the export takes seconds and much memory. So an organization
    can run only one such export at a time.
    """
    tenant = access.tenant(slug, needs=Capability.VIEW_ALL)
    now = timezone.now()
    asked = _Asked.parse(request, now, review_periods(tenant))
    if not asked.is_date:
        return past(request, slug)
    if _count(tenant) > MAX_FINDINGS and not try_lock(Lock.PAST_EXPORT, str(tenant.organization_id)):
        messages.error(request, "Another export of past findings is running. Try again in a minute.")
        return redirect(f"{reverse('findings-past', args=[slug])}?{asked.query()}")
    found = past_findings(tenant, asked.day, now) if asked.begun else None
    rows = asked.matching(found) if found else iter(())
    return csv_response(table(rows), f"findings-{slug}-as-of-{asked.day}")

"""The auditor's room of a customer."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from assessments.display.subjects import subject_text
from assessments.frameworks.framework import NAMES, framework
from assessments.presentation.extent import extent_label
from assessments.presentation.finding_names import names_for_findings
from portal.queries.audit_room import MAX_ROWS, Period, access_of, room
from portal.queries.frameworks.results import count_by_result, tenant_states
from portal.reports.models import Report
from portal.treatment.naming import control_title
from portal.treatment.selectors.scores import standing
from portal.web.shared.headline import with_counts_linked
from portal.web.shared.parameters import parameters_of
from portal.web.shared.visible import person, review_periods, unit_names
from tenants import access
from tenants.auditors.review_periods import ReviewPeriod
from tenants.models import Tenant
from tenants.roles import Capability


def audit_room(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the person's access, the frameworks, and all records of the period from `?from=` to `?to=`."""
    tenant = access.tenant(slug, needs=Capability.EVIDENCE)
    now = timezone.now()
    held = access_of(person(), tenant, now)
    begins = min((row.valid_from for row in held), default=None)
    reviews = review_periods(tenant)
    period = Period.parse(parameters_of(request.GET), now, begins, reviews)
    found = room(tenant, period)
    names = names_for_findings(tenant, [row.finding for row in found.attestations], unit_names(tenant))
    reports = Report.objects.filter(tenant=tenant, state=Report.State.READY)
    if reviews:
        # Select reports by the time to which their data refers, because a report about the last day is usually built
        # after the period.
        reports = reports.filter(Report.is_about(ReviewPeriod(period.first, period.last)))
    else:
        reports = reports.filter(created_at__gte=period.start, created_at__lt=period.end)
    context = {
        "tenant": tenant,
        "memberships": held,
        "period": period,
        "room": found,
        "reports": [
            (row, extent_label(row.assessment))
            for row in reports.select_related("assessment").order_by("-number")[:MAX_ROWS]
        ],
        "report_count": reports.count(),
        "attestations": [
            (
                row,
                control_title(row.finding.control),
                subject_text(row.finding.subject, row.finding.subject_name, names),
            )
            for row in found.attestations
        ],
        "files": [
            (row, "" if row.attestation is None else control_title(row.attestation.finding.control))
            for row in found.files
        ],
        "changes": sum(found.changes.values()),
        # The headline and frameworks show the present, so they are left out for a review period.
        "headline": ""
        if reviews
        else with_counts_linked(standing(tenant, now), reverse("findings", args=[slug])),
        "frameworks": [] if reviews else _frameworks(tenant, now),
        "reviews": reviews,
        "journal_url": f"{reverse('journal', args=[slug])}?from={period.first}&to={period.last}",
    }
    return render(request, "audit_room/room.html", context)


def _frameworks(tenant: Tenant, now: datetime) -> list[tuple[str, str, list[tuple[str, int]]]]:
    """Return (name, key, [(result, number of requirements)]) of each framework."""
    states = tenant_states(tenant, now)
    return [
        (name, key, list(count_by_result(states.results(framework(key))).items()))
        for key, name in NAMES.items()
    ]

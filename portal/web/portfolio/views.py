"""The portfolio: all tenants of the person, the most urgent first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from assessments.actions.start import start
from assessments.models import Assessment
from portal.queries.portfolio import (
    ExceptionCounts,
    credentials,
    exception_counts,
    latest_assessments,
    trends,
)
from portal.treatment.selectors.scores import Standing, standings
from portal.web.shared.credentials import Expiry, expiry
from portal.web.shared.run_state import run_key
from portal.web.shared.visible import may, person
from tenants import access, scope
from tenants.errors import SuretyError
from tenants.models import ServicePrincipal, Tenant
from tenants.roles import Capability

PER_PAGE: Final = 100


@dataclass(slots=True)
class Row:
    """One tenant of the portfolio."""

    tenant: Tenant
    url: str
    last: Assessment | None
    trend: list[float | None]
    principals: list[ServicePrincipal]
    may_start: bool
    standing: Standing
    exceptions: ExceptionCounts
    status: str = ""
    credential: Expiry | None = None

    def __post_init__(self) -> None:
        self.status = run_key(self.last) if self.last else ""
        ends = [p.expires_at for p in self.principals if p.expires_at]
        self.credential = expiry(min(ends)) if ends else None

    @property
    def score(self) -> float | None:
        found: float | None = self.standing.raw["score"]
        return found

    @property
    def coverage(self) -> float | None:
        found: float | None = self.standing.raw["coverage"]
        return found

    @property
    def adjusted(self) -> float | None:
        found: float | None = self.standing.adjusted["score"]
        return found

    @property
    def critical(self) -> int:
        return int(self.standing.adjusted["open"].get("critical", 0))

    @property
    def high(self) -> int:
        return int(self.standing.adjusted["open"].get("high", 0))

    @property
    def overdue(self) -> int:
        return self.standing.overdue_total

    @property
    def overdue_critical(self) -> int:
        return self.standing.overdue.get("critical", 0)

    @property
    def unknown(self) -> int:
        return int(self.standing.raw["counts"].get("unknown", 0))

    @property
    def last_at(self) -> datetime | None:
        return (self.last.ended_at or self.last.created_at) if self.last else None

    @property
    def unreachable(self) -> bool:
        return any(principal.last_error_code for principal in self.principals)

    @property
    def attention(self) -> str:
        """The most urgent problem in words; empty without one."""
        if not self.principals:
            return "No service principal"
        if self.unreachable:
            return "Sign-in failed"
        if self.credential and self.credential.role == "fail":
            return "Credential expired"
        return "" if self.last else "Never assessed"

    @property
    def order(self) -> tuple[Any, ...]:
        """The sort key: attention needed, overdue critical, critical and high findings, lowest score, name."""
        score = self.adjusted if self.adjusted is not None else 101.0
        return (
            not self.attention,
            -self.overdue_critical,
            -self.critical,
            -self.high,
            score,
            self.tenant.name.casefold(),
        )


def portfolio(request: HttpRequest) -> HttpResponse:
    q, label = request.GET.get("q", "").strip(), request.GET.get("label", "").strip()
    tenants = list(access.tenants(needs=Capability.VIEW))
    labels = sorted({word for tenant in tenants for word in tenant.labels}, key=str.casefold)
    shown = [
        tenant
        for tenant in tenants
        if q.casefold() in tenant.name.casefold() and (not label or label in tenant.labels)
    ]
    rows = sorted(_rows(shown), key=lambda row: row.order)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "q": q,
        "label": label,
        "labels": labels,
        "page": page,
        "rows": page.object_list,
        "may_start_any": any(row.may_start for row in rows),
        "totals": {
            "tenants": len(rows),
            "critical": sum(row.critical for row in rows),
            "high": sum(row.high for row in rows),
            "overdue": sum(row.overdue for row in rows),
            "pending": sum(row.exceptions.pending for row in rows),
            "ending": sum(row.exceptions.ending for row in rows),
            "unknown": sum(row.unknown for row in rows),
            "never": sum(row.last is None for row in rows),
            "unreachable": sum(row.unreachable for row in rows),
        },
        "may_register": bool(scope.current().organization_ids),
    }
    return render(request, "portfolio/portfolio.html", context)


def _rows(tenants: list[Tenant]) -> list[Row]:
    ids = [tenant.pk for tenant in tenants]
    newest, stands, now = latest_assessments(ids, ended=False), standings(tenants), timezone.now()
    waiting = exception_counts(ids, now)
    trend_of, principals = trends(ids), credentials(ids)
    return [
        Row(
            tenant=tenant,
            url=reverse("tenant", args=[tenant.slug]),
            last=newest.get(tenant.pk),
            trend=trend_of.get(tenant.pk, []),
            principals=principals.get(tenant.pk, []),
            may_start=may(Capability.ASSESS, tenant),
            standing=stands[tenant.pk],
            exceptions=waiting.get(tenant.pk, ExceptionCounts()),
        )
        for tenant in tenants
    ]


@require_POST
def start_selected(request: HttpRequest) -> HttpResponse:
    """Start an assessment of each selected tenant, with one error message for each that cannot start."""
    slugs = list(dict.fromkeys(request.POST.getlist("tenant")))
    started = []
    for slug in slugs:
        tenant = access.tenant(slug, needs=Capability.ASSESS)
        try:
            start(tenant=tenant, by=person())
        except SuretyError as error:
            messages.error(request, error.message)
        else:
            started.append(tenant.name)
    if started:
        messages.success(request, f"Assessments started: {', '.join(started)}.")
    if not slugs:
        messages.warning(request, "Select at least one customer to assess.")
    return redirect("portfolio")

"""Serve the portfolio: all customers that the signed-in person may see, most urgent first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from assessments.actions.start import start
from portal.accounts.middleware import organizations_of
from portal.queries.audit_room import audits
from portal.queries.portfolio.urgent_facts import CREDENTIAL_DAYS
from portal.treatment.models import ListView
from portal.web.portfolio.choices import DEFAULT_ORDER, Choices, attention_facet, headings, label_facet
from portal.web.portfolio.foreign import undecided_by_organization
from portal.web.portfolio.reading import complete, read_rows
from portal.web.portfolio.rows import Row
from portal.web.shared.list_views import saved_views
from portal.web.shared.visible import person
from tenants import access, scope
from tenants.auditors.review_periods import in_words
from tenants.errors import Refusal
from tenants.models import Organization, Tenant
from tenants.roles import Capability

PER_PAGE: Final = 50
# If a number counts customers, the page names at most this many of them next to the number.
_MAX_NAMED: Final = 2


def portfolio(request: HttpRequest) -> HttpResponse:
    """List the customers that the person may see. The parameters `q`, `label` and `show` filter the list. `sort` and
    `reverse` set its order.
    """
    every = read_rows(list(access.tenants(needs=Capability.VIEW)))
    chosen = Choices.from_query(request.GET)
    rows = chosen.apply(every)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    complete(list(page.object_list))
    context = {
        "views": saved_views(request, ListView.Page.PORTFOLIO),
        "q": chosen.name,
        "search_fields": _hidden_fields(request, "q", "page"),
        "chosen": chosen,
        "facets": [label_facet(every, request.GET, chosen), attention_facet(every, request.GET, chosen)],
        "headings": headings(request.GET, chosen),
        "figures": _figures(every),
        "audits": [*_audits(every), *_reviews()],
        "page": page,
        "groups": _groups(page.object_list, rows, chosen),
        "first": _customer_to_start_with(page, chosen),
        "total": len(every),
        "urgent": sum(row.needs_attention for row in every),
        "sees_only_own": any(Capability.VIEW_ALL not in row.rights for row in every),
        "may_start_any": any(row.may_start for row in rows),
        "undecided": undecided_by_organization(row.tenant for row in every),
        "archived": list(access.tenants(needs=Capability.VIEW, archived=True)),
        "registering": _registering(request),
        "waits": not every and bool(scope.roles_everywhere(person())),
    }
    return render(request, "portfolio/portfolio.html", context)


def _reviews() -> list[tuple[Tenant, datetime | None, str]]:
    """Return (customer, end of access, review period) for each customer in which the person has a review period.

    The list of customers leaves these customers out, because it shows present data, and the person may read only the
    data of the review period.
    """
    periods = scope.current().review_periods
    if not periods:
        return []
    tenants = list(Tenant.objects.filter(pk__in=periods).order_by("name", "pk"))
    found = audits(person(), tenants, timezone.now())
    return [(tenant, until, in_words(periods[tenant.pk])) for tenant, until in found]


def _audits(rows: list[Row]) -> list[tuple[Tenant, datetime | None, str]]:
    """Return the same tuples as `_reviews` for the customers that the person audits without a review period. Instead of
    the review period, the tuples have an empty text.

    Return an empty list for people who may start assessments or approve exceptions in any of the listed customers,
    because they are more than auditors.
    """
    if any(Capability.ASSESS in row.rights or Capability.APPROVE in row.rights for row in rows):
        return []
    tenants = [row.tenant for row in rows if Capability.EVIDENCE in row.rights]
    return [(*one, "") for one in audits(person(), tenants, timezone.now())] if tenants else []


def _registering(request: HttpRequest) -> list[Organization]:
    """Return the organizations for which the person may register customers, sorted by name. This needs no database
    query.
    """
    current = scope.current()
    return [
        one for one in organizations_of(request) if current.may_in_organization(Capability.REGISTER, one.pk)
    ]


def _hidden_fields(request: HttpRequest, *without: str) -> list[tuple[str, str]]:
    return [(name, value) for name, values in request.GET.lists() if name not in without for value in values]


@dataclass(frozen=True, slots=True)
class _Figure:
    """A number at the top of the page, with a link to the customers to which the number refers. If the number is not
    known, its text is “not known”.

    The number is red if `is_bad` is true and the number is above zero.
    """

    label: str
    value: int | str
    show: str
    note: str
    is_bad: bool

    @property
    def url(self) -> str:
        """Return the URL of the list of customers to which the number refers."""
        return f"?show={self.show}"


def _figures(rows: list[Row]) -> list[_Figure]:
    unread = [row for row in rows if not row.is_known]
    ending = [
        row for row in rows if row.credential_days is not None and row.credential_days <= CREDENTIAL_DAYS
    ]
    critical, overdue = sum(row.critical for row in rows), sum(row.overdue for row in rows)
    # If no customer could be read, show “not known”, because 0 would look as if there were no failures.
    is_known = bool(critical or overdue) or len(unread) < len(rows)
    pending = sum(row.exceptions.pending for row in rows)
    soon = sum(row.exceptions.ending for row in rows)
    return [
        _Figure(
            "Open critical",
            critical if is_known else "not known",
            "critical",
            _spread([r for r in rows if r.critical]),
            critical > 0,
        ),
        _Figure(
            "Overdue",
            overdue if is_known else "not known",
            "overdue",
            _spread([r for r in rows if r.overdue]),
            overdue > 0,
        ),
        _Figure("Undecided exceptions", pending, "approve", ending_note(soon), False),
        _Figure("Cannot be read", len(unread), "unread", _named(unread), bool(unread)),
        _Figure(
            "Credentials ending soon",
            len(ending),
            "credentials",
            f"{_named(ending)}, within {CREDENTIAL_DAYS} days" if ending else "",
            False,
        ),
    ]


def ending_note(number: int) -> str:
    """Return the note of the figure “Undecided exceptions”: how many approved exceptions in force end soon."""
    return f"{number} in force end{'s' if number == 1 else ''} within 30 days" if number else ""


def _spread(rows: list[Row]) -> str:
    if len(rows) == 1:
        return rows[0].tenant.name
    return f"in {len(rows)} customers" if rows else ""


def _named(rows: list[Row]) -> str:
    names = ", ".join(row.tenant.name for row in rows[:_MAX_NAMED])
    return f"{names} and {len(rows) - _MAX_NAMED} more" if len(rows) > _MAX_NAMED else names


def _customer_to_start_with(page: Page[Row], chosen: Choices) -> Row | None:
    """Return the most urgent customer, with which the person should start.

    Return None if this customer needs no attention, or if this is not the first page of the list in order of urgency.
    """
    is_default = chosen.order == DEFAULT_ORDER and not chosen.is_reversed and page.number == 1
    rows = list(page.object_list) if is_default else []
    return rows[0] if rows and rows[0].needs_attention else None


def _groups(shown: Any, rows: list[Row], chosen: Choices) -> list[tuple[str, int, list[Row]]]:
    """Return groups of (heading, number of customers on all pages, rows of this page).

    If the list is not sorted by urgency, return one group without a heading.
    """
    shown = list(shown)
    if chosen.order != DEFAULT_ORDER or chosen.is_reversed:
        return [("", len(rows), shown)]
    parts = []
    for heading, urgent in (("Needs attention", True), ("On track", False)):
        part = [row for row in shown if row.needs_attention is urgent]
        if part:
            parts.append((heading, sum(row.needs_attention is urgent for row in rows), part))
    return parts


@require_POST
def start_selected(request: HttpRequest) -> HttpResponse:
    """Start an assessment of each selected tenant.

    Show one error message for each tenant whose assessment cannot start.
    """
    slugs = list(dict.fromkeys(request.POST.getlist("tenant")))
    started = []
    for slug in slugs:
        tenant = access.tenant(slug, needs=Capability.ASSESS)
        try:
            start(tenant=tenant, by=person())
        except Refusal as error:
            messages.error(request, error.message)
        else:
            started.append(tenant.name)
    if started:
        messages.success(request, f"Assessments started: {', '.join(started)}.")
    if not slugs:
        messages.warning(request, "Select at least one customer to assess.")
    return redirect("portfolio")

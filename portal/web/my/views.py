"""Serve the page “My findings”: a person's own findings, requests and mentions across all tenants."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from portal.web.my import page as my_page
from portal.web.shared.visible import person


def my(request: HttpRequest) -> HttpResponse:
    """Show the findings, unexpected changes, requests and mentions that need the person's attention."""
    me = person()
    now = timezone.now()
    mine = my_page.MyFindings.read(me, now)
    sections, customers = mine.sections(), mine.customers()
    context = {
        "sections": sections,
        "headline": mine.headline(sections),
        "has_findings": any(section.count for section in sections),
        "several_customers": len(customers) > 1,
        "customers": customers if "all" in request.GET else customers[: my_page.MAX_CUSTOMERS],
        "more_customers": 0 if "all" in request.GET else max(0, len(customers) - my_page.MAX_CUSTOMERS),
        "changes": my_page.unexpected_changes(me, now),
        "requests": my_page.requests(me),
        "mentions": my_page.mentions(me),
        "to_decide": my_page.to_decide(me),
    }
    return render(request, "my/my.html", context)

"""The page on which a person starts: where their work waits."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from portal.queries.inbox import approving_tenants
from tenants import scope
from tenants.roles import Capability


def home(request: HttpRequest) -> HttpResponse:
    """Open the inbox for people who approve exceptions and do not run assessments, else the portfolio."""
    current = scope.current()
    runs_assessments = any(current.may(Capability.ASSESS, tenant_id) for tenant_id in current.tenant_ids)
    return redirect("inbox" if approving_tenants() and not runs_assessments else "portfolio")

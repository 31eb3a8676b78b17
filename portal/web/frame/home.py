"""Choose the start page of a person: the page where their work waits."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from portal.queries.exceptions.inbox import approving_tenants
from tenants import scope
from tenants.models import Tenant
from tenants.roles import Capability


def home(request: HttpRequest) -> HttpResponse:
    """Redirect to the page on which the person's work begins.

    - the inbox: approvers
    - the audit room: auditors of one customer
    - My findings: people who only own findings
    - the overview: administrators of one customer
    - the portfolio: everybody else

    People who run assessments start in the portfolio or the overview, whatever other roles they hold.
    """
    current = scope.current()

    def may(capability: Capability) -> bool:
        return any(current.may(capability, tenant_id) for tenant_id in current.tenant_ids)

    if not may(Capability.ASSESS):
        if approving_tenants():
            return redirect("inbox")
        if may(Capability.EVIDENCE) and len(current.tenant_ids) == 1:
            return redirect("audit-room", slug=Tenant.objects.get(pk__in=current.tenant_ids).slug)
        if current.tenant_ids and not may(Capability.VIEW_ALL):
            return redirect("my")
    elif len(current.tenant_ids) == 1 and not current.organization_ids:
        tenant = Tenant.objects.get(pk__in=current.tenant_ids)
        if not tenant.is_archived:
            return redirect("tenant", slug=tenant.slug)
    return redirect("portfolio")

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

    People who may start assessments begin in the portfolio. If they have access to only one customer and no role in an
    organization, they begin in the overview of this customer, unless the customer is archived.

    For other people, the first matching line counts:

    - approvers: the inbox
    - auditors of only one customer: the audit room
    - people who see only the findings that they own: My findings
    - everybody else: the portfolio
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

"""Check one finding again, without an assessment."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from assessments.actions.check_finding import request_check
from portal.web.finding_detail.views import finding as views
from portal.web.shared.undo import return_url
from portal.web.shared.visible import person
from tenants import access
from tenants.errors import Refusal
from tenants.roles import Capability


@require_POST
def check(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Request a check of the finding. The finding's page shows the progress and the result of the check."""
    tenant = access.tenant(slug, needs=Capability.TREAT)
    found = views.get(tenant, pk, needs=Capability.TREAT)
    try:
        request_check(finding=found, by=person())
    except Refusal as error:
        messages.error(request, error.message)
    return redirect(return_url(request, "finding", slug, str(found.pk)))

"""Comments on an exception."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from portal.treatment.actions.exceptions import add_exception_comment, delete_exception_comment
from portal.treatment.models import ExceptionComment, FindingException
from portal.web.shared.action_messages import reported
from portal.web.shared.undo import return_url
from portal.web.shared.visible import may, person, visible_exceptions
from tenants import access
from tenants.errors import PermissionDenied
from tenants.models import Tenant
from tenants.roles import Capability


@require_POST
def add(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Add a comment, then return to the page that has the form (`next`), by default the exception's page."""
    tenant = _tenant(slug)
    rows = visible_exceptions(tenant).select_related("tenant", "requested_by", "decided_by")
    found = access.get(FindingException, pk, needs=Capability.VIEW, queryset=rows)
    with reported(request):
        add_exception_comment(exception=found, by=person(), body=request.POST.get("body", ""))
        messages.success(request, "Comment added.")
    return _back(request, tenant, found.pk)


@require_POST
def delete(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Delete the person's own comment."""
    tenant = _tenant(slug)
    rows = ExceptionComment.objects.filter(tenant=tenant, exception__in=visible_exceptions(tenant))
    comment = access.get(ExceptionComment, pk, needs=Capability.VIEW, queryset=rows)
    with reported(request):
        delete_exception_comment(comment=comment, by=person())
    return _back(request, tenant, comment.exception_id)


def _tenant(slug: str) -> Tenant:
    """Return the tenant. Raise PermissionDenied if the person may neither request nor decide exceptions in the
    tenant.
    """
    tenant = access.tenant(slug, needs=Capability.VIEW)
    if not (may(Capability.TREAT, tenant) or may(Capability.APPROVE, tenant)):
        raise PermissionDenied(
            f"Your role does not include the right to {Capability.TREAT.label}. Ask an administrator for a role that"
            " includes this right."
        )
    return tenant


def _back(request: HttpRequest, tenant: Tenant, pk: object) -> HttpResponse:
    return redirect(return_url(request, "exception", tenant.slug, str(pk)))

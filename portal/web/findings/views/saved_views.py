"""Save, change and delete views of the findings page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from portal.treatment.actions.saved_views import change_view, delete_view, save_view
from portal.treatment.models import SavedView
from portal.web.findings.address import known_parameters
from portal.web.findings.saved_views import saved_views
from portal.web.shared.visible import may, person
from tenants import access
from tenants.errors import InvalidInput
from tenants.models import Tenant
from tenants.roles import Capability


@require_POST
def save(request: HttpRequest, slug: str) -> HttpResponse:
    """Save the current filters and layout as a view."""
    tenant = access.tenant(slug, needs=Capability.VIEW)
    query = _query(request)
    name, shared = request.POST.get("name", ""), _shared(request, tenant)
    return _redirect(
        request,
        tenant,
        query,
        lambda: save_view(tenant=tenant, by=person(), name=name, query=query, shared=shared),
        "View “{name}” saved.",
    )


@require_POST
def change(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Rename a view, or change whether it is shared. If the request has `refilter`, also replace the view's filters
    with the current filters.
    """
    tenant, view = _get(slug, pk)
    query = _query(request) if "refilter" in request.POST else view.query
    name, shared = request.POST.get("name", ""), _shared(request, tenant)
    return _redirect(
        request,
        tenant,
        query,
        lambda: change_view(view=view, by=person(), name=name, query=query, shared=shared),
        "View “{name}” saved.",
    )


@require_POST
def delete(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Delete a saved view. Afterwards, the list of findings still has the filters of the view."""
    tenant, view = _get(slug, pk)
    name, query = view.name, view.query

    def deleted() -> None:
        delete_view(view=view, by=person())

    return _redirect(
        request, tenant, query, deleted, f"View “{name}” deleted. Its filters are still applied."
    )


def _get(slug: str, pk: str) -> tuple[Tenant, SavedView]:
    tenant = access.tenant(slug, needs=Capability.VIEW)
    rows = saved_views(tenant, person())
    return tenant, access.get(SavedView, pk, needs=Capability.VIEW, queryset=rows)


def _query(request: HttpRequest) -> str:
    return known_parameters(QueryDict(request.POST.get("query", ""))).urlencode()


def _shared(request: HttpRequest, tenant: Tenant) -> bool:
    """Return whether the form asks to share the view. People who see only their own findings cannot share views."""
    return "shared" in request.POST and may(Capability.VIEW_ALL, tenant)


def _redirect(
    request: HttpRequest, tenant: Tenant, query: str, action: Callable[[], Any], message: str
) -> HttpResponse:
    try:
        view = action()
    except InvalidInput as error:
        messages.error(request, error.message)
    else:
        messages.success(request, message.format(name=view.name) if view else message)
    address = reverse("findings", args=[tenant.slug])
    return redirect(f"{address}?{query}" if query else address)

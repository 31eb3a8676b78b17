"""Run bulk actions of the findings page on selected findings, or on all findings that match the filters."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from assessments.estate.quantities import counted
from portal.bulk_jobs.bulk_actions.base import BulkAction
from portal.queries.findings.selection import FindingSelection
from portal.treatment.models import Batch
from portal.web.findings.address import known_parameters
from portal.web.findings.buttons.registry import runnable_button
from portal.web.shared.parameters import parameters_of
from portal.web.shared.undo import success_with_undo
from portal.web.shared.visible import person
from tenants import access
from tenants.errors import Refusal
from tenants.models import Tenant
from tenants.roles import Capability


@require_POST
def bulk(request: HttpRequest, slug: str) -> HttpResponse:
    """Run the bulk action `action` and return to the list that `next_query` describes.

    The findings come as ids (`finding`) or as the query string of a filter (`q`). With `q`, the request also has
    `count`, the number of findings that the page showed. If another number of findings matches now, nothing is done.
    """
    button = runnable_button(request.POST.get("action", ""))
    tenant = access.tenant(slug, needs=Capability.VIEW)
    if button is not None:
        button.action.require(tenant)
    back = _list_url(request, tenant)
    if button is None:
        messages.warning(request, "Choose an action for the selected findings.")
        return redirect(back)
    selection = FindingSelection.parse(parameters_of(request.POST), tenant)
    if selection is None:
        messages.warning(request, "Select at least one finding, then choose an action.")
        return redirect(back)
    count = selection.rows.count()
    shown = request.POST.get("count", "")
    if selection.query is not None and shown != str(count):
        messages.warning(
            request,
            f"The list has changed: {counted(count, 'finding')} {'matches' if count == 1 else 'match'} now. "
            "Nothing was changed. Review the list and select again.",
        )
        return redirect(back)
    try:
        values = button.cleaned(tenant, request.POST)
        batch = button.run(tenant, selection, person(), values)
    except Refusal as error:
        messages.error(request, error.message)
    else:
        _report(request, tenant, button.action, batch, count)
    return redirect(back)


def _list_url(request: HttpRequest, tenant: Tenant) -> str:
    given = QueryDict(request.POST.get("next_query", ""))
    query = known_parameters(given)
    query.setlist("open", given.getlist("open"))
    if page := given.get("page"):
        query["page"] = page
    text = query.urlencode()
    return reverse("findings", args=[tenant.slug]) + (f"?{text}" if text else "")


def _report(request: HttpRequest, tenant: Tenant, action: BulkAction, batch: Batch, count: int) -> None:
    """Report how many findings changed, and why the other findings were skipped."""
    skipped_because = action.skipped_because
    if not batch.count:
        messages.info(request, f"Nothing changed: findings that {skipped_because} are skipped.")
        return
    text = action.result_text(batch)
    if skipped := count - batch.count:
        text += f" {skipped:,} skipped: findings that {skipped_because} are not changed."
    success_with_undo(request, tenant, text, batch)

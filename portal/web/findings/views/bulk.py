"""What is done to several findings at once: those picked, or all that the filters show."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from assessments.models import Finding
from portal.treatment.actions.acknowledge import acknowledge as acknowledge_action
from portal.treatment.actions.owners import assign as assign_action
from portal.treatment.models import Batch
from portal.treatment.selectors.owners import candidates
from portal.web.findings.address import known
from portal.web.findings.chosen import Chosen
from portal.web.shared.treatment_forms import AcknowledgeForm, OwnerForm
from portal.web.shared.undo import say
from portal.web.shared.visible import person
from tenants import access
from tenants.errors import InvalidInput, SuretyError
from tenants.models import Tenant
from tenants.roles import Capability

# action -> what it takes
NEEDS: Final = {
    "assign": Capability.ASSIGN,
    "acknowledge": Capability.TREAT,
    "claim": Capability.TREAT,
}


@require_POST
def bulk(request: HttpRequest, slug: str) -> HttpResponse:
    """`action`, the findings (`finding` ids, or `q` with the page's query and `count` as it was shown), and
    what the action needs. `next_query` is the page to return to."""
    action = request.POST.get("action", "")
    needs = NEEDS.get(action)
    tenant = access.tenant(slug, needs=needs or Capability.VIEW)
    back = _back(request, tenant)
    if needs is None:
        messages.warning(request, "Choose what to do with the selected findings.")
        return redirect(back)
    chosen = Chosen.from_query(tenant, request.POST)
    if chosen is None:
        messages.warning(request, "Select at least one finding, then choose what to do with it.")
        return redirect(back)
    count = chosen.rows.count()
    expected = request.POST.get("count", "")
    if chosen.q is not None and expected != str(count):
        messages.warning(
            request,
            f"The list has changed meanwhile: {count} match now, not {expected or 'as many as you saw'}. "
            "Nothing was done. Look at it and select again.",
        )
        return redirect(back)
    try:
        _ACTIONS[action](request, tenant, chosen, count)
    except SuretyError as error:
        messages.error(request, error.message)
    return redirect(back)


def _back(request: HttpRequest, tenant: Tenant) -> str:
    given = QueryDict(request.POST.get("next_query", ""))
    query = known(given)
    query.setlist("open", given.getlist("open"))
    if page := given.get("page"):
        query["page"] = page
    text = query.urlencode()
    return reverse("findings", args=[tenant.slug]) + (f"?{text}" if text else "")


def _assign(request: HttpRequest, tenant: Tenant, chosen: Chosen, count: int) -> None:
    form = OwnerForm(request.POST, people=candidates(tenant))
    if not form.is_valid() or "owner" not in request.POST:
        raise InvalidInput("Choose an owner who has access to this tenant, or nobody.")
    owner = form.chosen()
    batch = assign_action(
        tenant=tenant, findings=chosen.rows, owner=owner, by=person(), filters=chosen.q or ""
    )
    name = owner.get_full_name() if owner else "Nobody"
    _report(
        request, tenant, batch, count, f"{name} owns {_findings(batch.count)} now.", "had that owner already"
    )


def _acknowledge(request: HttpRequest, tenant: Tenant, chosen: Chosen, count: int) -> None:
    form = AcknowledgeForm(request.POST)
    if not form.is_valid():
        raise InvalidInput(" ".join(str(text) for texts in form.errors.values() for text in texts))
    batch = acknowledge_action(
        tenant=tenant,
        findings=chosen.rows,
        by=person(),
        plan=form.cleaned_data["plan"],
        planned_for=form.cleaned_data["planned_for"],
        filters=chosen.q or "",
    )
    done = f"{_findings(batch.count)} acknowledged."
    _report(request, tenant, batch, count, done, "do not fail, are excepted or were acknowledged already")


def _claim(request: HttpRequest, tenant: Tenant, chosen: Chosen, count: int) -> None:
    """What somebody owns stays theirs."""
    free: QuerySet[Finding] = chosen.rows.filter(treatment__owner__isnull=True)
    batch = assign_action(tenant=tenant, findings=free, owner=person(), by=person(), filters=chosen.q or "")
    done = f"{_findings(batch.count)} {'is' if batch.count == 1 else 'are'} yours now."
    _report(request, tenant, batch, count, done, "have an owner")


_ACTIONS: Final = {"assign": _assign, "acknowledge": _acknowledge, "claim": _claim}


def _findings(count: int) -> str:
    return f"{count} finding{'' if count == 1 else 's'}"


def _report(request: HttpRequest, tenant: Tenant, batch: Batch, count: int, done: str, because: str) -> None:
    """How many were done, and how many were not and why."""
    skipped = count - batch.count
    if not batch.count:
        messages.info(request, f"Nothing changed: {_findings(count)} {because}.")
        return
    say(request, tenant, done + (f" {skipped} skipped: they {because}." if skipped else ""), batch)

"""Serve a person's own notifications and email preferences, across all their tenants."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from portal.notify import selectors
from portal.notify.actions.preferences import end_links, mark_read, set_preferences
from portal.notify.kinds import Delivery
from portal.notify.models import Notice
from portal.offboarding.models import Erasure
from portal.web.notifications.forms import PreferencesForm
from portal.web.shared.visible import person
from tenants import access
from tenants.roles import Capability
from tenants.scope import current
from tenants.values.time_display import localized_text

PER_PAGE: Final = 50


def notices(request: HttpRequest) -> HttpResponse:
    """List the person's notifications, newest first. With `?unread=1`, list only unread notifications."""
    unread = "unread" in request.GET
    rows = selectors.notices(person())
    if unread:
        rows = rows.filter(read_at__isnull=True)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [_row(row) for row in page.object_list],
        "unread": unread,
        "has_unread": rows.filter(read_at__isnull=True).exists(),
        "erasures": _erasures(),
    }
    return render(request, "notifications/notices.html", context)


def _erasures() -> list[Erasure]:
    """Return the erased customers for which the person may download a certificate of the erasure."""
    scope = current()
    places = [pk for pk in scope.organization_roles if scope.may_in_organization(Capability.OFFBOARD, pk)]
    if not places:
        return []
    rows = Erasure.objects.filter(organization__in=places, kind=Erasure.Kind.CUSTOMER)
    rows = rows.filter(state=Erasure.State.DONE, certificate_until__gt=timezone.now())
    return list(rows.select_related("organization").defer("certificate").order_by("-ended_at"))


def _row(row: Notice) -> dict[str, Any]:
    return {
        "pk": row.pk,
        "title": localized_text(row.title),
        "lines": [line for line in localized_text(row.body).split("\n") if line],
        "tenant": row.tenant,
        "at": row.created_at,
        "unread": row.read_at is None,
        "mail": _mail(row),
        "failed": row.state == Notice.State.FAILED,
        "waits_until": row.due_at if row.state == Notice.State.WAITING else None,
        "error": row.error,
    }


def _mail(row: Notice) -> str:
    if row.state == Notice.State.WAITING:
        if row.error:
            return "Waiting for the mail server"
        return "Sending" if row.delivery == Delivery.IMMEDIATE else "Waiting for the digest"
    if row.state == Notice.State.SENT:
        return "Sent" if row.delivery == Delivery.IMMEDIATE else "Sent in a digest"
    return row.get_state_display()


@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Mark one notification as read and open its page. If the request has no id, mark all notifications as read."""
    if "notice" not in request.POST:
        count = mark_read(person=person())
        messages.success(request, f"{count} marked as read." if count else "No unread notifications.")
        return redirect("notices")
    found = access.get(
        Notice, request.POST["notice"], needs=Capability.VIEW, queryset=selectors.notices(person())
    )
    mark_read(person=person(), notice=found)
    return HttpResponseRedirect(found.path)


def preferences(request: HttpRequest) -> HttpResponse:
    """Choose email notifications for all tenants at once, or for one tenant (`?tenant=<slug>`)."""
    everywhere = list(access.tenants(needs=Capability.VIEW, archived=None))
    slug = request.GET.get("tenant", "")
    chosen = [access.tenant(slug, needs=Capability.VIEW)] if slug else everywhere
    current = selectors.deliveries(person(), chosen)
    form = PreferencesForm(request.POST or None, current=current)
    if request.method == "POST" and form.is_valid():
        changed = set_preferences(person=person(), tenants=chosen, deliveries=form.chosen())
        messages.success(request, "Email notifications saved." if changed else "No changes to save.")
        return redirect(reverse("preferences") + (f"?tenant={chosen[0].slug}" if slug else ""))
    context = {
        "form": form,
        "tenants": everywhere,
        "one": chosen[0] if slug else None,
        "address": person().email,
    }
    return render(request, "notifications/preferences.html", context, status=400 if form.errors else 200)


@require_POST
def links(request: HttpRequest) -> HttpResponse:
    """Invalidate the unsubscribe links in the person's earlier mails about customers that the person may view."""
    end_links(person=person(), tenants=list(access.tenants(needs=Capability.VIEW, archived=None)))
    messages.success(
        request, "All unsubscribe links in earlier mails are invalid now. Links in new mails work."
    )
    return redirect("preferences")

"""Manage the channels to which a tenant's events are posted. No page shows the URL of a channel after it was saved. The
signing secret of a channel is shown only once, when the secret is created.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from portal.notify import selectors
from portal.notify.actions import channels as actions
from portal.notify.formats import event_label
from portal.notify.models import Channel, Post
from portal.web.components.form_parts import refused
from portal.web.shared import stale_forms
from portal.web.shared.action_messages import reported
from portal.web.shared.forms.channel import ChannelForm, RotationForm, channel_conflict
from portal.web.shared.visible import person
from tenants import access
from tenants.errors import Conflict, NotFound, Refusal
from tenants.ids import parse_uuid
from tenants.models import Tenant
from tenants.roles import Capability
from tenants.values.stale_values import Part, last_change

PER_PAGE: Final = 50


def channels(request: HttpRequest, slug: str) -> HttpResponse:
    tenant = access.tenant(slug, needs=Capability.ADMINISTER)
    context = {
        "tenant": tenant,
        "rows": list(selectors.channels(tenant)),
        "dead": selectors.dead_posts(tenant).count(),
        "failed_mails": selectors.failed_mails(tenant).count(),
    }
    return render(request, "notifications/channels/list.html", context)


@never_cache
@sensitive_post_parameters("address")
@sensitive_variables("secret")
def add(request: HttpRequest, slug: str) -> HttpResponse:
    """Add a channel. Only the response to the form shows a webhook's secret."""
    tenant = access.tenant(slug, needs=Capability.ADMINISTER)
    form = ChannelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            channel, secret = actions.add_channel(tenant=tenant, by=person(), **form.cleaned_data)
        except Refusal as error:
            refused(form, error)
        else:
            if secret:
                return _secret(request, tenant, channel, secret, added=True)
            messages.success(request, "Channel added. To check the channel, send a test.")
            return redirect("channel", slug=slug, pk=channel.pk)
    context = {"tenant": tenant, "form": form}
    return render(request, "notifications/channels/add.html", context, status=400 if form.errors else 200)


@sensitive_post_parameters("address")
def channel(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Show a channel and its posts, and change the channel."""
    if request.method == "POST" and (response := _removed(request, slug, pk)):
        return response
    tenant, found = _found(slug, pk)
    form = ChannelForm(request.POST or None, channel=found)
    shown, others = selectors.channel_part(found), None
    if request.method == "POST":
        shown = stale_forms.start_of(request, form, shown)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_channel(channel=found, by=person(), expected=shown, **form.cleaned_data)
        except Refusal as error:
            if error.code == stale_forms.REMOVED and (response := _removed(request, slug, pk)):
                return response
            if error.code != stale_forms.CODE:
                refused(form, error)
            else:
                found = Channel.objects.get(pk=found.pk)
                others, form = _conflict(found, shown, form.cleaned_data)
                shown = selectors.channel_part(found)
        else:
            messages.success(request, "Channel saved.")
            return redirect("channel", slug=slug, pk=pk)
    page = Paginator(selectors.posts(found), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "tenant": tenant,
        "channel": found,
        "previous_until": _previous_until(found),
        "form": form,
        "start": stale_forms.write_start(shown),
        "others": others,
        "page": page,
        "rows": [_row(post) for post in page.object_list],
        "live": any(post.state == Post.State.WAITING and not post.attempts for post in page.object_list),
    }
    status = 409 if others else 400 if form.errors else 200
    return render(request, "notifications/channels/detail.html", context, status=status)


@sensitive_variables("typed", "form")
def _conflict(found: Channel, start: Part, typed: Mapping[str, Any]) -> tuple[dict[str, Any], ChannelForm]:
    """Return what the page shows about another person's change of the channel, and the form with the stored values
    merged with the typed values.

    If the signed-in person typed a URL, the form keeps it.
    """
    now = selectors.channel_part(found)
    last = last_change(found.tenant, ["channel.changed"], f"channel:{found.pk}")
    others, values = channel_conflict(start, now, typed, last=last)
    form = ChannelForm(channel=found)
    form.initial = {"name": values["name"], "kinds": values["kinds"], "address": typed.get("address", "")}
    return others, form


def _removed(request: HttpRequest, slug: str, pk: str) -> HttpResponse | None:
    """If somebody deleted the channel in the meantime, show the submitted values in the form for a new channel, so that
    the person can add the channel again.

    Return None if the channel exists, or if the customer never had such a channel.
    """
    tenant, identifier = access.tenant(slug, needs=Capability.ADMINISTER), parse_uuid(pk)
    removed = last_change(tenant, ["channel.deleted"], f"channel:{identifier}") if identifier else None
    if removed is None:
        return None
    form = ChannelForm()
    kinds = request.POST.getlist("kinds")
    form.initial = {**request.POST.dict(), "kind": removed.details.get("kind", ""), "kinds": kinds}
    context = {"tenant": tenant, "form": form, "removed": removed}
    return render(request, "notifications/channels/add.html", context, status=409)


@require_POST
def test(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Post a test event. The channel's page shows the result."""
    _, found = _found(slug, pk)
    with reported(request, "Test sent. The result appears below."):
        actions.send_test(channel=found, by=person())
    return redirect("channel", slug=slug, pk=pk)


@require_POST
def switch(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    _, found = _found(slug, pk)
    on = request.POST.get("enabled") == "1"
    with reported(request, f"Channel “{found.name}” turned {'on' if on else 'off'}."):
        actions.switch_channel(channel=found, by=person(), enabled=on)
    return redirect("channel", slug=slug, pk=pk)


@never_cache
@sensitive_variables("secret")
def secret(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Ask how long the present secret should stay valid, then replace it and show the new secret once."""
    tenant, found = _found(slug, pk)
    if found.kind != Channel.Kind.WEBHOOK:
        raise NotFound("This channel is not a signed webhook, so it has no secret.")
    form = RotationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            new = actions.rotate_secret(channel=found, by=person(), overlap=form.overlap)
        except Refusal as error:
            refused(form, error)
        else:
            found.refresh_from_db()
            return _secret(request, tenant, found, new, added=False)
    context = {"tenant": tenant, "channel": found, "form": form}
    status = 400 if form.errors else 200
    return render(request, "notifications/channels/secret.html", context, status=status)


@require_POST
def delete(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    tenant, found = _found(slug, pk)
    start = stale_forms.read_start(request.POST.get("start", ""))
    try:
        actions.delete_channel(channel=found, by=person(), expected={} if start is None else start)
    except Conflict as error:
        last = last_change(tenant, ["channel.changed", "channel.added"], f"channel:{found.pk}")
        by = f" {last.who} changed it {stale_forms.ago(last.at)}." if last else ""
        text = f"The channel was not deleted.{by} Check the values of the channel, then delete the channel."
        messages.error(request, text if error.code == stale_forms.CODE else error.message)
        return redirect("channel", slug=slug, pk=pk)
    messages.success(request, f"Channel “{found.name}” was deleted with the list of its posts.")
    return redirect("channels", slug=slug)


def _found(slug: str, pk: str) -> tuple[Tenant, Channel]:
    tenant = access.tenant(slug, needs=Capability.ADMINISTER)
    rows = Channel.objects.filter(tenant=tenant)
    return tenant, access.get(Channel, pk, needs=Capability.ADMINISTER, queryset=rows)


def _secret(
    request: HttpRequest, tenant: Tenant, channel: Channel, secret: str, *, added: bool
) -> HttpResponse:
    context = {"tenant": tenant, "channel": channel, "secret": secret, "added": added}
    return render(request, "notifications/channels/secret.html", context)


def _previous_until(channel: Channel) -> datetime | None:
    """Return the time until which the replaced secret still signs posts. Return None if no replaced secret is valid."""
    until = channel.previous_secret_until
    return until if until is not None and until > timezone.now() else None


def _row(post: Post) -> dict[str, Any]:
    return {
        "at": post.created_at,
        "event": event_label(post.kind),
        "title": post.payload.get("title", ""),
        "state": post.state,
        "attempts": post.attempts,
        "answer": post.status or "",
        "error": post.error,
        "next": post.due_at if post.state == Post.State.WAITING and post.attempts else None,
        "delivered_at": post.delivered_at,
        "id": post.pk,
    }

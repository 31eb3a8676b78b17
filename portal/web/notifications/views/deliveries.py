"""List failed posts and mails of a tenant, and retry or discard them."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from portal.notify import selectors
from portal.notify.actions.deliveries import drop_mail, drop_post, retry_mail, retry_post
from portal.notify.formats import event_label
from portal.notify.models import Notice, Post
from portal.web.shared.action_messages import reported
from portal.web.shared.visible import person
from tenants import access
from tenants.models import Tenant
from tenants.roles import Capability

PER_PAGE: Final = 50
MAX_MAILS: Final = 100


def dead_letters(request: HttpRequest, slug: str) -> HttpResponse:
    tenant = access.tenant(slug, needs=Capability.ADMINISTER)
    page = Paginator(selectors.dead_posts(tenant), PER_PAGE).get_page(request.GET.get("page"))
    mails = list(selectors.failed_mails(tenant)[: MAX_MAILS + 1])
    context = {
        "tenant": tenant,
        "page": page,
        "rows": [(post, event_label(post.kind), post.payload.get("title", "")) for post in page.object_list],
        "mails": [(mail, event_label(mail.kind)) for mail in mails[:MAX_MAILS]],
        "more_mails": len(mails) > MAX_MAILS,
        "retention_days": settings.SURETY_DEAD_LETTER_DAYS,
    }
    return render(request, "notifications/dead_letters.html", context)


@require_POST
def retry(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    found = _post(slug, pk)
    with reported(request, "Post queued again."):
        retry_post(post=found, by=person())
    return redirect("dead-letters", slug=slug)


@require_POST
def drop(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    found = _post(slug, pk)
    with reported(request, "Post discarded. The page of the channel still lists it."):
        drop_post(post=found, by=person())
    return redirect("dead-letters", slug=slug)


@require_POST
def mail(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    found = _mail(slug, pk)
    with reported(request, "Mail queued again."):
        retry_mail(notice=found, by=person())
    return redirect("dead-letters", slug=slug)


@require_POST
def drop_a_mail(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    found = _mail(slug, pk)
    with reported(request, "Mail discarded. The recipient still sees the notification when signed in."):
        drop_mail(notice=found, by=person())
    return redirect("dead-letters", slug=slug)


def _mail(slug: str, pk: str) -> Notice:
    tenant: Tenant = access.tenant(slug, needs=Capability.ADMINISTER)
    rows = Notice.objects.filter(tenant=tenant)
    return access.get(Notice, pk, needs=Capability.ADMINISTER, queryset=rows)


def _post(slug: str, pk: str) -> Post:
    tenant: Tenant = access.tenant(slug, needs=Capability.ADMINISTER)
    return access.of_tenant(tenant, Post, pk, needs=Capability.ADMINISTER)

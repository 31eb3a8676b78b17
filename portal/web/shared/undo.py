"""Add an undo button to the message that confirms an action."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from portal.treatment.models import Batch
from tenants.models import Tenant

_TAG: Final = "undo:"


def success_with_undo(request: HttpRequest, tenant: Tenant, text: str, batch: Batch) -> None:
    """Add a success message, with an undo button if the batch changed anything."""
    tag = f"{_TAG}{reverse('batch-undo', args=[tenant.slug, batch.pk])}" if batch.count else ""
    messages.success(request, text, extra_tags=tag)


def undo_url(message: Message) -> str:
    """Return the URL that undoes the action which the message confirms. Return an empty text if the action cannot be
    undone.
    """
    tags = (message.extra_tags or "").split()
    return next((tag.removeprefix(_TAG) for tag in tags if tag.startswith(_TAG)), "")


def return_url(request: HttpRequest, default: str, *args: str) -> str:
    """Return the form's value `next` if it is a URL of this site. If it is not, return the URL of the page whose URL
    pattern is named `default`.
    """
    given = request.POST.get("next", "")
    allowed = url_has_allowed_host_and_scheme(
        given, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    # Refuse a value without a slash, because Django's `redirect` would take such a value as the name of a URL pattern.
    return given if allowed and "/" in given else resolve_url(default, *args)

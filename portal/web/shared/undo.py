"""Offering the undo of what was just done: a button in the message that says so."""

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


def say(request: HttpRequest, tenant: Tenant, text: str, batch: Batch) -> None:
    """A message with an undo button, where anything was done."""
    tag = f"{_TAG}{reverse('batch-undo', args=[tenant.slug, batch.pk])}" if batch.count else ""
    messages.success(request, text, extra_tags=tag)


def address(message: Message) -> str:
    """Where the undo of a message is posted to; empty for one that cannot be undone."""
    tags = (message.extra_tags or "").split()
    return next((tag.removeprefix(_TAG) for tag in tags if tag.startswith(_TAG)), "")


def way_back(request: HttpRequest, otherwise: str, *args: str) -> str:
    """The page that the form says it was on, if it is one of ours; else the named one."""
    asked = request.POST.get("next", "")
    allowed = url_has_allowed_host_and_scheme(
        asked, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return asked if allowed else resolve_url(otherwise, *args)

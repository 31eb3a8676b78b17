"""Absolute addresses for mail and channels, which know no request."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from portal.notify.models import Notice


def absolute(path: str) -> str:
    """The address of a page of this installation (`SURETY_URL`)."""
    return f"{settings.SURETY_URL}{path}"


def acknowledge(notice: Notice, slug: str) -> str:
    """The page where the owner acknowledges; opening it changes nothing, the button there does."""
    return absolute(reverse("finding-acknowledge", args=[slug, notice.finding_id]))


def preferences() -> str:
    return absolute(reverse("preferences"))


def notices() -> str:
    return absolute(reverse("notices"))


def unsubscribe(token: str) -> str:
    """The page that asks, and where a mail program posts, for who wants less mail."""
    return absolute(reverse("unsubscribe", args=[token]))

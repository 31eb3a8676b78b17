"""How long a credential still works, in words and with a role."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final, NamedTuple

from django.utils import timezone

from tenants.models import ServicePrincipal

SOON_DAYS: Final = 30


class Expiry(NamedTuple):
    """``role`` is empty while nothing has to be done."""

    text: str
    role: str


def expiry(at: datetime | None, now: datetime | None = None) -> Expiry | None:
    """None when nobody said when the credential ends."""
    if at is None:
        return None
    left = at - (now or timezone.now())
    if left.total_seconds() <= 0:
        return Expiry("expired", "fail")
    days = left.days
    text = "ends today" if days == 0 else f"{days} day{'' if days == 1 else 's'}"
    return Expiry(text, "warn" if days < SOON_DAYS else "")


class Notice(NamedTuple):
    role: str
    text: str


def warnings(principals: Iterable[ServicePrincipal]) -> list[Notice]:
    """What keeps, or will soon keep, the tenant from being read."""
    found = []
    for principal in principals:
        ends = expiry(principal.expires_at)
        if principal.last_error_code:
            found.append(
                Notice(
                    "fail",
                    f"“{principal}” could not sign in: {principal.last_error.rstrip('.')}. "
                    "Old results are kept.",
                )
            )
        if ends is not None and ends.role == "fail":
            found.append(Notice("fail", f"The credential of “{principal}” has expired. Put a new one in."))
        elif ends is not None and ends.role:
            found.append(Notice("warn", f"The credential of “{principal}” expires in {ends.text}."))
    return found

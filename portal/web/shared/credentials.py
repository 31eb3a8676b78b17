"""Describe the expiry of credentials, and warn about credentials that do not work."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from django.utils import timezone

from portal.notify.actions.credential_notices import days_left
from tenants.models import ServicePrincipal

SOON_DAYS: Final = 30


class Expiry(NamedTuple):
    """The time until a credential expires, as text. `role` is the colour role: `fail`, `warn`, or an empty text if
    nobody needs to act yet.
    """

    text: str
    role: str


def expiry(at: datetime | None, now: datetime | None = None) -> Expiry | None:
    """Return the time until a credential expires, in the same words as in notifications. Return None if the expiry is
    unknown.
    """
    if at is None:
        return None
    now = now or timezone.now()
    if at <= now:
        return Expiry("expired", "fail")
    return Expiry(days_left(at, now), "warn" if at - now < timedelta(days=SOON_DAYS) else "")


class Notice(NamedTuple):
    """A warning with its colour role, and the service principal that it is about."""

    role: str
    text: str
    principal: ServicePrincipal


def warnings(principals: Iterable[ServicePrincipal]) -> list[Notice]:
    """Return a warning for each credential that cannot sign in, has expired or expires soon.

    People need these warnings, because Surety cannot assess a tenant without a working credential.
    """
    found = []
    for principal in principals:
        ends = expiry(principal.expires_at)
        if principal.last_error_code:
            found.append(
                Notice(
                    "fail",
                    f"“{principal}” could not sign in: {principal.last_error.rstrip('.')}. Until it can sign in,"
                    " verdicts that depend on it become unknown in each assessment.",
                    principal,
                )
            )
        if ends is not None and ends.role == "fail":
            found.append(
                Notice("fail", f"The credential of “{principal}” has expired. Replace it.", principal)
            )
        elif ends is not None and ends.role:
            found.append(
                Notice("warn", f"The credential of “{principal}” expires in {ends.text}.", principal)
            )
    return found

"""Record a failed or refused sign-in of an existing account in the log and in the journals.

Attempts that exceed a limit are not recorded one by one. For each account and limit, at most one entry is written in
ten minutes. If the limit counts attempts over a longer period, at most one entry is written in this period. So an
attacker with many IP addresses cannot fill the journals.
"""

from __future__ import annotations

from enum import StrEnum

import structlog
from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest

from tenants.journal.accounts import record_for
from tenants.journal.failed_sign_ins import SIGN_IN, WINDOW, record_failure
from tenants.models import Person

log = structlog.get_logger(__name__)


class Reason(StrEnum):
    """The reasons for refused sign-ins, as the journal records them. For a wrong password, a wrong code of an
    authenticator app or a wrong recovery code, no reason is recorded.
    """

    WRONG_KEY = "wrong answer of a security key or passkey"
    COPIED_KEY = "the security key may have been copied"
    SSO_REQUIRED = "single sign-on is required"
    DISABLED = "the account is disabled"
    OTHER_PERSON = "another person is signed in"
    OTHER_IDENTITY = "identity of another person"
    REFUSED_ANSWER = "answer of the identity provider refused"


def record_refusal(
    person: Person, request: HttpRequest | None, *, method: str, reason: Reason | None = None
) -> None:
    """Log a failed or refused sign-in, and record it in the journals of the person's organizations.

    If a failed sign-in of the person was recorded in the last ten minutes, the journals get no entry now. The sign-in
    is only counted, and the count is recorded after the ten minutes.

    `method` is allauth's name for the way of signing in (`portal.accounts.sign_in.authentication.Method`).
    """
    details = {"with": method}
    if reason is not None:
        details["reason"] = str(reason)
    if request is not None:
        details["address"] = str(get_adapter(request).get_client_ip(request))
    log.warning("sign_in_failed", known=True, person=str(person.pk), **details)
    record_failure(person, details)


class Limit(StrEnum):
    """The limits that an attempt can exceed, as the journal records them."""

    BROWSER = "failed sign-ins in a browser of the person"
    NETWORK = "failed sign-ins from the address"
    PAIR = "failed sign-ins of the account from the address"
    ACCOUNT = "failed sign-ins of the account"
    SECOND_FACTOR = "wrong codes of second factors"
    CODES = "wrong codes of second factors in a day"


def record_limit(
    person: Person, request: HttpRequest, limit: Limit, *, method: str, seconds: float = 0
) -> None:
    """Record that a limit refused an attempt before its password or code was checked. Do nothing if this was recorded
    recently for the same account and limit.

    `seconds` is the time over which the limit counts attempts.
    """
    seconds = max(seconds, WINDOW.total_seconds())
    if not cache.add(f"surety-limit-recorded:{limit.name}:{person.pk}", 1, timeout=seconds):
        return
    address = str(get_adapter(request).get_client_ip(request))
    details = {"with": method, "limit": str(limit), "address": address}
    log.warning("sign_in_limited", person=str(person.pk), **details)
    record_for(person, actor=SIGN_IN, action="account.sign_in_limited", details=details)

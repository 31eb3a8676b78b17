"""Record a failed or refused sign-in of an existing account in the log and in the journals."""

from __future__ import annotations

from enum import StrEnum

import structlog
from allauth.account.adapter import get_adapter
from django.http import HttpRequest

from tenants.failed_sign_ins import record_failure
from tenants.models import Person

log = structlog.get_logger(__name__)


class Reason(StrEnum):
    """Why a sign-in was refused, as the journal shows it. A wrong password or code has no reason."""

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
    """Log each failure. Record or count it in the journals of the person's organizations.

    `method` is what the person tried to sign in with, in allauth's names (`portal.accounts.authentication.Method`).
    """
    details = {"with": method}
    if reason is not None:
        details["reason"] = str(reason)
    if request is not None:
        details["address"] = str(get_adapter(request).get_client_ip(request))
    log.warning("sign_in_failed", known=True, person=str(person.pk), **details)
    record_failure(person, details)

"""Read how and when the person of a request has authenticated. allauth records each authentication in the session."""

from __future__ import annotations

import time
from enum import StrEnum

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest

from tenants.models import Person


class Method(StrEnum):
    """allauth's names of ways to authenticate, and Surety's own name for emergency access."""

    PASSWORD = "password"  # noqa: S105 # the name of a method
    SECOND_FACTOR = "mfa"
    SSO = "socialaccount"
    EMERGENCY = "break_glass"


SECOND_FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


def methods(request: HttpRequest, person: Person) -> set[str]:
    """Return how the person authenticated in this session."""
    return {str(record.get("method")) for record in get_authentication_records(request, person)}


def is_recent(request: HttpRequest, person: Person) -> bool:
    """Return whether the person authenticated within the last five minutes.

    Emergency access counts as recent until it ends. Single sign-on counts only if it was a re-authentication, at which
    the identity provider has to ask for credentials. At a sign-in, the identity provider may not have asked for them.
    """
    records = get_authentication_records(request, person)
    if any(record.get("method") == Method.EMERGENCY for record in records):
        return True
    proofs = [one for one in records if one.get("method") != Method.SSO or one.get("reauthenticated")]
    latest = max((float(proof.get("at", 0)) for proof in proofs), default=0.0)
    return 0 <= time.time() - latest < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def record(request: HttpRequest, person: Person, method: Method) -> None:
    """Record that the person authenticated now."""
    record_authentication(request, person, method=str(method), reauthenticated=True)


def has_second_factor(person: Person) -> bool:
    """Return whether an authenticator app, security key or passkey is set up. Recovery codes alone do not count."""
    return bool(get_mfa_adapter().is_mfa_enabled(person, SECOND_FACTORS))

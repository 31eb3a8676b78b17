"""Recognize browsers in which somebody has signed in or set a new password. Such a browser has a signed cookie.

Failed sign-ins in such a browser are counted separately from failed sign-ins in other browsers. So an attacker in
another browser cannot prevent the person from signing in with a known browser
(https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any, Final

from allauth.account.signals import password_reset
from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.core import signing
from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import salted_hmac

from tenants.models import Person

# The cookies of known browsers are signed with this salt. If it changed, no known browser would be recognized any more.
# Its value is an earlier path of this module.
SALT: Final = "portal.accounts.known_devices"
MAX_AGE_SECONDS: Final = 365 * 24 * 3600
_NEW_PASSWORD: Final = "new password"  # noqa: S105 - how a browser became known


def known_device(request: HttpRequest, email: str) -> str | None:
    """Return the id of the browser that sent the request. Return None if the person with this email address has not
    used this browser.
    """
    found = _device(request, email)
    return found[0] if found else None


def device_of_sign_in(request: HttpRequest, email: str) -> str | None:
    """Return the id of the browser if the person has signed in with it, otherwise None.

    Unlike `known_device`, do not accept a browser in which the person has only set a new password: to set a password, a
    mailed link is sufficient, without a second factor. So wrong codes of second factors in such a browser are counted
    together with the wrong codes in unknown browsers.
    """
    found = _device(request, email)
    return found[0] if found and found[1] else None


def _device(request: HttpRequest, email: str) -> tuple[str, bool] | None:
    """Return the id of the browser, and whether the person has signed in with it. Return None if the browser is not
    known.
    """
    cookie = request.COOKIES.get(settings.SURETY_DEVICE_COOKIE, "")
    try:
        account, device, *how = signing.loads(cookie, salt=SALT, max_age=MAX_AGE_SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return (device, _NEW_PASSWORD not in how) if account == _account(email) else None


def _account(email: str) -> str:
    """Return a key for the account that does not reveal its email address."""
    return salted_hmac(SALT, email.strip().lower(), algorithm="sha256").hexdigest()[:32]


class KnownDevicesMiddleware:
    """Sets the cookie of known browsers after a sign-in, and after a password reset with a mailed link."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        for signal in (user_logged_in, password_reset):
            signal.connect(_note_person, dispatch_uid=f"{SALT}.{id(signal)}")

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        email = getattr(request, "surety_known_email", None)
        signed_in = getattr(request, "surety_signed_in", False)
        known = device_of_sign_in if signed_in else known_device
        if email is not None and known(request, email) is None:
            how = [] if signed_in else [_NEW_PASSWORD]
            response.set_cookie(
                settings.SURETY_DEVICE_COOKIE,
                signing.dumps([_account(email), secrets.token_urlsafe(12), *how], salt=SALT),
                max_age=MAX_AGE_SECONDS,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return response


def _note_person(request: HttpRequest, user: Person, signal: object, **_more: Any) -> None:
    request.surety_known_email = user.email  # type: ignore[attr-defined]
    if signal is user_logged_in:
        request.surety_signed_in = True  # type: ignore[attr-defined]

"""Browsers in which somebody has signed in or set a new password, recognized by a signed cookie.

Failed sign-ins with such a cookie are counted for that browser alone. So an attacker who fails on purpose in another
browser, even from the same address, cannot lock a person out of a browser that the person has used
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

SALT: Final = "portal.accounts.known_devices"
MAX_AGE_SECONDS: Final = 365 * 24 * 3600


def known_device(request: HttpRequest, email: str) -> str | None:
    """Return the id of the request's browser if the person with this address has used it, else None."""
    cookie = request.COOKIES.get(settings.SURETY_DEVICE_COOKIE, "")
    try:
        account, device = signing.loads(cookie, salt=SALT, max_age=MAX_AGE_SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return device if account == _account(email) else None


def _account(email: str) -> str:
    """Return a name for the account that does not reveal its address."""
    return salted_hmac(SALT, email.strip().lower(), algorithm="sha256").hexdigest()[:32]


class KnownDevicesMiddleware:
    """Sets the cookie in the response to a sign-in, and in the response when a person has set a new password
    with a mailed link.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        for signal in (user_logged_in, password_reset):
            signal.connect(_note_person, dispatch_uid=f"{SALT}.{id(signal)}")

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        email = getattr(request, "surety_known_email", None)
        if email is not None and known_device(request, email) is None:
            response.set_cookie(
                settings.SURETY_DEVICE_COOKIE,
                signing.dumps([_account(email), secrets.token_urlsafe(12)], salt=SALT),
                max_age=MAX_AGE_SECONDS,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return response


def _note_person(request: HttpRequest, user: Person, **_signal: Any) -> None:
    request.surety_known_email = user.email  # type: ignore[attr-defined]

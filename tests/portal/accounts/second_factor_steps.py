"""Give people an authenticator app, and run the callbacks that a request has registered with `on_commit`."""

from __future__ import annotations

from typing import Any

from allauth.core.context import request_context
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import RequestFactory

from tenants.models import Person


def run_callbacks(callbacks: list[Any]) -> None:
    """Run the callbacks that Django would run after the commit. The test's transaction is never committed."""
    with request_context(RequestFactory().get("/")):
        for callback in callbacks:
            callback()


def give_app(person: Person) -> str:
    """Give the person an authenticator app; return its secret."""
    secret = generate_totp_secret()
    TOTP.activate(person, secret)
    return secret

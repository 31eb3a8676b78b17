"""Clients that are signed in without a page, as if the person had just given the password."""

from __future__ import annotations

import time

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.internal.userkit import user_id_to_str
from django.test import Client

from tenants.models import Person

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def signed_in_client(person: Person, *, proof_age: float = 0, method: str = "password") -> Client:
    """Return a client in a session of the person, whose proof is so many seconds old."""
    client = Client()
    client.force_login(person, backend=BACKEND)
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": method, "at": time.time() - proof_age}]
    session["account_authentication_methods_user"] = user_id_to_str(person)
    session.save()
    return client

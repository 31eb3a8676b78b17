"""Clients that are signed in without the sign-in page, as if the person had just entered the password."""

from __future__ import annotations

import time

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.internal.userkit import user_id_to_str
from django.test import Client

from tenants.models import Person

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def signed_in_client(person: Person, *, proof_age: float = 0, method: str = "password") -> Client:
    """Return a client in a session of the person, who authenticated this number of seconds ago."""
    client = Client()
    client.force_login(person, backend=BACKEND)
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": method, "at": time.time() - proof_age}]
    session["account_authentication_methods_user"] = user_id_to_str(person)
    session.save()
    return client

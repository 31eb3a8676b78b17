"""Clients that are signed in without the sign-in page, as if the person had just entered the password."""

from __future__ import annotations

import time

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.internal.userkit import user_id_to_str
from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest
from django.test import Client

from portal.accounts.sessions import SessionStore
from tenants.models import Person

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def signed_in_client(
    person: Person, *, proof_age: float = 0, method: str = "password", reauthenticated: bool = False
) -> Client:
    """Return a client in a session of the person, who authenticated `proof_age` seconds ago.

    `reauthenticated`: this authentication confirmed a session that already existed. After single sign-on, only such a
    confirmation counts as recent.

    `Client.force_login` needs twice as many queries, because it also stores a session before the sign-in.
    """
    request = HttpRequest()
    request.session = SessionStore()
    login(request, person, BACKEND)
    request.session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        {"method": method, "at": time.time() - proof_age, "reauthenticated": reauthenticated}
    ]
    request.session["account_authentication_methods_user"] = user_id_to_str(person)
    request.session.save()
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = str(request.session.session_key)
    return client

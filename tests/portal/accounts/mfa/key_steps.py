"""Steps on the pages that add a security key or ask for one."""

from __future__ import annotations

import json
import re
from typing import Any

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.test import Client
from django.urls import reverse
from fido2.utils import websafe_decode

from tenants.models import Person
from tests.portal.accounts.software_keys import SoftwareKey
from tests.signed_in import signed_in_client

ADD, LOGIN = "mfa_add_webauthn", "mfa_login_webauthn"


def options_on(client: Client, name: str) -> Any:
    """Return the WebAuthn options on a page that asks for a key."""
    text = client.get(reverse(name)).content.decode()
    found = re.search(r'<script id="js_data" type="application/json"[^>]*>(.*?)</script>', text, re.DOTALL)
    assert found, name
    ((_, options),) = json.loads(found[1]).items()
    return options["publicKey"]


def with_proof(person: Person) -> Client:
    """Return a client in whose session the person has just authenticated again, as the pages about keys require."""
    client = signed_in_client(person)
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        {**one, "reauthenticated": True} for one in session[AUTHENTICATION_METHODS_SESSION_KEY]
    ]
    session.save()
    return client


def options_of_login(client: Client) -> Any:
    answer = client.get(reverse(LOGIN), headers={"X-Requested-With": "XMLHttpRequest"})
    return answer.json()["request_options"]["publicKey"]


def send(client: Client, page: str, answer: object, **more: str) -> Any:
    text = answer if isinstance(answer, str) else json.dumps(answer)
    return client.post(reverse(page), {"credential": text, **more})


def add(person: Person, key: SoftwareKey, client: Client | None = None, **answer: Any) -> bytes:
    """Send the key to the page that adds it to the person's account. Return the user handle in the page's options."""
    client = client or with_proof(person)
    options = options_on(client, ADD)
    send(client, ADD, key.create(options, **answer), name="Key", passwordless="on")
    return websafe_decode(options["user"]["id"])


def signed_in_as(client: Client) -> str:
    return str(client.session.get("_auth_user_id", ""))

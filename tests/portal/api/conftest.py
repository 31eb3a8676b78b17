from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.test.client import ClientHandler

from portal.accounts.actions.api_tokens import create_token, grantable
from portal.accounts.models import AccountMail
from portal.api.examples import ANSWERS
from tenants.models import Organization, Person, Tenant
from tenants.scope import person_scope
from tests.portal.api import recorded_answers
from tests.portal.web.world import SignIn, World
from tests.signed_in import signed_in_client

type Api = Callable[..., Client]


def token_for(
    person: Person,
    organization: Organization,
    *,
    capabilities: Iterable[str] | None = None,
    tenants: list[Tenant] | None = None,
) -> str:
    """Return the text of a new token; by default, with all rights of the person."""
    with person_scope(person):
        rights = grantable(organization) if capabilities is None else capabilities
        _, text = create_token(
            by=person, organization=organization, name="Test", capabilities=rights, days=30, tenants=tenants
        )
    # Delete the mail about the new token, which is sealed with the keys of this test. A later test with a worker has
    # other keys, and could not read the mail.
    AccountMail.objects.all().delete()
    return text


def client_with(text: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {text}"})


@pytest.fixture(autouse=True, scope="session")
def recorder() -> Iterator[None]:
    """Record answers as examples of the contract, if the variable `recorded_answers.VARIABLE` is set."""
    if not os.environ.get(recorded_answers.VARIABLE):
        yield
        return
    found: recorded_answers.Answers = {}
    with pytest.MonkeyPatch.context() as patch:
        answer = ClientHandler.get_response

        def get_response(self: ClientHandler, request: Any) -> Any:
            response = answer(self, request)
            if request.path.startswith("/api/v1/"):
                recorded_answers.note(found, request, response)
            return response

        patch.setattr(ClientHandler, "get_response", get_response)
        yield
    ANSWERS.write_text(recorded_answers.stored(found), encoding="utf-8")


@pytest.fixture
def sign_in() -> SignIn:
    """Return a function that makes a client with a session, like a browser."""
    return signed_in_client


@pytest.fixture
def api(world: World) -> Api:
    """Return a function that makes a client with a new token of the person with the given role."""
    cache.clear()

    def made(role: str = "organization_engineer", **limits: Any) -> Client:
        return client_with(token_for(world.people[role], world.organization, **limits))

    return made

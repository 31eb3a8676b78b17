from collections.abc import Callable

import pytest
from django.test import Client

from tenants.models import Person
from tests.web.world import World, make_world


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def sign_in() -> Callable[[Person], Client]:
    """A client that is signed in as the person."""

    def signed_in(who: Person) -> Client:
        client = Client()
        client.force_login(who, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return signed_in

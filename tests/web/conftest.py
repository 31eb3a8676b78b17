from copy import deepcopy

import pytest
from django.db import connection, transaction
from django.test import Client

from tenants.models import Person
from tests.web.world import SignIn, World, make_world


@pytest.fixture(scope="module")
def world_of_module(committed: None) -> World:
    """Made once and committed: making it takes longer than most tests that look at it."""
    with transaction.atomic():
        made = make_world()
        # What would follow the commit is told to nobody, as where a test's transaction is rolled back.
        connection.run_on_commit.clear()
    return made


@pytest.fixture
def world(world_of_module: World, db: None) -> World:
    """A world of the test's own: what it does is rolled back, and what it changes is a copy."""
    return deepcopy(world_of_module)


@pytest.fixture
def sign_in() -> SignIn:
    """A client that is signed in as the person."""

    def signed_in(who: Person) -> Client:
        client = Client()
        client.force_login(who, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return signed_in


@pytest.fixture
def engineer(world: World, sign_in: SignIn) -> Client:
    return sign_in(world.people["organization_engineer"])


@pytest.fixture
def approver(world: World, sign_in: SignIn) -> Client:
    return sign_in(world.people["approver"])


@pytest.fixture
def owner(world: World, sign_in: SignIn) -> Client:
    return sign_in(world.people["owner"])

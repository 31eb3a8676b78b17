import pytest
from django.test import Client

from tenants.models import Person
from tests.portal.web.world import SignIn, World
from tests.signed_in import signed_in_client


@pytest.fixture
def sign_in() -> SignIn:
    """Return a function that makes a client signed in as a person."""

    def signed_in(who: Person) -> Client:
        return signed_in_client(who)

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

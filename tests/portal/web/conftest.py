from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import Client

from tenants.models import Person
from tests.portal.web.world import SignIn, World
from tests.signed_in import signed_in_client


@pytest.fixture
def sign_in() -> SignIn:
    """Return a function that makes a client in which the given person is signed in."""

    def signed_in(who: Person) -> Client:
        return signed_in_client(who)

    return signed_in


@pytest.fixture
def administrator(world: World, sign_in: SignIn) -> Client:
    return sign_in(world.people["organization_administrator"])


@pytest.fixture
def engineer(world: World, sign_in: SignIn) -> Client:
    return sign_in(world.people["organization_engineer"])


@pytest.fixture
def approver(world: World, sign_in: SignIn) -> Client:
    return sign_in(world.people["approver"])


@pytest.fixture
def owner(world: World, sign_in: SignIn) -> Client:
    return sign_in(world.people["owner"])


@pytest.fixture
def damage() -> Iterator[Callable[[str, bytes | None], None]]:
    """Return a function that replaces a stored file's content, or removes the file if the content is None.

    All tests of a process share the stored files, so each file is restored after the test.
    """
    kept: dict[Path, bytes] = {}

    def replace(name: str, content: bytes | None) -> None:
        path = Path(name)
        kept.setdefault(path, path.read_bytes())
        if content is None:
            path.unlink()
        else:
            path.write_bytes(content)

    yield replace
    for path, content in kept.items():
        path.write_bytes(content)

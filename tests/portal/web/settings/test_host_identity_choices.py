"""Who can choose an identity of the host on the pages that ask for a credential."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tenants.roles import Role
from tests import factories
from tests.portal.web.world import SignIn, World

LABEL = "server (Managed identity, client ID"


@pytest.fixture
def entry(tmp_path: Path, world: World, settings: Any) -> Path:
    with factories.in_tenant(world.home):
        principal = world.of(world.home)["principal"]
        directory = principal.directory
    file = tmp_path / "identities.toml"
    facts = {
        "name": "server",
        "kind": "managed_identity",
        "assigned": "system",
        "organization": world.home.organization_id,
        "directory_id": directory.directory_id,
        "client_id": principal.client_id,
        "cloud": directory.cloud_name,
    }
    file.write_text("[[identity]]\n" + "\n".join(f"{k} = '{v}'" for k, v in facts.items()), encoding="utf-8")
    file.chmod(0o600)
    settings.SURETY_HOST_IDENTITIES = str(file)
    return file


def pages(world: World) -> dict[str, str]:
    slug = world.home.slug
    return {
        "service-principal": reverse("service-principal", args=[slug, world.of(world.home)["principal"].pk]),
        "service-principal-add": reverse("service-principal-add", args=[slug]),
    }


@pytest.mark.parametrize("name", ["service-principal", "service-principal-add"])
def test_only_people_of_the_whole_organization_can_choose_it(
    sign_in: SignIn, world: World, entry: Path, name: str
) -> None:
    address = pages(world)[name]
    for role, place, is_shown in (
        (Role.ORGANIZATION_ENGINEER, world.home.organization, True),
        (Role.TENANT_ADMINISTRATOR, world.home, False),
    ):
        answer = sign_in(factories.member(role, place)).get(address)
        assert (answer.status_code, LABEL in answer.content.decode()) == (200, is_shown), role


def test_without_an_entry_the_pages_do_not_mention_it(engineer: Client, world: World) -> None:
    for address in pages(world).values():
        assert "Host identity" not in engineer.get(address).content.decode()


def test_an_invalid_file_leaves_the_pages_usable(engineer: Client, world: World, entry: Path) -> None:
    entry.write_text("[[identity", encoding="utf-8")
    for address in pages(world).values():
        assert "Host identity" not in engineer.get(address).content.decode()


def test_a_choice_beside_a_secret_is_refused(engineer: Client, world: World, entry: Path) -> None:
    data = {"identity": "server", "secret": "Zq8~very.secret-value"}
    answer = engineer.post(pages(world)["service-principal"], data)
    assert (answer.status_code, "but not both" in answer.content.decode()) == (400, True)


def test_the_choice_waits_for_its_sign_in(engineer: Client, world: World, entry: Path) -> None:
    answer = engineer.post(pages(world)["service-principal"], {"identity": "server"})
    assert answer.status_code == 302
    assert "Signing in since" in engineer.get(answer.headers["Location"]).content.decode()

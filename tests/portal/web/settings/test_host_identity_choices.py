"""The people who can choose an identity of the host on the pages that ask for a credential."""

from __future__ import annotations

from html import unescape
from pathlib import Path
from typing import Any

import jwt
import pytest
from django.test import Client
from django.urls import reverse

from tenants.actions.managing_principals import unsaved_principal
from tenants.azure import host_identities
from tenants.azure.host_identities import HostIdentityRefused, SignInDirectory
from tenants.models import Directory, Organization, Tenant
from tenants.roles import Role
from tenants.scope import organization_scope
from tests import factories
from tests.portal.web.world import SignIn, World

DIRECTORY = "72f988bf-86f1-41af-91ab-2d7cd011db47"
CLIENT = "c0000000-0000-0000-0000-000000000001"
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


def identity_file(path: Path, settings: Any, organization: Organization, **facts: object) -> None:
    file = path / "of-registration.toml"
    values = {"organization": organization.pk, "directory_id": DIRECTORY, "client_id": CLIENT, **facts}
    file.write_text("[[identity]]\n" + "\n".join(f"{k} = '{v}'" for k, v in values.items()), encoding="utf-8")
    file.chmod(0o600)
    settings.SURETY_HOST_IDENTITIES = str(file)


def registering(client: Client, world: World) -> str:
    data = {"name": "Fabrikam", "directory_id": DIRECTORY, "cloud": "AzureCloud", "timezone": "UTC"}
    client.post(reverse("customer-register", args=[world.organization.slug]), data)
    return reverse("registration-permissions", args=["fabrikam"])


def test_the_guided_registration_shows_the_commands_of_a_federated_identity(
    engineer: Client, world: World, tmp_path: Path, settings: Any
) -> None:
    token = tmp_path / "token"
    token.write_text(
        jwt.encode({"iss": "https://oidc.example.com/k8s", "sub": "worker"}, "k" * 32), encoding="ascii"
    )
    identity_file(
        tmp_path, settings, world.organization, name="cluster", kind="federated", token_file=str(token)
    )
    url = registering(engineer, world)
    assert "cluster (" in engineer.get(url).content.decode()
    choice = {"reach": "management_group", "kind": "identity:cluster"}
    assert engineer.post(url, choice).status_code == 302
    html = unescape(engineer.get(url).content.decode())
    assert f"APP_ID={CLIENT}" in html
    assert "az ad app federated-credential create" in html
    assert '"issuer": "https://oidc.example.com/k8s", "subject": "worker"' in html
    assert "az ad app credential reset" not in html
    # The form of the next step already contains the identity and the client id of its application.
    engineer.post(url, {**choice, "continue": "1"})
    html = engineer.get(reverse("registration-credential", args=["fabrikam"])).content.decode()
    assert f'value="{CLIENT}"' in html
    assert '<option value="cluster" selected' in html
    # Without the token file, which only workers need, the page cannot fill in the issuer and subject of the token.
    token.unlink()
    assert "ISSUER=''" in unescape(engineer.get(url).content.decode())


def test_the_guided_registration_offers_only_allowed_identities(
    engineer: Client, world: World, sign_in: SignIn, tmp_path: Path, settings: Any
) -> None:
    identity_file(
        tmp_path, settings, world.organization, name="server", kind="managed_identity", assigned="system"
    )
    url = registering(engineer, world)
    choice = {"reach": "management_group", "kind": "identity:server"}
    engineer.post(url, choice)
    assert "appRoleAssignments" in engineer.get(url).content.decode()
    with organization_scope(world.organization):
        tenant = Tenant.objects.select_related("organization").get(slug="fabrikam")
    administrator = sign_in(factories.member(Role.TENANT_ADMINISTRATOR, tenant))
    html = administrator.get(url).content.decode()
    assert ("appRoleAssignments" in html, "identity:server" in html) == (False, False)
    assert administrator.post(url, choice).status_code == 400
    # An identity that the operator removes is neither offered nor explained.
    identity_file(
        tmp_path, settings, world.organization, name="other", kind="managed_identity", assigned="system"
    )
    html = engineer.get(url).content.decode()
    assert ("appRoleAssignments" in html, "az ad app credential reset" in html) == (False, True)


@pytest.mark.parametrize("use", ["organization", "customer", ""])
def test_an_identity_of_the_organization_is_not_used_for_a_customer(
    engineer: Client, world: World, sign_in: SignIn, tmp_path: Path, settings: Any, use: str
) -> None:
    """Engineers may register customers, but not service principals of the organization. So they must not use identities
    of the host that are meant for these service principals.
    """
    facts = {
        "name": "server",
        "kind": "managed_identity",
        "assigned": "system",
        **({"use": use} if use else {}),
    }
    identity_file(tmp_path, settings, world.organization, **facts)
    is_own = use == "organization"
    url = registering(engineer, world)
    assert ("server (" in engineer.get(url).content.decode()) is not is_own
    with organization_scope(world.organization):
        tenant = Tenant.objects.get(slug="fabrikam")
        own = unsaved_principal(
            organization=world.organization, directory_id=DIRECTORY, client_id=CLIENT, cloud="AzureCloud"
        )
    with factories.in_tenant(tenant):
        directory = Directory.objects.select_related("tenant").get()
    assert directory.directory_id == DIRECTORY
    sought = {"kind": "managed_identity", "client_id": CLIENT}
    allowed: dict[bool, SignInDirectory] = {True: own, False: directory}
    assert host_identities.require("server", directory=allowed[is_own], **sought).name == "server"
    with pytest.raises(HostIdentityRefused):
        host_identities.require("server", directory=allowed[not is_own], **sought)
    administrator = sign_in(factories.member(Role.ORGANIZATION_ADMINISTRATOR, world.organization))
    page = administrator.get(reverse("managing-principal-add", args=[world.organization.slug]))
    assert ("server (" in page.content.decode()) is is_own


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
    assert (answer.status_code, "but only one of them" in answer.content.decode()) == (400, True)


def test_the_choice_waits_for_its_sign_in(engineer: Client, world: World, entry: Path) -> None:
    answer = engineer.post(pages(world)["service-principal"], {"identity": "server"})
    assert answer.status_code == 302
    assert "Signing in since" in engineer.get(answer.headers["Location"]).content.decode()

"""Import files with customers whose service principals sign in with an identity of the host."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from portal.imports.models import CustomerImport
from tenants import secrets
from tenants.models import Organization, Person, ServicePrincipal
from tenants.roles import Role
from tenants.scope import organization_scope
from tests import factories
from tests.assessments.sandboxed_customer import sent
from tests.portal.imports.lists import add, ids, messages, run

pytestmark = pytest.mark.django_db(transaction=True)
HEADER = "name,directory_id,client_id,client_secret,host_identity\n"


@pytest.fixture
def provider() -> tuple[Organization, Person]:
    organization = factories.organization()
    sent()
    return organization, factories.member(Role.ORGANIZATION_ENGINEER, organization)


def allow(path: Path, settings: Any, organization: Organization, directory: str, client: str) -> None:
    file = path / "identities.toml"
    file.write_text(
        "[[identity]]\nname = 'server'\nkind = 'managed_identity'\nassigned = 'user'\n"
        f"organization = '{organization.pk}'\ndirectory_id = '{directory}'\nclient_id = '{client}'\n",
        encoding="utf-8",
    )
    file.chmod(0o600)
    settings.SURETY_HOST_IDENTITIES = str(file)


def test_a_line_registers_a_keyless_service_principal(
    provider: tuple[Organization, Person], tmp_path: Path, settings: Any
) -> None:
    organization, by = provider
    directory, client = ids(2)
    allow(tmp_path, settings, organization, directory, client)
    row: CustomerImport = add(organization, by, HEADER + f"Contoso,{directory},{client},,server\n")
    ((_, state, message),) = messages(row)
    assert (state, message) == (
        "new",
        f"Registers the customer, with service principal {client}, which signs in with server.",
    )
    assert run(row, by) == {"created": 1}
    with organization_scope(organization):
        principal = ServicePrincipal.objects.get()
        assert principal.kind == ServicePrincipal.Kind.MANAGED_IDENTITY
        assert secrets.unseal(principal, "credential").reveal() == "server"


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ("{directory},{client},,another", "does not allow the host identity “another”"),
        ("{directory},{other},,server", "does not allow the host identity “server”"),
        ("{other},{client},,server", "does not allow the host identity “server”"),
        ("{directory},,,server", "“host_identity” needs “client_id”"),
        (
            "{directory},{client},Q~some-secret-value,server",
            "Fill in only one of “client_secret” and “host_identity”",
        ),
        ("{directory},{client},,", "“client_id” needs “client_secret” or “host_identity”"),
    ],
)
def test_other_uses_are_refused(
    provider: tuple[Organization, Person], tmp_path: Path, settings: Any, cells: str, problem: str
) -> None:
    organization, by = provider
    directory, client, other = ids(3)
    allow(tmp_path, settings, organization, directory, client)
    text = cells.format(directory=directory, client=client, other=other)
    ((_, state, message),) = messages(add(organization, by, HEADER + f"Contoso,{text}\n"))
    assert (state, problem in message) == ("error", True), message


def test_an_identity_of_another_organization_is_refused(
    provider: tuple[Organization, Person], tmp_path: Path, settings: Any
) -> None:
    organization, by = provider
    directory, client = ids(2)
    allow(tmp_path, settings, factories.organization(), directory, client)
    ((_, state, message),) = messages(
        add(organization, by, HEADER + f"Contoso,{directory},{client},,server\n")
    )
    assert (state, "does not allow" in message) == ("error", True)

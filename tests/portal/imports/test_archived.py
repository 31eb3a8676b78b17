"""Archiving a customer deletes its secrets from uploaded files whose import has not run yet."""

from __future__ import annotations

import pytest
from django.db import connection

from assessments.actions.archive import archive_customer
from portal.imports.archived import MESSAGE
from portal.imports.models import CustomerImport, CustomerImportLine
from portal.imports.task_names import DELETE_PREVIEWS
from portal.imports.tasks import delete_previews
from tenants.models import Directory, Organization, Person, Tenant
from tenants.roles import Role
from tenants.scope import organization_scope, tenant_scope
from tests import factories
from tests.assessments.sandboxed_customer import sent
from tests.portal.imports.lists import HEADER, SECRET, add, ids, messages

pytestmark = pytest.mark.django_db(transaction=True)
LineState = CustomerImportLine.State


@pytest.fixture
def provider() -> tuple[Organization, Person, Tenant, Directory]:
    organization = factories.organization()
    by = factories.member(Role.ORGANIZATION_ENGINEER, organization)
    tenant = factories.tenant(organization, "Contoso")
    directory = factories.directory(tenant)
    sent()
    return organization, by, tenant, directory


def secrets_of(row: CustomerImport) -> list[int]:
    with organization_scope(row.organization_id):
        return list(row.lines.filter(secret__isnull=False).values_list("number", flat=True))


def archive(tenant: Tenant, by: Person) -> None:
    with tenant_scope(tenant.pk):
        archive_customer(tenant=tenant, by=by, reason="The contract has ended.")


def test_secrets_of_the_archived_customer_are_deleted_and_others_stay(
    provider: tuple[Organization, Person, Tenant, Directory],
) -> None:
    organization, by, tenant, directory = provider
    another, app = ids(2)
    row = add(
        organization,
        by,
        HEADER
        + f"Contoso,{directory.directory_id.upper()},,,,,{app},{SECRET},,\n"
        + f"Contoso two,{ids(1)[0]},{tenant.slug},,,,{app},{SECRET},,\n"
        + f"Fabrikam,{another},,,,,{app},{SECRET},,\n",
    )
    assert secrets_of(row) == [2, 3, 4]
    archive(tenant, by)
    (message,) = [one for one in sent() if one[0] == DELETE_PREVIEWS]
    assert message[1] == [str(organization.pk)]
    delete_previews(str(organization.pk))
    assert secrets_of(row) == [4]
    found = messages(row)
    assert [(number, state) for number, state, _ in found] == [
        (2, LineState.ERROR),
        (3, LineState.ERROR),
        (4, LineState.NEW),
    ]
    assert found[0][2] == MESSAGE
    with connection.cursor() as cursor, organization_scope(organization):
        cursor.execute("SELECT count(*) FROM imports_customerimportline WHERE secret IS NOT NULL")
        assert cursor.fetchone()[0] == 1


def test_a_directory_of_another_customer_as_well_keeps_its_secret(
    provider: tuple[Organization, Person, Tenant, Directory],
) -> None:
    organization, by, tenant, directory = provider
    other = factories.tenant(organization, "Contoso retail")
    factories.directory(other, directory_id=directory.directory_id)
    row = add(
        organization,
        by,
        HEADER + f"Contoso retail,{directory.directory_id},{other.slug},,,,{ids(1)[0]},{SECRET},,\n",
    )
    archive(tenant, by)
    delete_previews(str(organization.pk))
    assert secrets_of(row) == [2]


def test_a_file_uploaded_afterwards_stores_no_secret(
    provider: tuple[Organization, Person, Tenant, Directory],
) -> None:
    organization, by, tenant, directory = provider
    archive(tenant, by)
    row = add(organization, by, HEADER + f"Contoso,{directory.directory_id},,,,,{ids(1)[0]},{SECRET},,\n")
    assert secrets_of(row) == []
    ((_, state, message),) = messages(row)
    assert state == LineState.ERROR
    assert message.startswith("Contoso is archived, so it can get no service principal.")

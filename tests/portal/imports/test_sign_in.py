"""Imports sign in with each new credential before they store anything from its line."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from assessments.actions.credentials.preflight import run_requested
from assessments.permissions.readiness import PreflightReport
from portal.imports.actions import start_import
from portal.imports.models import CustomerImport
from portal.imports.permissions import in_words
from portal.imports.run import run_import
from tenants.azure import credentials
from tenants.azure.credentials import CredentialResult
from tenants.models import Directory, OrganizationJournalEntry, Person, ServicePrincipal, Subscription, Tenant
from tenants.roles import Role
from tenants.scope import organization_scope, person_scope
from tests import factories
from tests.assessments.collect import azure
from tests.assessments.collect.azure import CLIENT, DIRECTORY, SECRET, guid
from tests.assessments.sandboxed_customer import Azure, Customer
from tests.portal.imports.lists import HEADER, add, messages
from tests.signed_in import signed_in_client

pytestmark = pytest.mark.django_db(transaction=True)
WRONG = "Q~a-secret-that-entra-does-not-know"


@pytest.fixture
def customer(tmp_path: Path) -> Iterator[Customer]:
    found = Customer(Azure(tmp_path))
    found.azure.serve([azure.directory(), *azure.subscription(guid(1)), *azure.subscription(guid(2))])
    yield found
    found.azure.close()


@pytest.fixture
def by(customer: Customer) -> Person:
    return factories.member(Role.ORGANIZATION_ENGINEER, customer.tenant.organization)


@pytest.fixture
def signed_in_directory(customer: Customer) -> Directory:
    return factories.directory(
        customer.tenant, directory_id=DIRECTORY, cloud="custom", cloud_settings=customer.azure.cloud()
    )


def run(row: CustomerImport, by: Person, **more: Any) -> None:
    with person_scope(by):
        start_import(customer_import=row, by=by, signs_in=True, **more)
    run_import(organization_id=row.organization_id, import_id=row.pk)


def stored(customer: Customer) -> list[ServicePrincipal]:
    with organization_scope(customer.tenant.organization):
        return list(ServicePrincipal.objects.all())


def test_an_accepted_credential_is_stored_with_what_it_sees(
    customer: Customer, signed_in_directory: Directory, by: Person
) -> None:
    row = add(
        customer.tenant.organization,
        by,
        HEADER + f"{customer.tenant.name},{DIRECTORY},,,,,{CLIENT},{SECRET},,\n",
    )
    run(row, by)
    ((_, state, message),) = messages(row)
    assert state == "changed"
    assert message.endswith(" The sign-in succeeded; the service principal sees 2 subscriptions.")
    (principal,) = stored(customer)
    assert (principal.last_error_code, principal.last_checked_at is None) == ("", False)
    with organization_scope(customer.tenant.organization):
        assert set(Subscription.objects.values_list("subscription_id", flat=True)) == {guid(1), guid(2)}
        started = OrganizationJournalEntry.objects.filter(action="customers.import_started").get()
        assert started.details["signs_in"] is True


def test_a_refused_credential_stores_nothing_and_says_what_entra_answered(
    customer: Customer, signed_in_directory: Directory, by: Person
) -> None:
    text = HEADER + (f"Renamed,{DIRECTORY},,Europe/Berlin,,,{CLIENT},{WRONG},,\nFabrikam,{guid(7)},,,,,,,,\n")
    row = add(customer.tenant.organization, by, text)
    run(row, by)
    (_, state, message), (_, other, _) = messages(row)
    assert (state, other) == ("failed", "created")
    assert "AADSTS" not in message.partition(":")[0]
    assert "secret" in message
    assert message.endswith(" Nothing of this line was imported.")
    assert stored(customer) == []
    with organization_scope(customer.tenant.organization):
        row.refresh_from_db()
        assert not row.lines.filter(secret__isnull=False).exists()
        assert row.state == CustomerImport.State.FINISHED
        assert Tenant.objects.get(pk=customer.tenant.pk).name == customer.tenant.name
        assert Tenant.objects.filter(name="Fabrikam").exists()


def test_a_new_customer_with_a_refused_credential_is_not_registered(
    customer: Customer, by: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Directories in import files are always in Microsoft's clouds, which tests cannot reach. So the test provides
    Entra's answer.
    """
    seen: list[tuple[str, str]] = []

    def answer(directory: Directory, *, client_id: str, kind: str, plain: str) -> CredentialResult:
        seen.append((directory.directory_id, directory.cloud.name))
        return CredentialResult("AADSTS700016", "Entra does not know the application in this directory.")

    monkeypatch.setattr(credentials, "check_new", answer)
    row = add(
        customer.tenant.organization,
        by,
        HEADER + f"Fabrikam,{guid(7)},,,,,{CLIENT},{SECRET},,AzureUSGovernment\n",
    )
    run(row, by)
    assert seen == [(guid(7), "AzureUSGovernment")]
    assert messages(row)[0][1:] == (
        "failed",
        "Entra does not know the application in this directory. Nothing of this line was imported.",
    )
    with organization_scope(customer.tenant.organization):
        assert not Tenant.objects.filter(name="Fabrikam").exists()
        assert not Directory.objects.filter(directory_id=guid(7)).exists()


def test_a_line_that_was_imported_meanwhile_is_not_imported_again(
    customer: Customer, signed_in_directory: Directory, by: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = add(
        customer.tenant.organization,
        by,
        HEADER + f"{customer.tenant.name},{DIRECTORY},,,,,{CLIENT},{SECRET},,\n",
    )
    sign_in = credentials.check_new

    def slow(*args: Any, **given: Any) -> CredentialResult:
        monkeypatch.setattr(credentials, "check_new", sign_in)
        # Another worker runs the same import while this one signs in.
        run_import(organization_id=row.organization_id, import_id=row.pk)
        return CredentialResult("AADSTS7000215", "The secret is wrong.")

    monkeypatch.setattr(credentials, "check_new", slow)
    run(row, by)
    assert messages(row)[0][1] == "changed"
    assert len(stored(customer)) == 1


def test_the_command_signs_in(customer: Customer, signed_in_directory: Directory, tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_text(HEADER + f"{customer.tenant.name},{DIRECTORY},,,,,{CLIENT},{WRONG},,\n", encoding="utf-8")
    told = StringIO()
    options = {"organization": customer.tenant.organization.slug, "stdout": StringIO(), "stderr": told}
    with pytest.raises(CommandError, match="Some lines failed"):
        call_command("import_customers", str(file), "--sign-in", **options)
    assert told.getvalue().startswith(f"1 of 1: line 2: {customer.tenant.name}: failed: ")
    assert "Nothing of this line was imported." in told.getvalue()
    assert stored(customer) == []
    file.write_text(file.read_text(encoding="utf-8").replace(WRONG, SECRET), encoding="utf-8")
    call_command("import_customers", str(file), "--sign-in", **options)
    assert len(stored(customer)) == 1


def test_the_page_offers_the_sign_in_for_files_with_credentials(
    customer: Customer, signed_in_directory: Directory, by: Person
) -> None:
    organization = customer.tenant.organization
    without = add(organization, by, HEADER + f"Fabrikam,{guid(7)},,,,,,,,\n")
    row = add(
        organization,
        by,
        HEADER + f"{customer.tenant.name},{DIRECTORY},,,,,{CLIENT},{SECRET},,\n",
    )
    client = signed_in_client(by)
    field = 'name="sign_in"'
    for one, is_offered in ((without, False), (row, True)):
        html = client.get(reverse("customer-import", args=[organization.slug, one.pk])).content.decode()
        assert (field in html) is is_offered
    client.post(reverse("customer-import-start", args=[organization.slug, row.pk]), {"sign_in": "1"})
    with organization_scope(organization):
        row.refresh_from_db()
    assert (row.state, row.signs_in) == (CustomerImport.State.RUNNING, True)


@pytest.mark.slow(seconds=1)
def test_permissions_of_imported_principals_are_checked(
    customer: Customer, signed_in_directory: Directory, by: Person
) -> None:
    organization = customer.tenant.organization
    row = add(organization, by, HEADER + f"{customer.tenant.name},{DIRECTORY},,,,,{CLIENT},{SECRET},,\n")
    run(row, by)
    (principal,) = stored(customer)
    client = signed_in_client(by)
    page = reverse("customer-import", args=[organization.slug, row.pk])
    html = client.get(page).content.decode()
    assert "The permissions are being checked." in html
    assert "hx-get" in html
    run_requested(tenant_id=customer.tenant.pk, service_principal_id=principal.pk)
    html = client.get(page).content.decode()
    assert "controls can be assessed." in html
    assert "Missing: " in html
    assert reverse("preflight", args=[customer.tenant.slug, principal.pk]) in html


@pytest.mark.slow(seconds=1)
def test_command_prints_permissions_and_a_refused_sign_in(
    customer: Customer, signed_in_directory: Directory, tmp_path: Path
) -> None:
    options = {"organization": customer.tenant.organization.slug, "stderr": StringIO()}
    for secret, expected in (
        (SECRET, "controls can be assessed. Missing: "),
        (WRONG, "sign-in was refused: "),
    ):
        file, out = tmp_path / "customers.csv", StringIO()
        client = CLIENT if secret == SECRET else guid(99)
        line = f"{customer.tenant.name},{DIRECTORY},,,,,{client},{secret},,\n"
        file.write_text(HEADER + line, encoding="utf-8")
        call_command("import_customers", str(file), "--check-permissions", stdout=out, **options)
        assert expected in out.getvalue()


def test_too_many_rights_are_said() -> None:
    report = PreflightReport(CLIENT, (guid(1),), excessive=((guid(1), "*"), ("", "Mail.Send")))
    text, role = in_words(report)
    assert (text.partition(". ")[2], role) == (
        (
            "The service principal has excessive permissions: Owner or Contributor, application permission Mail.Send."
            " Remove these permissions, because Surety needs only the role Reader and application permissions for"
            " reading."
        ),
        "role-warn",
    )

"""The page of the configuration file: download, upload, plan, apply, and who may open it."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from portal.configuration import locks
from portal.configuration.models import ConfigurationFile
from portal.configuration.yaml_text import read, write
from tenants.models import Organization, Tenant
from tenants.roles import Role
from tenants.scope import organization_scope
from tests import factories
from tests.signed_in import signed_in_client

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization() -> Organization:
    organization = factories.organization("Northlight")
    factories.tenant(organization, "Contoso", labels=["gold"])
    factories.tenant(organization, "Fabrikam")
    return organization


@pytest.fixture
def client(organization: Organization) -> Client:
    return signed_in_client(factories.member(Role.ORGANIZATION_ADMINISTRATOR, organization))


def page(organization: Organization) -> str:
    return reverse("configuration", args=[organization.slug])


def download(client: Client, organization: Organization, customer: str = "") -> dict:
    answer = client.get(reverse("configuration-export", args=[organization.slug]), {"customer": customer})
    assert "attachment" in answer["Content-Disposition"]
    return read(answer.content).data


def send(client: Client, organization: Organization, content: bytes):
    file = SimpleUploadedFile("northlight.yaml", content)
    return client.post(page(organization), {"file": file})


@pytest.mark.slow(seconds=1)
def test_download_change_upload_and_apply(client: Client, organization: Organization) -> None:
    data = download(client, organization, "contoso")
    assert [one["short_name"] for one in data["customers"]] == ["contoso"]
    data["customers"][0]["labels"] = ["silver"]
    answer = send(client, organization, write(data).encode())
    assert answer.status_code == 302
    plan = client.get(answer["Location"]).content.decode()
    assert "Labels: gold → silver" in plan
    assert "Apply 1 change" in plan
    with organization_scope(organization):
        assert Tenant.objects.get(slug="contoso").labels == ["gold"]
    done = client.post(answer["Location"], follow=True).content.decode()
    assert "northlight.yaml is applied: 1 change." in done
    with organization_scope(organization):
        assert Tenant.objects.get(slug="contoso").labels == ["silver"]
    again = client.post(answer["Location"], follow=True).content.decode()
    assert "already applied" in again


@pytest.mark.slow(seconds=1)
def test_changed_settings_need_another_look(client: Client, organization: Organization) -> None:
    data = download(client, organization, "contoso")
    data["customers"][0]["labels"] = ["silver"]
    address = send(client, organization, write(data).encode())["Location"]
    with organization_scope(organization):
        Tenant.objects.filter(slug="contoso").update(labels=["bronze"])
    shown = client.get(address).content.decode()
    assert "have changed since you uploaded" in shown
    assert "Labels: bronze → silver" in shown
    assert "have changed since this plan was shown" in client.post(address, follow=True).content.decode()
    client.post(address, {"again": "1"})
    assert "is applied: 1 change." in client.post(address, follow=True).content.decode()


def test_problems_are_listed_with_their_lines(client: Client, organization: Organization) -> None:
    answer = send(client, organization, b"version: 1\norganization:\n  short_nam: x\n")
    assert answer.status_code == 400
    text = answer.content.decode()
    assert "The file has 2 problems" in text
    assert "Did you mean “short_name”?" in text
    with organization_scope(organization):
        assert not ConfigurationFile.objects.exists()


def test_a_plan_that_meets_other_changes_can_be_repeated(
    client: Client, organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "ATTEMPTS", 0)
    content = write({"version": 1, "organization": {"short_name": organization.slug}}).encode()
    answer = send(client, organization, content)
    assert answer.status_code == 400
    assert "Nothing was changed. Try again." in answer.content.decode()
    monkeypatch.undo()
    assert send(client, organization, content).status_code == 302


def test_applying_needs_a_recent_proof(organization: Organization) -> None:
    admin = factories.member(Role.ORGANIZATION_ADMINISTRATOR, organization)
    client = signed_in_client(admin, proof_age=3600)
    data = {"version": 1, "organization": {"short_name": organization.slug, "name": "Renamed"}}
    address = send(client, organization, write(data).encode())["Location"]
    assert "Name: Northlight → Renamed" in client.get(address).content.decode(), "the file is not lost"
    answer = client.post(address)
    assert answer.status_code == 302
    assert "reauthenticate" in answer["Location"]


def test_the_file_of_a_customer_contains_nothing_else(client: Client, organization: Organization) -> None:
    assert download(client, organization, "contoso")["organization"] == {"short_name": organization.slug}
    assert "people" in download(client, organization)["organization"]


def test_customers_of_another_organization_have_no_file_here(organization: Organization) -> None:
    other = factories.organization("Other")
    factories.tenant(other, "Elsewhere")
    admin = factories.member(Role.ORGANIZATION_ADMINISTRATOR, organization)
    factories.member(Role.ORGANIZATION_ADMINISTRATOR, other, admin)
    answer = signed_in_client(admin).get(
        reverse("configuration-export", args=[organization.slug]), {"customer": "elsewhere"}
    )
    assert answer.status_code == 404


def test_another_administrator_sees_the_plan_only(client: Client, organization: Organization) -> None:
    data = download(client, organization, "contoso")
    data["customers"][0]["labels"] = ["silver"]
    address = send(client, organization, write(data).encode())["Location"]
    other = signed_in_client(factories.member(Role.ORGANIZATION_ADMINISTRATOR, organization))
    shown = other.get(address).content.decode()
    assert "Labels: gold → silver" in shown
    assert "Apply 1 change" not in shown
    assert "Somebody else uploaded" in other.post(address, follow=True).content.decode()


def test_schema_is_published(client: Client, organization: Organization) -> None:
    answer = client.get(reverse("configuration-schema", args=[organization.slug]))
    assert answer.json()["properties"]["version"]["const"] == 1

"""Registering service principals: a worker signs in first, and only a credential that works is stored."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from assessments.actions.credentials import attempt_records
from assessments.actions.credentials.attempt_records import end_attempt, latest_attempt
from tenants.azure.credentials import CredentialResult
from tenants.models import Directory, ServicePrincipal
from tests import factories
from tests.portal.web.world import UNREAD, World

SECRET = "Zq8~very.secret-value"


def principal(**given: Any) -> dict[str, Any]:
    return {
        "directory_id": str(uuid4()),
        "directory_name": "Fabrikam",
        "cloud": "AzureCloud",
        "client_id": str(uuid4()),
        "name": "reader",
        "secret": SECRET,
        **given,
    }


def add(client: Client, world: World, given: dict[str, Any]) -> str:
    """Submit a new service principal. Return the address of the page that waits for its sign-in."""
    answer = client.post(reverse("service-principal-add", args=[world.home.slug]), given)
    return str(answer.headers["Location"])


def end(world: World, address: str, result: CredentialResult, **found: Any) -> None:
    """Store the result of the sign-in, as a worker does. `test_credential_attempts` tests the worker itself."""
    requested = latest_attempt(world.home.pk, UUID(address.partition("?attempt=")[2]))
    assert requested is not None
    end_attempt(world.home.pk, replace(requested, **found), result)


def test_new_secret_waits_for_its_sign_in_and_is_never_shown(engineer: Client, world: World) -> None:
    address = add(engineer, world, principal())
    html = engineer.get(address).content.decode()
    assert "Signing in since" in html
    assert SECRET not in html
    with factories.in_tenant(world.home):
        assert ServicePrincipal.objects.filter(tenant=world.home).count() == 1
        assert Directory.objects.filter(tenant=world.home).count() == 1


def test_too_many_sign_ins_in_an_hour_are_refused(
    engineer: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempt_records, "MAX_PER_HOUR", 0)
    refused = engineer.post(reverse("service-principal-add", args=[world.home.slug]), principal())
    assert refused.status_code == 400
    assert "Try again in the next hour." in refused.content.decode()
    with factories.in_tenant(world.home):
        known = ServicePrincipal.objects.get(tenant=world.home)
    answer = engineer.post(reverse("service-principal-check", args=[world.home.slug, known.pk]))
    page = reverse("service-principal", args=[world.home.slug, known.pk])
    assert answer.headers["Location"] == page
    assert "Try again in the next hour." in engineer.get(page).content.decode()


def test_refusal_is_explained_beside_the_form(engineer: Client, world: World) -> None:
    given = principal()
    address = add(engineer, world, given)
    end(world, address, CredentialResult("AADSTS7000215", "The secret is wrong. Enter its value."))
    html = engineer.get(address).content.decode()
    assert "The sign-in failed. The new credential was not stored." in html
    assert "The secret is wrong. Enter its value." in html
    assert given["client_id"] in html


def test_accepted_sign_in_leads_to_the_permissions_or_the_assessment(engineer: Client, world: World) -> None:
    own = world.of(world.home)
    address = add(engineer, world, principal())
    end(world, address, CredentialResult(subscriptions=()), principal_id=own["principal"].pk)
    answer = engineer.get(address)
    assert answer.headers["Location"] == reverse("preflight", args=[world.home.slug, own["principal"].pk])
    address = add(engineer, world, principal(start="on"))
    end(world, address, CredentialResult(subscriptions=()), assessment_id=own["assessment"].pk)
    answer = engineer.get(address)
    assert answer.headers["Location"] == reverse("assessment", args=[world.home.slug, own["assessment"].pk])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"secret": ""}, "Enter the client secret or upload a certificate."),
        ({"client_id": "reader"}, "registrations shows it as “Application (client) ID”"),
        ({"directory_id": ""}, "This field is required."),
        (
            {"secret": "7d1f0a52-9c1e-4f0b-8a35-2f6a1c9b7e40"},
            "This is the ID of the secret, not its value. Enter the value",
        ),
        ({"expires_at": "2020-01-01"}, "This secret has expired. Create a new one in Entra."),
        ({"cloud": "AzureMoon"}, "Select a valid choice"),
        ({"certificate": SimpleUploadedFile("c.pem", b"\x30\x82\xff")}, "The PFX file cannot be read"),
        ({"certificate": SimpleUploadedFile("c.pem", b"x" * 70_000)}, "The file is too large."),
        (
            {"secret": "", "certificate": SimpleUploadedFile("c.pem", b"-----BEGIN CERTIFICATE-----\n")},
            "errorlist",
        ),
    ],
)
def test_invalid_registration_is_reported_at_the_field(
    engineer: Client, world: World, given: dict[str, Any], message: str
) -> None:
    url = reverse("service-principal-add", args=[world.home.slug])
    answer = engineer.post(url, principal(**given))
    html = answer.content.decode()
    assert answer.status_code == 400
    assert 'aria-invalid="true"' in html
    if message != "errorlist":
        assert message in html
    assert SECRET not in html
    with factories.in_tenant(world.home):
        assert ServicePrincipal.objects.filter(tenant=world.home).count() == 1
        assert Directory.objects.filter(tenant=world.home).count() == 1, "nothing is kept of a half"


def test_duplicate_service_principal_is_refused(engineer: Client, world: World) -> None:
    own = world.of(world.home)
    given = principal(directory_id=own["directory"].directory_id, client_id=own["principal"].client_id)
    answer = engineer.post(reverse("service-principal-add", args=[world.home.slug]), given)
    assert answer.status_code == 400
    assert "This service principal is already registered." in answer.content.decode()


@pytest.mark.parametrize(
    ("cloud", "label"),
    [
        ("AzureUSGovernment", "Azure US Government (GCC High)"),
        ("AzureUSGovernmentDoD", "Azure US Government (DoD)"),
        ("AzureChinaCloud", "Azure China (21Vianet)"),
    ],
)
def test_a_directory_of_each_cloud_can_be_chosen(
    engineer: Client, world: World, cloud: str, label: str
) -> None:
    url = reverse("service-principal-add", args=[world.home.slug])
    assert f'<option value="{cloud}">{label}</option>' in engineer.get(url).content.decode()


def test_the_page_shows_the_roles_that_reports_print(engineer: Client, world: World) -> None:
    own = world.of(world.home)["principal"]
    address = reverse("service-principal", args=[world.home.slug, own.pk])
    text = engineer.get(address).content.decode()
    assert "Role Reader at /subscriptions/" in text
    assert (
        "Role Contoso auditor at /providers/Microsoft.Management/managementGroups/contoso-0, through a group"
        in text
    )
    assert "Application permission Policy.Read.All of Microsoft Graph" in text
    assert f"Roles in Azure at /subscriptions/{UNREAD} are unknown: missing permission" in text
    with factories.in_tenant(world.home):
        ServicePrincipal.objects.filter(pk=own.pk).update(roles=None, roles_read_at=None)
    assert "Not read yet." in engineer.get(address).content.decode()

"""Registering service principals."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tenants.models import Directory, JournalEntry, ServicePrincipal
from tests import factories
from tests.portal.web.assessments.test_assessments import started
from tests.portal.web.world import World

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


def test_registered_secret_is_encrypted_and_never_shown(engineer: Client, world: World) -> None:
    url = reverse("service-principal-add", args=[world.home.slug])
    given = principal()
    html = engineer.post(url, given, follow=True).content.decode()
    assert "Service principal registered. Check its permissions here." in html
    assert given["client_id"] in html
    assert SECRET not in html
    with factories.in_tenant(world.home):
        row = ServicePrincipal.objects.get(client_id=given["client_id"])
        assert SECRET not in str(row.credential)
        entry = JournalEntry.objects.filter(tenant=world.home).latest("sequence")
    assert entry.action == "service_principal.added"
    assert SECRET not in str(entry.details)
    assert world.people["organization_engineer"].email in entry.actor


def test_registration_can_start_an_assessment(engineer: Client, world: World) -> None:
    url = reverse("service-principal-add", args=[world.home.slug])
    answer = engineer.post(url, principal(start="on"))
    assert answer.headers["Location"].startswith(f"/t/{world.home.slug}/assessments/")
    assert started(world)[0] == 3


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"secret": ""}, "Enter the client secret or upload a certificate."),
        ({"client_id": "reader"}, "Enter a valid UUID."),
        ({"directory_id": ""}, "This field is required."),
        ({"secret": "7d1f0a52-9c1e-4f0b-8a35-2f6a1c9b7e40"}, "This is the ID of the secret. Enter its value"),
        ({"expires_at": "2020-01-01"}, "This secret has expired. Create a new one in Entra."),
        ({"cloud": "AzureMoon"}, "Select a valid choice"),
        ({"certificate": SimpleUploadedFile("c.pem", b"\x30\x82\xff")}, "This is not a PEM file."),
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
    assert "This directory already has this service principal." in answer.content.decode()


@pytest.mark.parametrize(
    ("cloud", "label"),
    [
        ("AzureUSGovernment", "Azure US Government (GCC High)"),
        ("AzureUSGovernmentDoD", "Azure US Government (DoD)"),
        ("AzureChinaCloud", "Azure China (21Vianet)"),
    ],
)
def test_a_directory_of_each_cloud_can_be_registered(
    engineer: Client, world: World, cloud: str, label: str
) -> None:
    url = reverse("service-principal-add", args=[world.home.slug])
    assert f'<option value="{cloud}">{label}</option>' in engineer.get(url).content.decode()
    given = principal(cloud=cloud)
    engineer.post(url, given)
    with factories.in_tenant(world.home):
        row = Directory.objects.get(directory_id=given["directory_id"])
    assert (row.cloud_name, row.cloud.label) == (cloud, label)
    assert label in engineer.get(reverse("tenant-settings", args=[world.home.slug])).content.decode()

"""What pages change: through actions, with errors a person understands."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from assessments.models import Assessment
from tenants.models import Directory, JournalEntry, ServicePrincipal
from tests import factories
from tests.portal.web.world import World

SECRET = "Zq8~very.secret-value"


def started(world: World) -> list[int]:
    with factories.in_tenant(world.home):
        return list(Assessment.objects.filter(tenant=world.home).values_list("number", flat=True))


def test_starting_twice_reports_the_running_assessment(engineer: Client, world: World) -> None:
    url = reverse("assessment-start", args=[world.home.slug])
    first = engineer.post(url)
    assert first.headers["Location"].startswith(f"/t/{world.home.slug}/assessments/")
    second = engineer.post(url, follow=True)
    assert "is already running. Wait until it ends, or cancel it" in second.content.decode()
    assert started(world) == [3, 2, 1]


def test_only_a_running_assessment_polls(engineer: Client, world: World) -> None:
    done = engineer.get(reverse("assessment", args=[world.home.slug, world.of(world.home)["assessment"].pk]))
    assert "hx-trigger" not in done.content.decode().split('id="progress"')[1].split(">")[0]
    begun = engineer.post(reverse("assessment-start", args=[world.home.slug]), follow=True)
    assert 'hx-trigger="every 2s"' in begun.content.decode().split('id="progress"')[1].split(">")[0]


def test_cancelling_a_queued_assessment_ends_it(engineer: Client, world: World) -> None:
    begun = engineer.post(reverse("assessment-start", args=[world.home.slug]))
    page = begun.headers["Location"]
    html = engineer.post(f"{page}cancel/", follow=True).content.decode()
    assert 'data-run="cancelled"' in html
    again = engineer.post(f"{page}cancel/", follow=True).content.decode()
    assert "has already ended, so it cannot be cancelled" in again


def test_retrying_starts_the_units_with_gaps_again(engineer: Client, world: World) -> None:
    own = world.of(world.home)
    engineer.post(reverse("assessment-retry", args=[world.home.slug, own["assessment"].pk]))
    with factories.in_tenant(world.home):
        begun = Assessment.objects.get(tenant=world.home, number=3)
    assert begun.trigger == "retry"
    assert begun.only == [f"/subscriptions/{own['subscription'].subscription_id}"]


def test_gap_names_the_missing_permission(engineer: Client, world: World) -> None:
    own = world.of(world.home)
    html = engineer.get(reverse("assessment", args=[world.home.slug, own["assessment"].pk])).content.decode()
    assert "Microsoft.Network/networkSecurityGroups/read" in html
    assert "403 AuthorizationFailed" in html
    assert "Missing permission" in html


def test_starting_selected_customers_reports_those_that_cannot_start(engineer: Client, world: World) -> None:
    bare = factories.tenant(world.organization, "Bare Customer")
    answer = engineer.post(
        reverse("portfolio-start"), {"tenant": [world.home.slug, bare.slug]}, follow=True
    ).content.decode()
    assert "Bare Customer has no service principal yet. Add one under Settings" in answer
    assert "Assessments started: Alder &amp; Finch Clinics." in answer
    nothing = engineer.post(reverse("portfolio-start"), follow=True).content.decode()
    assert "Select at least one customer" in nothing


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


def test_form_without_csrf_token_is_refused(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(
        world.people["organization_engineer"], backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    assert client.post(reverse("assessment-start", args=[world.home.slug])).status_code == 403
    assert started(world) == [2, 1]


@pytest.mark.parametrize("theme", ["", "purple", "<script>"])
def test_an_unknown_theme_is_refused(client: Client, theme: str) -> None:
    answer = client.post(reverse("theme"), {"theme": theme})
    assert answer.status_code == 400
    assert "surety-theme" not in answer.cookies


def test_theme_redirects_only_to_this_site(client: Client) -> None:
    elsewhere = client.post(
        reverse("theme"), {"theme": "dark"}, headers={"referer": "https://evil.example/x"}
    )
    assert elsewhere.headers["Location"] == "/"
    here = client.post(
        reverse("theme"), {"theme": "dark"}, headers={"referer": "http://testserver/controls/"}
    )
    assert here.headers["Location"] == "http://testserver/controls/"
    assert here.cookies["surety-theme"].value == "dark"


@pytest.mark.parametrize("path", ["/nothing/", "/t/x/", "/t/%00/", "/controls/nothing/"])
def test_missing_page_is_404_within_the_frame(engineer: Client, path: str) -> None:
    answer = engineer.get(path)
    assert answer.status_code == 404
    assert "Page not found" in answer.content.decode()


def test_pages_comply_with_the_content_security_policy(engineer: Client, world: World) -> None:
    answer = engineer.get(reverse("tenant", args=[world.home.slug]))
    html = answer.content.decode()
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert " style=" not in html
    assert "<style" not in html
    assert " onclick=" not in html

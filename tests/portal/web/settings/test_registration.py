"""The steps of registering a customer: what they store, refuse and show."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assessments.models import Schedule
from tenants.models import Directory, Registration, Subscription, Tenant
from tenants.scope import organization_scope
from tests import factories
from tests.portal.web.forms import start_of
from tests.portal.web.world import SignIn, World

DIRECTORY = "72f988bf-86f1-41af-91ab-2d7cd011db47"


def customer(**given: Any) -> dict[str, Any]:
    return {
        "name": "Fabrikam",
        "directory_id": DIRECTORY,
        "cloud": "AzureUSGovernment",
        "timezone": "Europe/Berlin",
        **given,
    }


def register(client: Client, world: World, **given: Any) -> Any:
    return client.post(reverse("customer-register", args=[world.organization.slug]), customer(**given))


def test_customer_and_directory_are_registered_and_the_commands_are_filled_in(
    engineer: Client, world: World
) -> None:
    answer = register(engineer, world)
    assert answer.headers["Location"] == "/t/fabrikam/registration/permissions/"
    html = engineer.get(answer.headers["Location"]).content.decode()
    assert "az cloud set --name AzureUSGovernment" in html
    assert f"az login --tenant {DIRECTORY}" in html
    assert "managementGroups" in html
    url = reverse("registration-permissions", args=["fabrikam"])
    engineer.post(url, {"reach": "subscriptions", "kind": "certificate"})
    html = engineer.get(url).content.decode()
    assert ("managementGroups" in html, "openssl req -x509" in html) == (False, True)
    with organization_scope(world.organization):
        row = Registration.objects.get(tenant__slug="fabrikam")
    assert (row.reach, row.kind, row.step) == ("subscriptions", "certificate", "permissions")


def test_registration_continues_where_it_was_left(engineer: Client, world: World, sign_in: SignIn) -> None:
    register(engineer, world)
    url = reverse("registration-permissions", args=["fabrikam"])
    engineer.post(url, {"reach": "subscriptions", "kind": "secret", "continue": "1"})
    colleague = sign_in(world.people["organization_administrator"])
    assert "Continue" in colleague.get("/t/fabrikam/settings/").content.decode()
    assert (
        colleague.get("/t/fabrikam/registration/").headers["Location"].endswith("/registration/credential/")
    )
    assert colleague.get("/t/fabrikam/registration/check/").headers["Location"].endswith("/credential/")


def test_the_step_of_the_credential_says_how_long_the_secret_of_the_commands_is_valid(
    engineer: Client, world: World
) -> None:
    register(engineer, world)
    url = reverse("registration-permissions", args=["fabrikam"])
    # `az ad app credential reset` does not print when the secret expires, so the command on the page sets a period.
    assert "--years 1" in engineer.get(url).content.decode()
    engineer.post(url, {"reach": "subscriptions", "kind": "secret", "continue": "1"})
    html = engineer.get(reverse("registration-credential", args=["fabrikam"])).content.decode()
    assert "creates a secret that is valid for one year" in html
    assert "nobody is notified before the secret expires" in html


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": " "}, "This field is required."),
        (
            {"directory_id": "contoso.onmicrosoft.com"},
            "“contoso.onmicrosoft.com” is a domain name of the directory, not its ID. Enter the ID of the directory",
        ),
        ({"directory_id": "0f8b6c1e"}, "Entra admin center › Overview shows it as “Tenant ID”"),
        ({"timezone": "Mars/Olympus"}, "Unknown time zone"),
        ({"cloud": "custom"}, "The settings of the custom cloud are invalid"),
        ({"cloud": "custom", "authority": "http://login.local"}, "must begin with https://"),
        ({"arm": "https://arm.local"}, "Choose “Custom cloud” to use your own endpoints"),
        ({"cloud": "custom", "ca": "/etc/passwd"}, "Do not send the name of a file"),
    ],
)
def test_invalid_customer_registers_nothing(
    engineer: Client, world: World, given: dict[str, Any], message: str
) -> None:
    answer = register(engineer, world, **given)
    assert answer.status_code == 400
    html = answer.content.decode()
    assert message in html or "aria-invalid" in html
    assert "directory_id" not in given or message in html
    with organization_scope(world.organization):
        assert not Tenant.objects.filter(name="Fabrikam").exists()


def test_directory_is_registered_once_in_an_organization(engineer: Client, world: World) -> None:
    own = world.of(world.home)["directory"].directory_id
    answer = register(engineer, world, directory_id=own)
    assert answer.status_code == 400
    assert f"{world.home.name.split(' & ')[0]}" in answer.content.decode()
    assert "already has this directory" in answer.content.decode()
    # The page reveals nothing about a customer of another organization.
    theirs = world.of(world.foreign)["directory"].directory_id
    assert register(engineer, world, directory_id=theirs).status_code == 302


@pytest.mark.parametrize("name", ["registration-subscriptions", "subscriptions"])
def test_subscription_is_excluded_with_a_reason(engineer: Client, world: World, name: str) -> None:
    row = world.of(world.home)["subscription"]
    url = reverse(name, args=[world.home.slug])
    answer = engineer.post(url, start_of(engineer, url))
    assert (answer.status_code, "Enter why this subscription" in answer.content.decode()) == (400, True)
    assert engineer.post(url, {**start_of(engineer, url), f"reason-{row.pk}": "Sandbox"}).status_code == 302
    with factories.in_tenant(world.home):
        stored = Subscription.objects.get(pk=row.pk)
    assert (stored.included, stored.exclusion_reason) == (False, "Sandbox")
    html = engineer.get(reverse("tenant-settings", args=[world.home.slug])).content.decode()
    assert "Excluded in the customer’s settings: Sandbox" in html
    given = {f"include-{row.pk}": "on", f"reason-{row.pk}": "Sandbox"}
    assert engineer.post(url, {**start_of(engineer, url), **given}).status_code == 302
    with factories.in_tenant(world.home):
        stored = Subscription.objects.get(pk=row.pk)
    assert (stored.included, stored.exclusion_reason) == (True, "")


@pytest.mark.slow(seconds=1)
def test_exclusion_has_an_optional_last_day(engineer: Client, world: World) -> None:
    row = world.of(world.home)["subscription"]
    url = reverse("subscriptions", args=[world.home.slug])
    given = {f"reason-{row.pk}": "Migration"}
    for text, message in (("2020-01-01", "Enter today or a later day"), ("soon", "Enter a day, such as")):
        answer = engineer.post(url, {**start_of(engineer, url), **given, f"until-{row.pk}": text})
        assert (answer.status_code, message in answer.content.decode()) == (400, True)
    until = {f"until-{row.pk}": "2099-03-31"}
    assert engineer.post(url, {**start_of(engineer, url), **given, **until}).status_code == 302
    assert 'value="2099-03-31"' in engineer.get(url).content.decode()
    html = engineer.get(reverse("tenant-settings", args=[world.home.slug])).content.decode()
    assert "Excluded in the customer’s settings: Migration, until 2099-03-31" in html
    # Saving the page again keeps the last day of the exclusion, and an empty field removes it.
    assert engineer.post(url, {**start_of(engineer, url), **given, **until}).status_code == 302
    assert engineer.post(url, {**start_of(engineer, url), **given}).status_code == 302
    with factories.in_tenant(world.home):
        stored = Subscription.objects.get(pk=row.pk)
    assert (stored.included, stored.excluded_until) == (False, None)


def test_schedule_is_set_in_its_step(engineer: Client, world: World) -> None:
    url = reverse("registration-schedule", args=[world.home.slug])
    html = engineer.get(url).content.decode()
    assert "Default of the organization: no scheduled assessments" in html
    given = {"choice": "own", "weekdays": ["0"], "times": "2 o’clock", "window": "30"}
    assert engineer.post(url, given).status_code == 400
    with factories.in_tenant(world.home):
        assert not Schedule.objects.filter(tenant=world.home).exists()
    answer = engineer.post(url, {**given, "times": "02:00"})
    assert answer.headers["Location"].endswith("/registration/assessment/")
    with factories.in_tenant(world.home):
        assert Schedule.objects.get(tenant=world.home).rule == "Mon 02:00 within 30"


def test_last_step_starts_the_assessment_and_ends_the_registration(engineer: Client, world: World) -> None:
    answer = engineer.post(reverse("registration-assessment", args=[world.home.slug]))
    assert answer.headers["Location"].startswith(f"/t/{world.home.slug}/assessments/")
    with factories.in_tenant(world.home):
        assert Registration.objects.get(tenant=world.home).finished_at is not None
    html = engineer.get(reverse("tenant-settings", args=[world.home.slug])).content.decode()
    assert "registration of this customer is not finished" not in html


def test_customer_administrator_cannot_register(world: World, sign_in: SignIn) -> None:
    client = sign_in(world.people["tenant_administrator"])
    assert register(client, world).status_code in (403, 404)
    with organization_scope(world.organization):
        assert not Directory.objects.filter(directory_id=DIRECTORY).exists()

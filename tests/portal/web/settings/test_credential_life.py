"""The page of a service principal: no credential is changed before a worker has signed in with the new one."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tenants.models import JournalEntry, ServicePrincipal, Subscription
from tests import factories
from tests.portal.web.world import World

SECRET = "Zq8~very.secret-value"


def address(world: World, name: str = "service-principal") -> str:
    return reverse(name, args=[world.home.slug, world.of(world.home)["principal"].pk])


def stored(world: World) -> ServicePrincipal:
    with factories.in_tenant(world.home):
        return ServicePrincipal.objects.get(pk=world.of(world.home)["principal"].pk)


def test_new_secret_waits_for_its_sign_in_and_is_never_shown(engineer: Client, world: World) -> None:
    before = stored(world).credential
    answer = engineer.post(address(world), {"secret": SECRET})
    assert "?attempt=" in answer.headers["Location"]
    html = engineer.get(answer.headers["Location"]).content.decode()
    assert "Signing in since" in html
    assert SECRET not in html
    assert bytes(stored(world).credential) == bytes(before)
    polled = engineer.get(answer.headers["Location"], headers={"HX-Request": "true"})
    assert "HX-Refresh" not in polled.headers


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"secret": ""}, "Enter the client secret or upload a certificate."),
        ({"secret": "7d1f0a52-9c1e-4f0b-8a35-2f6a1c9b7e40"}, "This is the ID of the secret, not its value."),
        ({"secret": SECRET, "expires_at": "2020-01-01"}, "This secret has expired."),
        (
            {"certificate": SimpleUploadedFile("c.pem", b"-----BEGIN CERTIFICATE-----\n")},
            "The file contains no private key that Surety can read.",
        ),
    ],
)
def test_credential_of_a_wrong_form_is_reported_at_its_field(
    engineer: Client, world: World, given: dict[str, object], message: str
) -> None:
    answer = engineer.post(address(world), given)
    assert (answer.status_code, message in answer.content.decode()) == (400, True)


def test_attempt_of_another_principal_is_not_shown(engineer: Client, world: World) -> None:
    html = engineer.get(f"{address(world)}?attempt={uuid4()}").content.decode()
    assert "Signing in since" not in html
    assert engineer.get(f"{address(world)}?attempt=nonsense").status_code == 200


def test_disabling_and_removing_are_recorded_and_keep_the_subscriptions(
    engineer: Client, world: World
) -> None:
    engineer.post(address(world, "service-principal-switch"))
    assert stored(world).disabled_at is not None
    assert "Disabled since" in engineer.get(address(world)).content.decode()
    engineer.post(address(world, "service-principal-switch"))
    assert stored(world).disabled_at is None
    engineer.post(address(world, "service-principal-remove"))
    with factories.in_tenant(world.home):
        assert not ServicePrincipal.objects.filter(tenant=world.home).exists()
        assert Subscription.objects.filter(tenant=world.home).exists()
        actions = JournalEntry.objects.filter(tenant=world.home).order_by("-sequence")[:3]
        assert [entry.action.rpartition(".")[2] for entry in actions] == ["removed", "enabled", "disabled"]

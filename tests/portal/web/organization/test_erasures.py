"""The pages of erasures: request, confirm, withdraw, waiting period, certificate."""

from __future__ import annotations

from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.actions.archive import archive_customer
from portal.offboarding.erasures.erase_customer import run_erasure
from portal.offboarding.models import Erasure
from tenants.models import Membership, Person, Tenant
from tenants.roles import Role
from tenants.scope import organization_scope
from tests import factories
from tests.factories import BY
from tests.portal.web.forms import start_of
from tests.portal.web.world import SignIn, World

State = Erasure.State


@pytest.fixture
def second(world: World, sign_in: SignIn) -> Client:
    return sign_in(factories.member(Role.ORGANIZATION_ADMINISTRATOR, world.organization))


def page(client: Client, name: str, *args: object) -> str:
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == 200, name
    return unescape(answer.content.decode())


def posted(client: Client, address: str, **data: str) -> str:
    return unescape(client.post(address, data, follow=True).content.decode())


def archive(world: World) -> None:
    with factories.in_tenant(world.home):
        archive_customer(tenant=world.home, by=BY, reason="Ends")


def newest(world: World) -> Erasure:
    with organization_scope(world.organization):
        return Erasure.objects.exclude(state=State.DONE).latest("requested_at")


@pytest.mark.slow(seconds=1)
def test_two_administrators_erase_a_customer(world: World, administrator: Client, second: Client) -> None:
    slug, leaving = world.organization.slug, reverse("leaving", args=[world.home.slug])
    assert "Request erasure" not in page(administrator, "leaving", world.home.slug)
    archive(world)
    assert "Request erasure" in page(administrator, "leaving", world.home.slug)
    wrong = administrator.post(leaving, {"erase": "1", "name": world.home.slug, "reason": "Ends"})
    assert wrong.status_code == 400
    assert "Enter exactly the name of the customer" in unescape(wrong.content.decode())
    html = posted(administrator, leaving, erase="1", name=world.home.name, reason="Ends")
    assert "another administrator must confirm" in html
    row = newest(world)
    address = reverse("erasure", args=[slug, row.pk])
    assert "Waiting for a second administrator" in page(administrator, "leaving", world.home.slug)
    assert "You made this request, so someone else must confirm it" in posted(
        administrator, address, confirm="1"
    )
    assert world.home.name in page(second, "erasures", slug)
    assert "Confirm erasure" in page(second, "erasure", slug, row.pk)
    assert "A worker starts the erasure within ten minutes." in posted(second, address, confirm="1")
    run_erasure(organization_id=world.organization.pk, erasure_id=row.pk)
    html = page(second, "erasure", slug, row.pk)
    assert "Download certificate" in html
    assert world.home.name not in html
    assert second.get(leaving).status_code == 404
    download = reverse("erasure-certificate", args=[slug, row.pk])
    # The page Notifications has a button for the download too.
    assert f'<form method="post" action="{download}">' in page(second, "notices")
    answer = second.post(download)
    assert answer.content.startswith(b"%PDF-")
    assert answer["Content-Disposition"].startswith("attachment")
    assert world.home.name not in page(second, "erasures", slug)
    with organization_scope(world.organization):
        Erasure.objects.update(certificate_until=timezone.now())
    assert second.post(reverse("erasure-certificate", args=[slug, row.pk])).status_code == 404


@pytest.mark.slow(seconds=1)
def test_withdrawn_and_waiting_period(world: World, administrator: Client, second: Client) -> None:
    archive(world)
    slug, leaving = world.organization.slug, reverse("leaving", args=[world.home.slug])
    assert administrator.post(reverse("erasures", args=[slug]), {"hours": "-1"}).status_code == 400
    assert "Waiting period saved." in posted(
        administrator,
        reverse("erasures", args=[slug]),
        **start_of(administrator, reverse("erasures", args=[slug])),
        hours="48",
    )
    posted(administrator, leaving, erase="1", name=world.home.name, reason="Ends")
    row = newest(world)
    address = reverse("erasure", args=[slug, row.pk])
    assert "The request can be withdrawn until then." in posted(second, address, confirm="1")
    assert "Nothing was deleted." in posted(administrator, address, withdraw="1")
    with organization_scope(world.organization):
        assert Tenant.objects.filter(pk=world.home.pk).exists()
        assert Erasure.objects.get(pk=row.pk).state == State.WITHDRAWN


@pytest.mark.slow(seconds=1)
def test_two_administrators_pseudonymise_a_person(
    world: World, administrator: Client, second: Client
) -> None:
    slug, who = world.organization.slug, world.people["organization_engineer"]
    address = reverse("person-leaving", args=[slug, who.pk])
    assert "Request pseudonymisation" not in page(administrator, "person-leaving", slug, who.pk)
    with organization_scope(world.organization):
        Membership.objects.filter(person=who).update(valid_until=timezone.now())
    refused = administrator.post(address, {"pseudonymise": "1", "reason": ""})
    assert refused.status_code == 400
    html = posted(administrator, address, pseudonymise="1", reason="Left")
    assert f"Pseudonymisation of {who.name}" in html
    row = newest(world)
    posted(second, reverse("erasure", args=[slug, row.pk]), confirm="1")
    run_erasure(organization_id=world.organization.pk, erasure_id=row.pk)
    assert row.pseudonym in page(second, "erasure", slug, row.pk)
    assert Person.objects.get(pk=who.pk).name == row.pseudonym


def test_foreign_erasure_is_not_found(world: World, administrator: Client) -> None:
    foreign = world.of(world.foreign)["erasure"]
    for name in ("erasure", "erasure-certificate"):
        address = reverse(name, args=[world.organization.slug, foreign.pk])
        assert administrator.post(address, {"confirm": "1"}).status_code == 404

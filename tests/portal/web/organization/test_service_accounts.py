"""The pages of service accounts."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from tenants.models import ServiceAccount
from tenants.scope import organization_scope
from tests.portal.web.world import World

VALUES = {"name": "Nightly export", "purpose": "Copies findings", "role": "auditor"}


@pytest.mark.slow(seconds=1)
def test_pages_create_change_disable_and_delete_an_account(world: World, administrator: Client) -> None:
    slug, responsible = world.organization.slug, world.people["organization_engineer"]
    values = {**VALUES, "responsible": str(responsible.pk), "customers": [world.home.slug]}
    created = administrator.post(reverse("service-account-add", args=[slug]), values)
    assert created.status_code == 302, created.content.decode()
    page = created["Location"]
    text = administrator.get(page).content.decode()
    assert "Copies findings" in text
    assert escape(world.home.name) in text
    assert "No tokens yet" in text

    shown = administrator.post(page, {"name": "Server", "days": "30", "capabilities": ["view"]})
    found = re.search(r"surety_pat_[0-9A-Za-z]+", shown.content.decode())
    assert found is not None
    assert "no-store" in shown["Cache-Control"]
    assert found[0] not in administrator.get(page).content.decode()
    program = Client(headers={"Authorization": f"Bearer {found[0]}"})
    assert program.get("/api/v1/token").json()["capabilities"] == ["view"]
    assert (
        "View this customer and the findings assigned to you</div>"
        in administrator.get(page).content.decode()
    )
    # A page cannot be opened with an API token, because pages need a session.
    assert program.get(page).status_code == 302
    refused = administrator.post(page, {"name": "Server", "days": "30", "capabilities": ["approve"]})
    assert refused.status_code == 400

    made = administrator.post(f"{page}secrets/", {"name": "Build", "days": "30", "capabilities": ["view"]})
    secret = re.search(r"surety_ocs_[0-9A-Za-z]+", made.content.decode())
    assert secret is not None
    assert "no-store" in made["Cache-Control"]
    shown_again = administrator.get(page).content.decode()
    assert (secret[0] in shown_again, secret[0][:15] in shown_again) == (False, True)
    credentials = {"client_id": page.split("/")[-2], "client_secret": secret[0]}
    grant = {"grant_type": "client_credentials", **credentials}
    answer = Client().post("/oauth/token", urlencode(grant), content_type="application/x-www-form-urlencoded")
    builder = Client(headers={"Authorization": f"Bearer {answer.json()['access_token']}"})
    assert builder.get("/api/v1/token").json()["capabilities"] == ["view"]
    # A page cannot be opened with an access token, and the list of API tokens does not contain the client secret.
    assert builder.get(page).status_code == 302
    tokens = administrator.get(reverse("organization-api-tokens", args=[slug])).content.decode()
    assert secret[0][:15] not in tokens
    assert administrator.post(f"{page}secrets/", {"name": "B", "days": "30"}).status_code == 400
    administrator.post(f"{page}secrets/", {"name": "Next", "days": "30", "capabilities": ["view"]})
    third = administrator.post(f"{page}secrets/", {"name": "X", "days": "30", "capabilities": ["view"]})
    assert (third.status_code, "can have at most 2 client secrets" in third.content.decode()) == (400, True)
    (revoke, _) = sorted(
        set(re.findall(r'action="([^"]+/revoke/)"', shown_again)), key=lambda one: "secrets" not in one
    )
    assert administrator.post(revoke).status_code == 302
    assert builder.get("/api/v1/token").status_code == 401

    note = "all tokens and client secrets of the account are revoked"
    assert note in administrator.get(f"{page}change/").content.decode()
    assert note not in administrator.get(reverse("service-account-add", args=[slug])).content.decode()
    changed = administrator.post(
        f"{page}change/",
        {**values, "purpose": "Copies all", "role": "organization_engineer", "customers": []},
    )
    assert changed.status_code == 302, changed.content.decode()
    assert "Copies all" in administrator.get(reverse("service-accounts", args=[slug])).content.decode()
    for enabled, status in (("0", 401), ("1", 401)):
        assert administrator.post(f"{page}switch/", {"enabled": enabled}).status_code == 302
        assert program.get("/api/v1/token").status_code == status
    assert (
        "The account’s tokens and client secrets stop working"
        in administrator.get(f"{page}delete/").content.decode()
    )
    assert administrator.post(f"{page}delete/").status_code == 302
    assert administrator.get(page).status_code == 404
    with organization_scope(world.organization):
        assert ServiceAccount.objects.get().name == "Ticket system"


def test_forms_show_what_is_wrong(world: World, administrator: Client) -> None:
    address = reverse("service-account-add", args=[world.organization.slug])
    responsible = str(world.people["auditor"].pk)
    for change, message in (
        ({"customers": []}, "Choose at least one customer"),
        ({"role": "organization_engineer"}, "applies to all customers"),
        ({"name": "ticket SYSTEM"}, "already exists"),
        ({"responsible": str(world.foreign_id)}, "Select a valid choice"),
        ({"role": "approver"}, "Select a valid choice"),
    ):
        values = {**VALUES, "responsible": responsible, "customers": [world.home.slug], **change}
        answer = administrator.post(address, values)
        assert answer.status_code == 400, change
        assert message in answer.content.decode(), change


def test_people_pages_do_not_show_service_accounts(world: World, administrator: Client) -> None:
    account = world.of(world.home)["service_account"]
    slug = world.organization.slug
    assert account.name in administrator.get(reverse("service-accounts", args=[slug])).content.decode()
    for name in ("organization-people", "access-review"):
        assert "Ticket system" not in administrator.get(reverse(name, args=[slug])).content.decode(), name
    assert administrator.get(reverse("person-account", args=[slug, account.person_id])).status_code == 404


def test_no_accounts_show_what_to_do(world: World, administrator: Client) -> None:
    with organization_scope(world.organization):
        ServiceAccount.objects.all().delete()
    page = administrator.get(reverse("service-accounts", args=[world.organization.slug]))
    assert "No service accounts yet" in page.content.decode()

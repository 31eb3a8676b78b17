"""Programs run campaigns and assign subscriptions of other directories in the same way as the pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from assessments.actions.credentials.attempt_records import end_attempt, latest_attempt
from portal.treatment.models import Campaign
from tenants.azure.credentials import CredentialResult
from tenants.models import (
    Delegation,
    Directory,
    ManagingPrincipal,
    Organization,
    OrganizationJournalEntry,
    Subscription,
)
from tenants.roles import Role
from tenants.scope import organization_scope
from tests import factories
from tests.for_each import for_each
from tests.portal.api.changes import changed, post
from tests.portal.api.conftest import Api
from tests.portal.web.world import World

SECRET = "a~secret.value.of-this-test"


def organization_address(world: World, path: str) -> str:
    own = world.of(world.home)
    ids = {name: own[name].pk for name in ("campaign", "managing_principal", "delegation")}
    return f"/api/v1/organizations/{world.organization.slug}/{path.format(**ids)}"


@pytest.fixture
def administrator(api: Api) -> Client:
    return api("organization_administrator")


def home_of(world: World) -> Directory:
    with factories.in_tenant(world.home):
        return Directory.objects.all()[0]


_ADMINISTRATORS = {Role.ORGANIZATION_ADMINISTRATOR}
_ALL = {Role.ORGANIZATION_ADMINISTRATOR, Role.ORGANIZATION_ENGINEER}
_PRINCIPAL = "managing-principals/{managing_principal}"
# For each change: its address, the roles that may make it, the right that it needs, and a body.
CHANGES: dict[str, tuple[str, set[Role], str, dict[str, Any]]] = {
    "change_campaign": ("campaigns/{campaign}", _ALL, "assign", {"due_on": "2099-01-01"}),
    "end_campaign": ("campaigns/{campaign}/end", _ALL, "assign", {}),
    "replace_managing_credential": (
        f"{_PRINCIPAL}/credential",
        _ADMINISTRATORS,
        "organization",
        {"secret": SECRET},
    ),
    "enable_managing_principal": (f"{_PRINCIPAL}/enable", _ADMINISTRATORS, "organization", {}),
    "disable_managing_principal": (f"{_PRINCIPAL}/disable", _ADMINISTRATORS, "organization", {}),
    "remove_managing_principal": (f"{_PRINCIPAL}/remove", _ADMINISTRATORS, "organization", {}),
    "assign_delegation": ("delegations/{delegation}/assign", _ADMINISTRATORS, "organization", {}),
    "exclude_delegation": (
        "delegations/{delegation}/exclude",
        _ADMINISTRATORS,
        "organization",
        {"reason": "Tests"},
    ),
    "undo_delegation": ("delegations/{delegation}/undo", _ADMINISTRATORS, "organization", {}),
}


@pytest.mark.slow(seconds=2)
@for_each("name", CHANGES)
def test_changes_need_their_right_and_what_was_read(world: World, api: Api, name: str) -> None:
    path, roles, right, body = CHANGES[name]
    for role in Role:
        answer = post(api(str(role)), organization_address(world, path), body)
        assert answer.status_code == (428 if role in roles else 403), (role, answer.content)
    client = api("organization_administrator")
    assert post(client, organization_address(world, path), body, '"0"').status_code == 412
    plural, _, rest = path.partition("/")
    theirs = organization_address(world, f"{plural}/{world.foreign_id}/{rest.partition('/')[2]}".rstrip("/"))
    assert post(client, theirs, body, '"0"').status_code == 404
    others = [one for one in ("view", "view_all", "assign", "administer", "organization") if one != right]
    limited = api("organization_administrator", capabilities=others)
    assert post(limited, organization_address(world, path), body).status_code == 403


@pytest.mark.slow(seconds=1)
def test_campaign_is_started_changed_and_ended(world: World, administrator: Client) -> None:
    control = world.of(world.home)["finding"].control
    due = (timezone.now() + timedelta(days=20)).date().isoformat()
    leader = world.people["organization_engineer"].email
    body = {"control": control, "owner": leader, "due_on": due, "customers": [world.home.slug]}
    made = post(administrator, organization_address(world, "campaigns"), body | {"note": "Before the audit"})
    assert made.status_code == 201, made.content
    (customer,) = made.json()["customers"]
    assert (customer["customer"], made.json()["to_notify"]) == (world.home.slug, 1)
    assert customer["open"] == customer["open_at_start"] > 0
    assert customer["unknown"] == 0
    own = made.headers["Location"]
    assert administrator.get(own).json() == made.json()
    later = (timezone.now() + timedelta(days=40)).date().isoformat()
    now = changed(administrator, own, {"due_on": later})
    assert (now.json()["due_on"], now.json()["owner"]["email"]) == (later, leader)
    for wrong, field in (
        ({"customers": [world.foreign.slug]}, "customers"),
        ({"owner": world.people["auditor"].email}, "owner"),
        ({"control": "no-such-control"}, "control"),
        ({"due_on": "2020-01-01"}, "due_on"),
    ):
        refused = post(administrator, organization_address(world, "campaigns"), body | wrong)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, field), refused.content
    assert changed(administrator, f"{own}/end", read=own).json()["ended_at"] is not None
    assert changed(administrator, f"{own}/end", read=own).status_code == 409
    listed = administrator.get(organization_address(world, "campaigns")).json()["items"]
    assert made.json()["id"] in {one["id"] for one in listed}
    with organization_scope(world.organization):
        assert Campaign.objects.filter(pk=made.json()["id"], ended_at__isnull=False).exists()
        entry = OrganizationJournalEntry.objects.filter(action="campaign.started").latest("sequence")
    assert entry.details["api_token"].startswith("surety_pat_")


@pytest.mark.slow(seconds=1)
def test_delegated_subscription_is_assigned_excluded_and_undecided_again(
    world: World, administrator: Client
) -> None:
    principal = world.of(world.home)["managing_principal"]
    row = factories.delegation(principal, home_of(world).directory_id, "Alder shop")
    own = organization_address(world, f"delegations/{row.pk}")
    assert administrator.get(own).json()["possible_customers"] == [world.home.slug]
    wrong = changed(administrator, f"{own}/assign", {"customer": world.foreign.slug}, own)
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "customer")
    assigned = changed(administrator, f"{own}/assign", {}, own).json()
    assert (assigned["decision"], assigned["customer"]) == ("assigned", world.home.slug)
    with factories.in_tenant(world.home):
        assert Subscription.objects.get(subscription_id=row.subscription_id).is_delegated
    assert changed(administrator, f"{own}/exclude", {"reason": "Twice"}, own).status_code == 409
    undone = changed(administrator, f"{own}/undo", read=own).json()
    assert (undone["decision"], undone["customer"]) == ("", None)
    excluded = changed(administrator, f"{own}/exclude", {"reason": "No contract"}, own).json()
    assert (excluded["decision"], excluded["reason"]) == ("excluded", "No contract")
    listed = administrator.get(organization_address(world, "delegations")).json()["items"]
    assert excluded in listed
    without_home = organization_address(world, "delegations/{delegation}")
    refused = changed(administrator, f"{without_home}/assign", {}, without_home)
    assert (refused.status_code, refused.json()["code"]) == (409, "no_home")
    with organization_scope(world.organization):
        assert Delegation.objects.get(pk=row.pk).decided_by is not None


@pytest.mark.slow(seconds=1)
def test_default_schedule_and_watch_are_set(world: World, api: Api) -> None:
    engineer, address = api("organization_engineer"), organization_address(world, "default-schedule")
    before = engineer.get(address)
    assert before.json() == {"schedule": "off", "is_watched": False}
    now = changed(engineer, address, {"schedule": "daily 06:00", "is_watched": True})
    assert now.status_code == 200, now.content
    with organization_scope(world.organization):
        row = Organization.objects.get(pk=world.organization.pk)
    assert (row.default_schedule, row.watch_by_default) == (now.json()["schedule"], True)
    assert changed(engineer, address, {"is_watched": False}).json() == now.json() | {"is_watched": False}
    wrong = changed(engineer, address, {"schedule": "sometimes"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "schedule")
    assert post(engineer, address, {"is_watched": True}, before.headers["ETag"]).status_code == 412
    for role in Role:
        answer = post(api(str(role)), address, {"is_watched": True})
        assert answer.status_code == (428 if role in _ALL else 403), role


def test_one_of_several_customers_is_named(world: World, administrator: Client) -> None:
    home = home_of(world).directory_id
    other = factories.tenant(world.organization, "Birch")
    factories.directory(other, directory_id=home)
    row = factories.delegation(world.of(world.home)["managing_principal"], home, "Shared")
    own = organization_address(world, f"delegations/{row.pk}")
    assert changed(administrator, f"{own}/assign", {}, own).json()["code"] == "no_home"
    named = changed(administrator, f"{own}/assign", {"customer": other.slug}, own)
    assert named.json()["customer"] == other.slug


def test_managing_principal_is_added_after_a_sign_in(world: World, administrator: Client) -> None:
    body = {"directory_id": str(uuid4()), "client_id": str(uuid4()), "secret": SECRET}
    asked = post(administrator, organization_address(world, "managing-principals"), body)
    assert (asked.status_code, asked.json()["state"]) == (202, "waiting"), asked.content
    address = asked.headers["Location"]
    assert administrator.get(address).json() == asked.json()
    attempt = latest_attempt(world.organization.pk, asked.json()["id"])
    assert attempt is not None
    end_attempt(world.organization.pk, attempt, CredentialResult("AADSTS7000215", "Wrong secret."))
    ended = administrator.get(address).json()
    assert (ended["state"], ended["error"]) == ("refused", "Wrong secret.")
    assert SECRET not in str(ended) + asked.content.decode()
    assert administrator.get(organization_address(world, f"sign-ins/{world.foreign_id}")).status_code == 404
    for wrong, field in (
        ({"secret": ""}, "secret"),
        ({"client_id": "x"}, "client_id"),
        ({"cloud": "custom"}, "endpoints"),
    ):
        refused = post(administrator, organization_address(world, "managing-principals"), body | wrong)
        assert refused.status_code == 400, refused.content
        assert refused.json()["errors"][0]["field"].startswith(field), refused.content


def test_managing_principal_is_checked_switched_and_removed(world: World, administrator: Client) -> None:
    own = organization_address(world, _PRINCIPAL)
    shown = administrator.get(own)
    assert (
        shown.json() in administrator.get(organization_address(world, "managing-principals")).json()["items"]
    )
    assert "credential" not in shown.json()
    checked = post(administrator, f"{own}/check")
    assert checked.status_code == 202, checked.content
    replaced = changed(administrator, f"{own}/credential", {"secret": SECRET}, own)
    assert replaced.json()["service_principal"] == shown.json()["id"], replaced.content
    assert changed(administrator, f"{own}/disable", read=own).json()["disabled_at"] is not None
    assert changed(administrator, f"{own}/enable", read=own).json()["disabled_at"] is None
    assert changed(administrator, f"{own}/remove", read=own).status_code == 204
    assert administrator.get(own).status_code == 404
    with organization_scope(world.organization):
        assert not ManagingPrincipal.objects.filter(pk=shown.json()["id"]).exists()


@pytest.mark.slow(seconds=1)
def test_foreign_subscription_is_assigned_to_the_customer_of_its_directory(world: World, api: Api) -> None:
    engineer = api("organization_engineer")
    other = factories.tenant(world.organization, "Birch Logistics")
    reader = factories.service_principal(factories.directory(other, name="Birch"))
    seen = factories.foreign_subscription(
        world.of(world.home)["principal"], reader.directory.directory_id, "Birch production"
    )
    base = f"/api/v1/customers/{world.home.slug}/foreign-subscriptions"
    own = f"{base}/{seen.pk}"
    shown = engineer.get(own).json()
    assert (shown["possible_customers"], shown["decision"]) == ([other.slug], "")
    assert seen.subscription_id in shown["command"]
    # A person who administers only one of the customers does not learn of the subscription.
    assert api("tenant_administrator").get(own).status_code == 404
    assert api("auditor").get(base).status_code == 403
    assert post(engineer, f"{own}/assign", {}).status_code == 428
    assigned = changed(engineer, f"{own}/assign", {}, own)
    assert assigned.json()["decision"] == "assigned", assigned.content
    with factories.in_tenant(other):
        assert Subscription.objects.get(subscription_id=seen.subscription_id).state == "Waiting"
    assert changed(engineer, f"{own}/undo", read=own).json()["decision"] == ""
    with factories.in_tenant(other):
        assert not Subscription.objects.filter(subscription_id=seen.subscription_id).exists()
    excluded = changed(engineer, f"{own}/exclude", {"reason": "A partner owns it"}, own)
    assert excluded.json()["reason"] == "A partner owns it"
    foreign = post(engineer, f"{base}/{world.foreign_id}/assign", {}, '"0"')
    assert foreign.status_code == 404
    own_one = world.of(world.home)["subscription"]
    assert engineer.get(f"{base}/{own_one.pk}").status_code == 404

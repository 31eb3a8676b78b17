"""Creations in an organization take the header Idempotency-Key, as those within a customer do."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.cache import cache
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from assessments.models import OwnControl
from portal.accounts.models import ApiToken, IdempotencyKey, OrganizationIdempotencyKey
from portal.accounts.tasks import delete_idempotency_keys
from portal.api.contract_file import FILE
from portal.distribution.models import OrganizationReportSchedule, PortfolioLink
from portal.portfolio_reports.models import PortfolioReport
from portal.tickets.models import TicketRule, TicketSystem
from portal.treatment.models import Baseline, Campaign
from tenants.locks import Lock
from tenants.models import Organization
from tenants.people.link_tokens import hash_token
from tenants.roles import Role
from tenants.scope import organization_scope, person_scope
from tests import factories
from tests.assessments.own.published import example
from tests.concurrency import held_elsewhere
from tests.for_each import for_each
from tests.portal.api.changes import post
from tests.portal.api.conftest import Api, client_with, token_for
from tests.portal.web.world import World

KEY = "7a7e9d52-an-order"
SECRET = "github_pat_the-secret-of-this-test"
CLIENT_ID = "0f8b6c1e-2a4d-4c3b-9e5f-7a1d2c3b4e5f"

type Body = dict[str, Any]


def _campaign(world: World) -> Body:
    return {
        "control": world.of(world.home)["finding"].control,
        "owner": world.people["organization_engineer"].email,
        "due_on": (timezone.now() + timedelta(days=20)).date().isoformat(),
        "customers": [world.home.slug],
    }


def _rule(world: World) -> Body:
    return {
        "name": "Critical ones",
        "system": str(world.of(world.home)["ticket_system"].pk),
        "severities": ["critical"],
    }


def _schedule(world: World) -> Body:
    email = world.people["auditor"].email
    return {"name": "All customers", "kind": "executive", "timetable": "weekly Mon 06:00", "people": [email]}


def _link(world: World) -> Body:
    number = world.of(world.home)["portfolio_report"].number
    return {"report": number, "recipient": "Contoso, internal audit", "days": 3}


# For each creation: its address, its model, a body, and other values for fields of the body.
CREATIONS: dict[str, tuple[str, type[Model], Callable[[World], Body], Body]] = {
    "add_baseline": ("baselines", Baseline, lambda world: {"name": "Gold", "label": "gold"}, {"name": "Au"}),
    "start_campaign": ("campaigns", Campaign, _campaign, {"note": "Before the audit"}),
    "write_own_control": (
        "own-controls",
        OwnControl,
        lambda world: {"text": example(world.organization)},
        {"text": "control: other"},
    ),
    "make_portfolio_report_link": ("portfolio-report-links", PortfolioLink, _link, {"days": 2}),
    "build_portfolio_report": (
        "portfolio-reports",
        PortfolioReport,
        lambda world: {"customers": [world.home.slug]},
        {"language": "de"},
    ),
    "add_organization_report_schedule": (
        "report-schedules",
        OrganizationReportSchedule,
        _schedule,
        {"name": "Every customer"},
    ),
    "add_ticket_rule": ("ticket-rules", TicketRule, _rule, {"per": "finding"}),
    "add_ticket_system": (
        "ticket-systems",
        TicketSystem,
        lambda world: {
            "kind": "github",
            "name": "Issues",
            "address": "https://api.github.com",
            "project": "acme/security",
            "credentials": {"token": SECRET},
        },
        {"credentials": {"token": f"{SECRET}-other"}},
    ),
}


def organization_address(organization: Organization, path: str) -> str:
    return f"/api/v1/organizations/{organization.slug}/{path}"


def create(world: World, client: Client, path: str, body: Body, key: str = KEY) -> Any:
    return post(client, organization_address(world.organization, path), body, **{"Idempotency-Key": key})


def rows_of(organization: Organization, model: type[Model]) -> list[UUID]:
    with organization_scope(organization):
        return list(model._default_manager.filter(organization=organization).values_list("pk", flat=True))


@pytest.fixture
def administrator(api: Api) -> Client:
    return api("organization_administrator")


def test_every_creation_in_an_organization_takes_a_key() -> None:
    paths = json.loads(FILE.read_text(encoding="utf-8"))["paths"]
    taking = {
        operations["post"]["operationId"]
        for path, operations in paths.items()
        if path.startswith("/api/v1/organizations/")
        and "post" in operations
        and any(one["name"] == "Idempotency-Key" for one in operations["post"]["parameters"])
    }
    assert taking == {*CREATIONS, "add_managing_principal"}
    # An operation with the answer 201 creates something, so it documents 422 for a key that was used for another
    # request. The import of a scan needs no key: it refuses a second file with the same content.
    for operations in paths.values():
        found = operations.get("post", {})
        if "201" in found.get("responses", ()) and found["operationId"] != "import_scan":
            assert "422" in found["responses"], found["operationId"]


@pytest.mark.slow(seconds=1)
@for_each("name", CREATIONS)
def test_repeated_request_gets_what_the_first_one_created(
    world: World, administrator: Client, name: str
) -> None:
    path, model, body_of, other = CREATIONS[name]
    body = body_of(world)
    before = rows_of(world.organization, model)
    first = create(world, administrator, path, body)
    again = create(world, administrator, path, body)
    status = 202 if name == "build_portfolio_report" else 201
    assert (first.status_code, again.status_code) == (status, status), (first.content, again.content)
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["Location"] == first.headers["Location"]
    made = administrator.get(first.headers["Location"])
    assert made.status_code == 200
    assert made.json().items() <= again.json().items()
    assert len(rows_of(world.organization, model)) == len(before) + 1
    refused = create(world, administrator, path, body | other)
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused"), refused.content
    assert len(rows_of(world.organization, model)) == len(before) + 1


def test_address_of_a_link_is_in_the_first_answer_only_and_nowhere_stored(
    world: World, administrator: Client
) -> None:
    first = create(world, administrator, "portfolio-report-links", _link(world))
    again = create(world, administrator, "portfolio-report-links", _link(world))
    address = first.json()["address"]
    assert again.json() == first.json() | {"address": None}
    system = CREATIONS["add_ticket_system"][2](world)
    assert SECRET not in create(world, administrator, "ticket-systems", system).content.decode()
    with organization_scope(world.organization), connection.cursor() as cursor:
        cursor.execute("SELECT k::text FROM accounts_organizationidempotencykey k")
        stored = str(cursor.fetchall())
    assert "ticket_system" in stored
    for secret in (KEY, SECRET, address.rstrip("/").rpartition("/")[2], "internal audit"):
        assert secret not in stored


def test_sign_in_of_a_service_principal_is_requested_once(world: World, administrator: Client) -> None:
    body = {"directory_id": CLIENT_ID, "client_id": CLIENT_ID, "secret": SECRET}
    first = create(world, administrator, "managing-principals", body)
    again = create(world, administrator, "managing-principals", body)
    assert (first.status_code, again.status_code) == (202, 202), again.content
    assert (again.json(), again.headers["Location"]) == (first.json(), first.headers["Location"])
    assert again.headers["Idempotency-Replayed"] == "true"
    other = create(world, administrator, "managing-principals", body | {"secret": f"{SECRET}!"})
    assert other.status_code == 422
    another = create(world, administrator, "managing-principals", body, "another")
    assert another.json()["id"] != first.json()["id"]
    # Results of sign-ins are kept in the cache for an hour, but keys are valid for a day.
    cache.clear()
    late = create(world, administrator, "managing-principals", body)
    assert (late.status_code, late.json()["code"]) == (409, "result_not_kept")
    with organization_scope(world.organization):
        keys = list(OrganizationIdempotencyKey.objects.values())
    assert len(keys) == 2
    assert SECRET not in str(keys)


@pytest.mark.slow(seconds=1)
def test_key_counts_for_one_token_operation_and_organization(world: World, api: Api) -> None:
    client, body = api("organization_administrator"), _campaign(world)
    made = create(world, client, "campaigns", body).json()["id"]
    other = create(world, api("organization_administrator"), "campaigns", body)
    assert (other.status_code, "Idempotency-Replayed" in other.headers) == (201, False)
    assert other.json()["id"] != made
    baseline = create(world, client, "baselines", {"name": "Gold", "label": "gold"})
    assert (baseline.status_code, "Idempotency-Replayed" in baseline.headers) == (201, False)
    # A request for a customer may use the same key: keys of customers and organizations are separate. People of a
    # customer cannot see the organization's keys.
    address = f"/api/v1/customers/{world.home.slug}/reports"
    report = post(client, address, {}, **{"Idempotency-Key": KEY})
    assert (report.status_code, "Idempotency-Replayed" in report.headers) == (202, False)
    with person_scope(world.people["tenant_administrator"]):
        assert IdempotencyKey.objects.filter(operation="build_report").exists()
        assert not OrganizationIdempotencyKey.objects.exists()
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM accounts_organizationidempotencykey")
            assert cursor.fetchone() == (0,)


def test_another_organization_neither_gives_nor_takes_keys(world: World, administrator: Client) -> None:
    theirs = world.foreign.organization
    stranger = factories.member(Role.ORGANIZATION_ADMINISTRATOR, theirs)
    client = client_with(token_for(stranger, theirs))
    body = {"name": "Gold", "label": "gold"}
    made = create(world, administrator, "baselines", body)
    same = post(client, organization_address(theirs, "baselines"), body, **{"Idempotency-Key": KEY})
    assert (same.status_code, "Idempotency-Replayed" in same.headers) == (201, False), same.content
    assert same.json()["id"] != made.json()["id"]
    before = rows_of(world.organization, OrganizationIdempotencyKey)
    for path, _, body_of, _ in CREATIONS.values():
        refused = post(
            client, organization_address(world.organization, path), body_of(world), **{"Idempotency-Key": KEY}
        )
        assert refused.status_code == 404, path
    assert rows_of(world.organization, OrganizationIdempotencyKey) == before


def test_lost_right_refuses_a_repeated_request(world: World, api: Api) -> None:
    client, body = api("organization_engineer"), _campaign(world)
    assert create(world, client, "campaigns", body).status_code == 201
    with person_scope(world.people["organization_engineer"]):
        token = ApiToken.objects.latest("created_at")
        ApiToken.objects.filter(pk=token.pk).update(capabilities=["view", "view_all"])
    assert create(world, client, "campaigns", body).status_code == 403


def test_refused_request_does_not_use_up_its_key(world: World, administrator: Client) -> None:
    wrong = create(world, administrator, "campaigns", _campaign(world) | {"due_on": "2020-01-01"})
    assert wrong.status_code == 400
    assert create(world, administrator, "campaigns", _campaign(world)).status_code == 201


def test_deleted_object_is_not_created_again(world: World, administrator: Client) -> None:
    made = create(world, administrator, "ticket-rules", _rule(world))
    own = made.headers["Location"]
    assert post(administrator, f"{own}/delete", {}, made.headers["ETag"]).status_code == 204
    assert create(world, administrator, "ticket-rules", _rule(world)).status_code == 404
    assert create(world, administrator, "ticket-rules", _rule(world), "another").status_code == 201


def test_keys_count_for_a_day_and_are_deleted_then(world: World, administrator: Client) -> None:
    before = rows_of(world.organization, Campaign)
    for key in (KEY, "younger"):
        create(world, administrator, "campaigns", _campaign(world), key)

    def age() -> UUID:
        with organization_scope(world.organization):
            row = OrganizationIdempotencyKey.objects.get(key_hash=hash_token(KEY))
            row.created_at = timezone.now() - timedelta(hours=25)
            row.save()
        return row.pk

    old = age()
    create(world, administrator, "campaigns", _campaign(world))
    assert len(rows_of(world.organization, Campaign)) == len(before) + 3
    assert age() == old
    delete_idempotency_keys()
    (left,) = rows_of(world.organization, OrganizationIdempotencyKey)
    assert left != old


def test_second_request_does_not_wait_for_the_first(world: World, administrator: Client) -> None:
    with person_scope(world.people["organization_administrator"]):
        token = ApiToken.objects.latest("created_at")
    name = f"{world.organization.pk}:{token.pk}:start_campaign:{hash_token(KEY)}"
    with held_elsewhere(Lock.IDEMPOTENCY_KEY, name):
        refused = create(world, administrator, "campaigns", _campaign(world))
    assert (refused.status_code, refused.json()["code"]) == (409, "request_in_progress")
    assert create(world, administrator, "campaigns", _campaign(world)).status_code == 201

"""Programs schedule, send, link and revoke reports, and need the same rights as people on the pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from portal.distribution.actions.links import use_link
from portal.distribution.models import ReportDelivery, ReportLink, ReportRun, ReportSchedule
from portal.reports.records.register import standing
from tenants.errors import NotFound
from tenants.models import JournalEntry, OrganizationJournalEntry
from tenants.roles import CAPABILITIES, Capability, Role
from tenants.scope import organization_scope
from tests import factories
from tests.for_each import for_each
from tests.portal.api.changes import changed, post
from tests.portal.api.conftest import Api, client_with, token_for
from tests.portal.reports.deletions import HASH, delete_report
from tests.portal.retention.customers import Customer
from tests.portal.web.world import World

SEND = {Capability.REPORT, Capability.ADMINISTER}
CONFIRM = {Capability.MEMBERS, Capability.ADMINISTER}
REVOKE = {Capability.REVOKE_REPORTS}
LINK = {"report": 1, "recipient": "Contoso, internal audit", "days": 3}
WEEKLY: dict[str, Any] = {"name": "Weekly", "timetable": "weekly Mon 06:00"}


def customer_address(world: World, path: str) -> str:
    own = world.of(world.home)
    ids = {
        "schedule": own["report_schedule"].pk,
        "link": own["report_link"].pk,
        "delivery": own["report_delivery"].pk,
        "report": own["report"].number,
    }
    return f"/api/v1/customers/{world.home.slug}/{path.format(**ids)}"


@pytest.fixture
def administrator(api: Api) -> Client:
    return api("organization_administrator")


# The address of each operation, the rights that it needs, a body, and the status without If-Match.
OPERATIONS: dict[str, tuple[str, set[Capability], dict[str, Any], int]] = {
    "add_report_schedule": ("report-schedules", SEND, WEEKLY, 400),
    "change_report_schedule": ("report-schedules/{schedule}", SEND, {"name": "Other"}, 428),
    "pause_report_schedule": ("report-schedules/{schedule}/pause", SEND, {}, 428),
    "resume_report_schedule": ("report-schedules/{schedule}/resume", SEND, {}, 428),
    "confirm_report_addresses": ("report-schedules/{schedule}/confirm", CONFIRM, {}, 428),
    "remove_report_schedule": ("report-schedules/{schedule}/remove", SEND, {}, 428),
    "make_report_link": ("report-links", SEND, LINK | {"report": 9999}, 400),
    "revoke_report": ("reports/{report}/revoke", REVOKE, {"reason": "Incomplete"}, 428),
    "revoke_deleted_report": (
        "deleted-reports/revoke",
        REVOKE,
        {"reason": "Incomplete", "sha256": "0" * 64},
        400,
    ),
}


@pytest.mark.slow(seconds=2)
@for_each("name", OPERATIONS)
def test_operations_need_their_rights(world: World, api: Api, name: str) -> None:
    path, needed, body, expected = OPERATIONS[name]
    for role in Role:
        answer = post(api(str(role)), customer_address(world, path), body)
        assert answer.status_code == (expected if needed <= CAPABILITIES[role] else 403), (
            role,
            answer.content,
        )
    for right in needed:
        others = [one for one in ("view", "report", "read_reports", "members", "administer") if one != right]
        limited = api("organization_administrator", capabilities=others)
        assert post(limited, customer_address(world, path), body).status_code == 403, right
    foreign = customer_address(world, path).replace(world.home.slug, world.foreign.slug)
    assert post(api("organization_administrator"), foreign, body, '"0"').status_code == 404


@pytest.mark.slow(seconds=1)
def test_schedule_is_added_changed_paused_run_and_removed(world: World, api: Api) -> None:
    engineer = api("organization_engineer")
    auditor = world.people["auditor"].email
    body = WEEKLY | {"people": [auditor], "addresses": ["Audit@contoso.example"]}
    made = post(engineer, customer_address(world, "report-schedules"), body, **{"Idempotency-Key": "k"})
    assert made.status_code == 201, made.content
    again = post(engineer, customer_address(world, "report-schedules"), body, **{"Idempotency-Key": "k"})
    assert again.json() == made.json()
    own = made.headers["Location"]
    # An engineer may not confirm addresses of people without an account.
    assert made.json()["addresses"] == [{"address": "audit@contoso.example", "is_confirmed": False}]
    assert [one["email"] for one in made.json()["people"]] == [auditor]
    confirmed = changed(api("organization_administrator"), f"{own}/confirm", read=own)
    assert confirmed.json()["addresses"][0]["is_confirmed"] is True
    # A confirmation is for one kind of report, so the address must be confirmed again.
    other = changed(engineer, own, {"kind": "framework"})
    assert other.json()["addresses"][0]["is_confirmed"] is False
    assert (other.json()["timetable"], other.json()["when"]) == (
        made.json()["timetable"],
        made.json()["when"],
    )
    assert changed(engineer, f"{own}/pause", read=own).json()["is_enabled"] is False
    assert post(engineer, f"{own}/run").json()["code"] == "paused"
    assert changed(engineer, f"{own}/resume", read=own).json()["is_enabled"] is True
    run = post(engineer, f"{own}/run")
    assert run.json()["last_run"]["state"] == "waiting", run.content
    with factories.in_tenant(world.home):
        assert ReportRun.objects.filter(schedule=made.json()["id"]).count() == 1
        entry = JournalEntry.objects.filter(action="report_schedule.added").latest("sequence")
    assert entry.details["api_token"].startswith("surety_pat_")
    foreign = world.of(world.foreign)["account"].email
    for wrong, field in (
        ({"people": [foreign]}, "people"),
        ({"people": [], "addresses": []}, "people"),
        ({"timetable": "sometimes"}, "timetable"),
        ({"addresses": ["x"]}, "addresses.0"),
    ):
        refused = changed(engineer, own, wrong)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, field), refused.content
    assert changed(engineer, f"{own}/remove", read=own).status_code == 204
    assert engineer.get(own).status_code == 404


@pytest.mark.slow(seconds=1)
def test_schedule_of_the_organization_is_changed_only_there(world: World, administrator: Client) -> None:
    address = f"/api/v1/organizations/{world.organization.slug}/report-schedules"
    body = WEEKLY | {"addresses": ["group@contoso.example"], "people": [world.people["auditor"].email]}
    made = post(administrator, address, body)
    assert made.status_code == 201, made.content
    assert world.home.slug in made.json()["customers"]
    with factories.in_tenant(world.home):
        copy = ReportSchedule.objects.get(origin=made.json()["id"])
    own = customer_address(world, f"report-schedules/{copy.pk}")
    shown = administrator.get(own)
    assert (shown.json()["is_of_organization"], shown.json()["addresses"]) == (True, [])
    refused = changed(administrator, own, {"name": "Other"})
    assert (refused.status_code, refused.json()["code"]) == (409, "schedule_of_organization")
    theirs = made.headers["Location"]
    labelled = changed(administrator, theirs, {"label": "no customer has this label"})
    assert (labelled.json()["customers"], administrator.get(own).status_code) == ([], 404)
    assert changed(administrator, f"{theirs}/confirm", read=theirs).status_code == 200
    assert changed(administrator, f"{theirs}/pause", read=theirs).json()["is_enabled"] is False
    assert changed(administrator, f"{theirs}/resume", read=theirs).json()["is_enabled"] is True
    assert post(administrator, f"{theirs}/run").json()["code"] == "not_portfolio"
    monthly = {"kind": "portfolio", "timetable": "monthly 1 06:00", "label": ""}
    director = world.people["organization_engineer"].email
    assert changed(administrator, theirs, monthly).status_code == 400, "auditors read no portfolio reports"
    now = changed(administrator, theirs, monthly | {"people": [director]})
    assert now.json()["kind"] == "portfolio", now.content
    assert post(administrator, f"{theirs}/run").json()["last_run"]["state"] == "waiting"
    assert changed(administrator, f"{theirs}/remove", read=theirs).status_code == 204
    assert administrator.get(theirs).status_code == 404


def test_link_works_until_it_is_revoked(world: World, administrator: Client) -> None:
    body = LINK | {"report": world.of(world.home)["report"].number}
    made = post(administrator, customer_address(world, "report-links"), body, **{"Idempotency-Key": "k"})
    assert made.status_code == 201, made.content
    token = made.json()["address"].rstrip("/").rpartition("/")[2]
    again = post(administrator, customer_address(world, "report-links"), body, **{"Idempotency-Key": "k"})
    assert again.json() == made.json() | {"address": None}
    own = made.headers["Location"]
    assert "address" not in administrator.get(own).json()
    assert made.headers["ETag"] == administrator.get(own).headers["ETag"]
    assert use_link(token, "192.0.2.1").content
    assert administrator.get(own).json()["uses"] == 1
    assert Client().get(reverse("report-link", args=[token])).status_code == 200
    revoked = post(administrator, f"{own}/revoke")
    assert revoked.json()["revoked_at"] is not None
    with pytest.raises(NotFound):
        use_link(token, "192.0.2.1")
    with factories.in_tenant(world.home):
        row = ReportLink.objects.get(pk=made.json()["id"])
    assert row.token_hash not in made.content.decode()
    for wrong, field in (
        ({"days": 9999}, "days"),
        ({"report": 9999}, "report"),
        ({"recipient": " "}, "recipient"),
    ):
        refused = post(administrator, customer_address(world, "report-links"), body | wrong)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, field), refused.content
    foreign = customer_address(world, f"report-links/{world.foreign_id}/revoke")
    assert post(administrator, foreign).status_code == 404


def test_report_is_sent_again(world: World, administrator: Client) -> None:
    own = customer_address(world, "report-deliveries/{delivery}")
    assert administrator.get(own).json()["error"] == "550 no such user"
    sent = post(administrator, f"{own}/send-again")
    assert (sent.json()["state"], sent.json()["error"]) == ("waiting", "")
    assert post(administrator, f"{own}/send-again").status_code == 409
    with factories.in_tenant(world.home):
        assert ReportDelivery.objects.get(pk=world.of(world.home)["report_delivery"].pk).series == 1
    limited = customer_address(world, f"report-deliveries/{world.foreign_id}/send-again")
    assert post(administrator, limited).status_code == 404


def test_report_is_revoked_for_good(world: World, administrator: Client) -> None:
    report = world.of(world.home)["report"]
    own = customer_address(world, "reports/{report}")
    assert administrator.get(own).json()["revoked_at"] is None
    named = changed(administrator, f"{own}/revoke", {"reason": f"Wrong for {world.home.name}"}, own)
    assert (named.status_code, named.json()["errors"][0]["field"]) == (400, "reason")
    revoked = changed(administrator, f"{own}/revoke", {"reason": "Incomplete"}, own)
    assert (revoked.status_code, revoked.json()["revoked_because"]) == (200, "Incomplete")
    assert standing(report.pk).reason == "Incomplete"
    again = changed(administrator, f"{own}/revoke", {"reason": "Twice"}, own)
    assert (again.status_code, again.json()["code"]) == (409, "cannot_revoke")


def test_deleted_report_is_revoked_by_its_hash(db: None) -> None:
    customer = Customer()
    delete_report(customer)
    person = factories.member(Role.ORGANIZATION_ADMINISTRATOR, customer.tenant.organization)
    client = client_with(token_for(person, customer.tenant.organization))
    address = f"/api/v1/customers/{customer.tenant.slug}/deleted-reports"
    (listed,) = client.get(address).json()["items"]
    assert (listed["number"], listed["sha256"], listed["revoked_at"]) == (1, HASH, None)
    for wrong in ("0" * 64, "abc"):
        refused = post(client, f"{address}/revoke", {"sha256": wrong, "reason": "Incomplete"})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "sha256")
    revoked = post(client, f"{address}/revoke", {"sha256": HASH, "reason": "Incomplete"})
    assert (revoked.json()["number"], revoked.json()["revoked_because"]) == (1, "Incomplete")
    again = post(client, f"{address}/revoke", {"sha256": HASH, "reason": "Twice"})
    assert (again.status_code, again.json()["code"]) == (409, "cannot_revoke")


def test_settings_of_reports_are_changed(world: World, api: Api) -> None:
    client = api("organization_engineer")
    address = f"/api/v1/organizations/{world.organization.slug}/report-settings"
    before = client.get(address)
    now = changed(client, address, {"link_days": 0})
    assert now.json() == before.json() | {"link_days": 0}
    refused = post(
        client,
        customer_address(world, "report-links"),
        LINK | {"report": world.of(world.home)["report"].number},
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "links_off")
    assert post(client, address, {"paper": "letter"}, before.headers["ETag"]).status_code == 412
    assert post(client, address, {"paper": "letter"}).status_code == 428
    assert changed(client, address, {"link_days": 9999}).status_code == 400
    assert api("tenant_administrator").get(address).status_code == 403


def test_report_is_built_with_all_choices_of_the_page(world: World, administrator: Client) -> None:
    body = {"kind": "executive", "classification": "Public", "supersedes": 1}
    made = post(administrator, customer_address(world, "reports"), body)
    assert (made.status_code, made.json()["errors"][0]["field"]) == (400, "supersedes"), made.content
    changes = post(administrator, customer_address(world, "reports"), {"kind": "changes", "compare_with": 2})
    assert (changes.status_code, changes.json()["errors"][0]["field"]) == (400, "compare_with")
    good = post(administrator, customer_address(world, "reports"), {"kind": "changes", "compare_with": 1})
    assert good.status_code == 202, good.content
    future = post(
        administrator, customer_address(world, "reports"), {"kind": "period", "period_last": "2099-01-01"}
    )
    assert (future.status_code, future.json()["errors"][0]["field"]) == (400, "period_last")


@pytest.mark.slow(seconds=1)
def test_portfolio_report_is_built_cancelled_and_revoked(world: World, api: Api) -> None:
    administrator = api("organization_administrator")
    base = f"/api/v1/organizations/{world.organization.slug}/portfolio-reports"
    made = post(administrator, base, {"customers": [world.home.slug], "language": "de"})
    assert (made.status_code, made.json()["customers"]) == (202, [world.home.slug]), made.content
    own = made.headers["Location"]
    assert administrator.get(f"{own}/file").status_code == 404
    assert post(administrator, f"{own}/cancel").json()["state"] == "cancelled"
    for wrong, field in (
        ({"customers": [world.foreign.slug]}, "customers"),
        ({"label": "none"}, "label"),
        ({"supersedes": 9999}, "supersedes"),
    ):
        refused = post(administrator, base, wrong)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, field), refused.content
    ready = f"{base}/{world.of(world.home)['portfolio_report'].pk}"
    assert administrator.get(f"{ready}/file").content.startswith(b"%PDF-")
    with organization_scope(world.organization):
        entry = OrganizationJournalEntry.objects.get(action="file.downloaded")
    assert entry.details["api_token"].startswith("surety_pat_")
    engineer = api("organization_engineer")
    assert changed(engineer, f"{ready}/revoke", {"reason": "Incomplete"}, ready).status_code == 403
    assert post(administrator, f"{ready}/revoke", {"reason": "Incomplete"}).status_code == 428
    revoked = changed(administrator, f"{ready}/revoke", {"reason": "Incomplete"}, ready)
    assert revoked.json()["revoked_because"] == "Incomplete"
    for role in Role:
        answer = post(api(str(role)), base, {"label": "none"})
        allowed = role in (Role.ORGANIZATION_ADMINISTRATOR, Role.ORGANIZATION_ENGINEER)
        assert answer.status_code == (400 if allowed else 403), role


@pytest.mark.slow(seconds=1)
def test_portfolio_report_is_sent_and_linked(world: World, api: Api) -> None:
    administrator = api("organization_administrator")
    base = f"/api/v1/organizations/{world.organization.slug}"
    own = world.of(world.home)
    body = LINK | {"report": own["portfolio_report"].number}
    made = post(administrator, f"{base}/portfolio-report-links", body)
    assert made.status_code == 201, made.content
    token = made.json()["address"].rstrip("/").rpartition("/")[2]
    assert use_link(token, "192.0.2.1").content
    assert post(administrator, f"{made.headers['Location']}/revoke").json()["revoked_at"] is not None
    with pytest.raises(NotFound):
        use_link(token, "192.0.2.1")
    delivery = f"{base}/portfolio-report-deliveries/{own['portfolio_delivery'].pk}"
    assert post(administrator, f"{delivery}/send-again").json()["state"] == "waiting"
    for path in (
        "portfolio-report-links",
        "portfolio-report-deliveries",
        "portfolio-reports",
        "report-schedules",
    ):
        for item in administrator.get(f"{base}/{path}").json()["items"]:
            assert administrator.get(f"{base}/{path}/{item['id']}").json() == item
    limited = api("organization_administrator", capabilities=["report", "read_reports"])
    assert post(limited, f"{base}/portfolio-report-links", body).status_code == 403
    assert post(limited, f"{delivery}/send-again").status_code == 403
    for path in ("portfolio-report-links", "portfolio-report-deliveries", "portfolio-reports"):
        foreign = f"{base}/{path}/{world.foreign_id}"
        assert administrator.get(foreign).status_code == 404
        action = "send-again" if path.endswith("deliveries") else "revoke"
        reason = {"reason": "Incomplete"} if path == "portfolio-reports" else {}
        assert post(administrator, f"{foreign}/{action}", reason, '"0"').status_code == 404

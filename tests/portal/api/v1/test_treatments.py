"""Programs treat findings and exceptions in the same way as the pages. A change names the version of the object that
the program has read.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from assessments.models import Finding
from portal.accounts.models.api_token import SHOWN_CHARACTERS
from portal.treatment.models import FindingException, Treatment
from tenants.models import JournalEntry
from tenants.roles import CAPABILITIES, Capability, Role
from tests import factories
from tests.for_each import for_each
from tests.portal.api.changes import post
from tests.portal.api.conftest import Api, client_with, token_for
from tests.portal.api.v1.treatment_requests import actions_of, customer_address, read_and_change
from tests.portal.web.world import World

# The address of each change below a customer, with the right that it needs and a valid body.
CHANGES: dict[str, tuple[str, Capability, dict[str, Any] | None]] = {
    "acknowledge": ("findings/{finding}/acknowledge", Capability.TREAT, {}),
    "withdraw_acknowledgement": ("findings/{finding}/withdraw-acknowledgement", Capability.TREAT, None),
    "assign": ("findings/{finding}/assign", Capability.ASSIGN, {"email": None}),
    "approve": ("exceptions/1/approve", Capability.APPROVE, {}),
    "refuse": ("exceptions/1/refuse", Capability.APPROVE, {"note": "Not at all acceptable."}),
    "revoke": ("exceptions/1/revoke", Capability.APPROVE, {"note": "No longer needed now."}),
    "withdraw": ("exceptions/1/withdraw", Capability.TREAT, None),
    "answer": (
        "attestations/{manual}/answer",
        Capability.ATTEST,
        {"met": True, "statement": "All of them.", "valid_until": "2099-01-01T00:00:00Z"},
    ),
    "withdraw_answer": ("attestations/{manual}/withdraw-answer", Capability.ATTEST, None),
    "delete_comment": ("comments/{comment}/delete", Capability.TREAT, None),
    "review_change": ("changes/{change}/review", Capability.TREAT, {"decision": "rolled_back"}),
    "approve_configuration": (
        "resources/{resource}/approve",
        Capability.ADMINISTER,
        {"reason": "As agreed."},
    ),
    "withdraw_configuration_approval": (
        "resources/{resource}/withdraw-approval",
        Capability.ADMINISTER,
        None,
    ),
}


@pytest.mark.slow(seconds=3)
@for_each("name", CHANGES)
def test_changes_need_their_right_and_what_was_read(world: World, api: Api, name: str) -> None:
    path, needed, body = CHANGES[name]
    with factories.in_tenant(world.home):
        for row in (world.of(world.home)["finding"], world.of(world.home)["manual"]):
            Treatment.objects.update_or_create(
                tenant=world.home,
                finding=row,
                defaults={"owner": world.people["owner"], "owned_at": timezone.now(), "owner_source": "hand"},
            )
    for role in Role:
        answer = post(api(str(role)), customer_address(world, path), body)
        expected = 428 if needed in CAPABILITIES[role] else 403
        assert answer.status_code == expected, (role, answer.content)
        assert answer.headers["Content-Type"] == "application/problem+json"
    # A person can have at most 50 tokens, so the following requests use the same token.
    client = api(str(next(role for role in Role if needed in CAPABILITIES[role])))
    stale = post(client, customer_address(world, path), body, '"0", W/"1"')
    assert (stale.status_code, stale.json()["code"]) == (412, "changed_meanwhile")
    unseen = post(client, customer_address(world, path), body, "*")
    assert (unseen.status_code, unseen.json()["code"]) == (428, "precondition_required")
    foreign = post(client, customer_address(world, path, world.foreign), body, '"0"')
    assert foreign.status_code == 404
    if "{" in path:
        theirs = re.sub(r"{\w+}", str(world.foreign_id), path)
        assert post(client, customer_address(world, theirs), body, '"0"').status_code == 404


@pytest.mark.slow(seconds=1)
def test_finding_is_acknowledged_with_a_plan_and_open_again(world: World, api: Api) -> None:
    client, day = api(), timezone.now().date() + timedelta(days=20)
    path = customer_address(world, "findings/{finding}/acknowledge")
    found = read_and_change(client, path, {"plan": "Move the site.", "planned_for": day.isoformat()})
    assert found.status_code == 200, found.content
    assert found.json()["acknowledged_by"] == "engineer@example.com"
    assert (found.json()["plan"], found.json()["planned_for"]) == ("Move the site.", day.isoformat())
    assert found.headers["ETag"] == client.get(path.rpartition("/")[0]).headers["ETag"]
    assert actions_of(world.home)[0] == "finding.acknowledged"
    assert (
        read_and_change(
            client, customer_address(world, "findings/{finding}/withdraw-acknowledgement")
        ).json()["acknowledged_by"]
        is None
    )
    again = read_and_change(client, customer_address(world, "findings/{finding}/withdraw-acknowledgement"))
    assert (again.status_code, again.json()["code"]) == (409, "wrong_state")
    past = read_and_change(client, path, {"planned_for": "2020-01-01"})
    assert (past.status_code, past.json()["errors"][0]["field"]) == (400, "planned_for")


def test_finding_that_changed_meanwhile_is_left_as_it_is(world: World, api: Api) -> None:
    client, path = api(), customer_address(world, "findings/{finding}/acknowledge")
    etag = client.get(path.rpartition("/")[0]).headers["ETag"]
    assert post(api("organization_administrator"), path, {}, etag).status_code == 200
    refused = post(client, path, {"plan": "Mine."}, etag)
    assert (refused.status_code, refused.json()["code"]) == (412, "changed_meanwhile")
    assert client.get(path.rpartition("/")[0]).json()["plan"] != "Mine."


@pytest.mark.slow(seconds=1)
def test_finding_is_assigned_to_eligible_people_only(world: World, api: Api) -> None:
    client, path = api(), customer_address(world, "findings/{finding}/assign")
    assert read_and_change(client, path, {"email": "Owner@example.com"}).json()["owner_email"] == (
        "owner@example.com"
    )
    messages = set()
    stranger = factories.member(Role.OWNER, world.foreign, factories.person("stranger@example.com"))
    for email in (stranger.email, "nobody@example.com", "auditor@example.com"):
        refused = read_and_change(client, path, {"email": email})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "email")
        messages.add(refused.json()["detail"])
    # The answer does not tell which addresses have an account.
    assert len(messages) == 1
    assert read_and_change(client, path, {"email": None}).json()["owner"] is None
    assert read_and_change(client, path, {"name": "x"}).status_code == 400


def request_body(world: World, **more: Any) -> dict[str, Any]:
    return {
        "findings": [str(world.of(world.home)["owned"].pk)],
        "reason": "Needed by the public site.",
        "ends_at": (timezone.now() + timedelta(days=30)).isoformat(),
    } | more


@pytest.mark.slow(seconds=1)
def test_exception_is_requested_by_one_and_approved_by_another(world: World, api: Api) -> None:
    client, approver = api(), api("approver")
    asked = client.post(
        customer_address(world, "exceptions"), request_body(world), content_type="application/json"
    )
    assert asked.status_code == 201, asked.content
    number = asked.json()["number"]
    assert asked.headers["Location"] == customer_address(world, f"exceptions/{number}")
    assert (asked.json()["state"], asked.json()["findings"]) == ("requested", 1)
    path = customer_address(world, f"exceptions/{number}/approve")
    assert read_and_change(client, path).status_code == 403
    critical = world.of(world.home)["owned"].severity == "critical"
    approved = read_and_change(approver, path, {"note": "Looked at it." if critical else ""})
    assert (approved.status_code, approved.json()["state"]) == (200, "active"), approved.content
    assert approved.json()["decided_by"]["email"] == "approver@example.com"
    assert (
        client.get(customer_address(world, "findings/{owned}")).json()["exception"] == f"Exception {number}"
    )
    again = read_and_change(approver, path)
    assert (again.status_code, again.json()["code"]) == (409, "wrong_state")
    revoked = read_and_change(
        approver, customer_address(world, f"exceptions/{number}/revoke"), {"note": "No longer needed now."}
    )
    assert (revoked.json()["state"], revoked.json()["end_note"]) == ("revoked", "No longer needed now.")


def test_journal_names_the_token_of_a_decision(world: World) -> None:
    text = token_for(world.people["approver"], world.organization)
    note = {"note": "Not at all acceptable."}
    assert (
        read_and_change(client_with(text), customer_address(world, "exceptions/1/refuse"), note).status_code
        == 200
    )
    with factories.in_tenant(world.home):
        entry = JournalEntry.objects.get(action="exception.refused", target__contains="Exception 1")
    assert entry.details["api_token"] == text[:SHOWN_CHARACTERS]
    assert text not in str(entry.details)


def test_nobody_approves_own_request_with_any_token(world: World, api: Api) -> None:
    approver = world.people["approver"]
    factories.member(Role.TENANT_ADMINISTRATOR, world.home, approver)
    client = api("approver")
    asked = client.post(
        customer_address(world, "exceptions"), request_body(world), content_type="application/json"
    )
    number = asked.json()["number"]
    for action, body in (("approve", {}), ("refuse", {"note": "Not at all acceptable."})):
        refused = read_and_change(client, customer_address(world, f"exceptions/{number}/{action}"), body)
        assert (refused.status_code, refused.json()["code"]) == (403, "own_request")
    with factories.in_tenant(world.home):
        assert FindingException.objects.get(number=number).state == "requested"


def test_approver_must_have_seen_the_findings_as_they_are(world: World, api: Api) -> None:
    approver, path = api("approver"), customer_address(world, "exceptions/1/approve")
    etag = approver.get(path.rpartition("/")[0]).headers["ETag"]
    with factories.in_tenant(world.home):
        Finding.objects.filter(pk=world.of(world.home)["finding"].pk).update(
            observed={"allowBlobPublicAccess": "other"}, observed_sha256="2" * 64
        )
    refused = post(approver, path, {"note": "Looked at it."}, etag)
    assert refused.status_code == 412
    assert approver.get(path.rpartition("/")[0]).json()["state"] == "requested"


def test_request_is_withdrawn_by_its_person_only(world: World, api: Api) -> None:
    path = customer_address(world, "exceptions/1/withdraw")
    other = read_and_change(api("organization_administrator"), path)
    assert (other.status_code, other.json()["code"]) == (403, "permission_denied")
    assert read_and_change(api(), path).json()["state"] == "withdrawn"


@pytest.mark.parametrize("role", ["organization_engineer", "owner"])
def test_exceptions_are_requested_for_visible_findings_only(world: World, api: Api, role: str) -> None:
    client, own = api(role), world.of(world.home)
    for findings in ([str(world.foreign_id)], [str(own["owned"].pk), str(world.foreign_id)]):
        refused = client.post(
            customer_address(world, "exceptions"),
            request_body(world, findings=findings),
            content_type="application/json",
        )
        assert refused.status_code == 404, refused.content
    by_rule = request_body(world, rule={"section": "storage"})
    del by_rule["findings"]
    answer = client.post(customer_address(world, "exceptions"), by_rule, content_type="application/json")
    # Owners may not request an exception by rule, because a rule could cover findings that an owner does not see.
    assert answer.status_code == (403 if role == "owner" else 201), answer.content


@pytest.mark.slow(seconds=1)
@for_each(
    ("change", "field"),
    [
        ({"findings": []}, "findings"),
        ({"findings": None, "rule": None}, "findings"),
        ({"rule": {"section": "storage"}}, "findings"),
        ({"findings": ["x"]}, "findings.0"),
        ({"reason": "Short"}, "reason"),
        ({"ends_at": "2001-01-01T00:00:00Z"}, "ends_at"),
        ({"ends_at": "2999-01-01T00:00:00Z"}, "ends_at"),
        ({"ends_at": "9999-12-31T23:59:59-23:59"}, "ends_at"),
        ({"unknown": 1}, "unknown"),
        ({"findings": None, "rule": {"unknown": "x"}}, "rule"),
        ({"findings": None, "rule": {"severity": "x"}}, "severity"),
        ({"findings": None, "rule": {"section": "storage"}, "maximum": 2**31}, "maximum"),
    ],
)
def test_invalid_requests_name_the_field(world: World, api: Api, change: dict[str, Any], field: str) -> None:
    body = {name: value for name, value in request_body(world, **change).items() if value is not None}
    refused = api().post(customer_address(world, "exceptions"), body, content_type="application/json")
    assert refused.status_code == 400, refused.content
    assert refused.json()["errors"][0]["field"] == field, refused.content


@pytest.mark.slow(seconds=1)
def test_manual_control_is_answered_and_the_answer_withdrawn(world: World, api: Api) -> None:
    client, path = api(), customer_address(world, "attestations/{manual}/answer")
    until = (timezone.now() + timedelta(days=100)).isoformat()
    body = {"met": False, "statement": "Two policies are missing.", "valid_until": until}
    answered = read_and_change(client, path, body)
    assert (answered.status_code, answered.json()["standing"]) == (200, "not_met"), answered.content
    assert answered.json()["answer"]["statement"] == "Two policies are missing."
    assert answered.json()["answer"]["attested_by"]["email"] == "engineer@example.com"
    before = read_and_change(client, customer_address(world, "attestations/{manual}/withdraw-answer")).json()
    assert (before["standing"], before["answer"]["met"]) == ("valid", True)
    assert (
        read_and_change(client, customer_address(world, "attestations/{manual}/withdraw-answer")).json()[
            "answer"
        ]
        is None
    )
    none = read_and_change(client, customer_address(world, "attestations/{manual}/withdraw-answer"))
    assert (none.status_code, none.json()["code"]) == (409, "wrong_state")
    assert read_and_change(client, path, body | {"valid_until": "2001-01-01T00:00:00Z"}).status_code == 400


def test_answer_must_be_about_what_was_read(world: World, api: Api) -> None:
    client, path = api(), customer_address(world, "attestations/{manual}/answer")
    etag = client.get(path.rpartition("/")[0]).headers["ETag"]
    with factories.in_tenant(world.home):
        Finding.objects.filter(pk=world.of(world.home)["manual"].pk).update(observed_sha256="2" * 64)
    body = CHANGES["answer"][2]
    assert post(client, path, body, etag).status_code == 412

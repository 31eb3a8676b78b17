"""Programs comment, review changes, approve configurations, check findings, retry assessments and cancel reports."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from assessments.actions import check_finding
from assessments.models import Assessment, Unit
from portal.changes.models import ResourceChange
from portal.notify.models import Notice
from portal.treatment.actions.owners.assign import assign
from tenants.scope import person_scope
from tests import factories
from tests.portal.api.changes import post
from tests.portal.api.conftest import Api
from tests.portal.api.v1.treatment_requests import actions_of, customer_address, read_and_change
from tests.portal.web.world import World


@pytest.mark.slow(seconds=1)
def test_finding_is_commented_and_only_the_author_changes_the_comment(world: World, api: Api) -> None:
    client, finding = api(), world.of(world.home)["owned"]
    with person_scope(world.people["organization_engineer"]):
        assign(
            tenant=world.home,
            findings=type(finding).objects.filter(pk=finding.pk),
            owner=world.people["owner"],
            by=world.people["organization_engineer"],
        )
    path, body = (
        customer_address(world, "comments"),
        {"finding": str(finding.pk), "body": "Needed until @owner@example.com moves."},
    )
    headers = {"Idempotency-Key": "comment-1"}
    added = client.post(path, body, content_type="application/json", headers=headers)
    assert (added.status_code, added.json()["author"]["email"]) == (201, "engineer@example.com"), (
        added.content
    )
    again = client.post(path, body, content_type="application/json", headers=headers)
    assert (again.json()["id"], again.headers["Idempotency-Replayed"]) == (added.json()["id"], "true")
    listed = client.get(f"{path}?finding={finding.pk}").json()["items"]
    assert [one["body"] for one in listed] == [body["body"]]
    with factories.in_tenant(world.home):
        assert Notice.objects.filter(person=world.people["owner"], kind="mentioned").count() == 1
    # Owners see only the comments on their own findings.
    assert [one["id"] for one in api("owner").get(path).json()["items"]] == [added.json()["id"]]
    one = customer_address(world, f"comments/{added.json()['id']}")
    etag = client.get(one).headers["ETag"]
    other = post(api("organization_administrator"), one, {"body": "Mine"}, etag)
    assert (other.status_code, other.json()["code"]) == (403, "not_yours")
    edited = post(client, one, {"body": "Needed until January."}, etag)
    assert (edited.status_code, edited.json()["body"]) == (200, "Needed until January.")
    assert post(client, one, {"body": "Later"}, etag).status_code == 412
    deleted = read_and_change(client, f"{one}/delete")
    assert (deleted.status_code, deleted.json()["body"]) == (200, "")
    assert read_and_change(client, f"{one}/delete").status_code == 409
    assert actions_of(world.home)[0] == "comment.deleted"


@pytest.mark.parametrize(
    "body", [{"finding": None}, {"body": ""}, {"body": "Hello @nobody@example.com"}, {"x": 1}]
)
def test_invalid_comments_are_refused(world: World, api: Api, body: dict[str, object]) -> None:
    given = {"finding": str(world.of(world.home)["finding"].pk), "body": "Hello"} | body
    refused = api().post(customer_address(world, "comments"), given, content_type="application/json")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, next(iter(body)))


@pytest.mark.slow(seconds=1)
def test_exception_is_commented_by_people_who_request_or_decide(world: World, api: Api) -> None:
    path = customer_address(world, "exception-comments")
    body = {"exception": 1, "body": "Which machines does this cover?"}
    for role, status in (("approver", 201), ("auditor", 403)):
        answer = api(role).post(path, body, content_type="application/json")
        assert answer.status_code == status, answer.content
    approver = api("approver")
    added = approver.get(f"{path}?exception=1").json()["items"][-1]
    assert (added["body"], added["exception"]) == (body["body"], 1)
    assert approver.get(f"{path}?exception=2").json()["items"] == []
    for number in ("x", "2147483648", "1" * 5000):
        assert approver.get(f"{path}?exception={number}").status_code == 400
    missing = approver.post(path, {"exception": 99, "body": "Hello"}, content_type="application/json")
    assert missing.status_code == 404
    deleting = customer_address(world, f"exception-comments/{added['id']}/delete")
    etag = approver.get(deleting.rpartition("/")[0]).headers["ETag"]
    assert post(api(), deleting, None, etag).json()["code"] == "not_yours"
    assert post(approver, deleting, None, etag).json()["deleted_at"]


@pytest.mark.slow(seconds=1)
def test_change_is_reviewed_once_it_was_caught(world: World, api: Api) -> None:
    client, path = api(), customer_address(world, "changes/{change}/review")
    with factories.in_tenant(world.home):
        ResourceChange.objects.filter(pk=world.of(world.home)["change"].pk).update(
            state="", severity="", rules=[]
        )
    refused = read_and_change(client, path, {"decision": "expected", "reason": "Part of the move"})
    assert refused.status_code == 409, refused.content
    with factories.in_tenant(world.home):
        ResourceChange.objects.filter(pk=world.of(world.home)["change"].pk).update(
            state="open", rules=["Machines at night"], severity="low"
        )
    for body, field in (
        ({"decision": "perhaps"}, "decision"),
        ({"decision": "expected", "reason": ""}, "reason"),
        ({"decision": "unexpected", "reason": "Not at all planned"}, "owner"),
        ({"decision": "expected", "reason": "Planned", "due_at": "2099-01-01T00:00:00Z"}, "due_at"),
        (
            {
                "decision": "unexpected",
                "reason": "x",
                "owner": "nobody@example.com",
                "due_at": "2099-01-01T00:00:00Z",
            },
            "owner",
        ),
    ):
        refused = read_and_change(client, path, body)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, field), refused.content
    due = (timezone.now() + timedelta(days=7)).isoformat()
    body = {"decision": "unexpected", "reason": "Not planned", "owner": "owner@example.com", "due_at": due}
    found = read_and_change(client, path, body)
    assert (found.status_code, found.json()["review"]) == (200, "unexpected"), found.content
    assert found.json()["owner"]["email"] == "owner@example.com"
    expected = read_and_change(
        client, path, {"decision": "expected", "reason": "Planned after all", "ticket": "CHG-1042"}
    )
    assert (expected.json()["review"], expected.json()["ticket"]) == ("expected", "CHG-1042"), (
        expected.content
    )
    assert actions_of(world.home)[0] == "change.expected"
    undone = read_and_change(client, path, {"decision": "rolled_back", "ticket": "CHG-1043"})
    assert (undone.json()["review"], undone.json()["ticket"]) == ("rolled_back", "CHG-1043"), undone.content


@pytest.mark.slow(seconds=1)
def test_configuration_is_approved_and_the_approval_withdrawn(world: World, api: Api) -> None:
    client, path = api(), customer_address(world, "resources/{resource}/approve")
    withdrawing = customer_address(world, "resources/{resource}/withdraw-approval")
    assert read_and_change(client, withdrawing).status_code == 409
    approved = read_and_change(client, path, {"reason": "As agreed with the customer"})
    assert approved.status_code == 200, approved.content
    assert approved.json()["approved_configuration"]["reason"] == "As agreed with the customer"
    assert approved.json()["approved_configuration"]["approved_by"]["email"] == "engineer@example.com"
    assert read_and_change(client, withdrawing).json()["approved_configuration"] is None
    assert actions_of(world.home)[0] == "approved_configuration.withdrawn"
    assert read_and_change(client, path, {"reason": " "}).status_code == 400


def test_finding_is_checked_and_the_check_is_read(
    world: World, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[object] = []
    monkeypatch.setattr(check_finding, "enqueue", lambda *task: sent.append(task))
    client, path = api(), customer_address(world, "findings/{finding}/check")
    assert client.get(path).status_code == 404
    requested = client.post(path, content_type="application/json")
    assert (requested.status_code, requested.headers["Location"]) == (202, path), requested.content
    assert (requested.json()["state"], requested.json()["verdict"]) == ("waiting", None)
    client.post(path, content_type="application/json")
    assert len(sent) == 1
    finding = world.of(world.home)["finding"]
    found = check_finding.latest_check(finding)
    assert found is not None
    for outcome, verdict, is_gone in (("pass", "pass", False), ("gone", None, True)):
        check_finding._store(world.home.pk, finding.pk, check_finding._ended(found, outcome, "It is so."))
        read = client.get(path).json()
        assert (read["state"], read["verdict"], read["is_gone"]) == ("finished", verdict, is_gone)
    assert api("auditor").post(path, content_type="application/json").status_code == 403
    assert api("owner").get(path).status_code == 404


def test_assessment_is_retried_for_what_it_could_not_read(world: World, api: Api) -> None:
    client, path = api(), customer_address(world, "assessments/2/retry")
    with factories.in_tenant(world.home):
        Unit.objects.filter(assessment__number=2).update(state="done", gaps=[])
    complete = client.post(path, content_type="application/json")
    assert (complete.status_code, complete.json()["status"]) == (409, 409)
    with factories.in_tenant(world.home):
        failed = Unit.objects.filter(assessment__number=2)
        assert failed.update(gaps=[{"kind": "storage_accounts", "reason": "forbidden"}]) == 1
    key = {"Idempotency-Key": "retry"}
    retried = post(client, path, **key)
    assert (retried.status_code, retried.json()["number"]) == (202, 3), retried.content
    again = post(client, path, **key)
    assert (again.json()["number"], again.headers["Idempotency-Replayed"]) == (3, "true")
    other = post(client, customer_address(world, "assessments/1/retry"), **key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused"), other.content
    assert retried.headers["Location"] == customer_address(world, "assessments/3")
    with factories.in_tenant(world.home):
        assert Assessment.objects.get(number=3).trigger == "retry"
    assert (
        client.post(
            customer_address(world, "assessments/999/retry"), content_type="application/json"
        ).status_code
        == 404
    )


def test_build_of_a_report_is_cancelled(world: World, api: Api) -> None:
    client = api()
    asked = client.post(
        customer_address(world, "reports"), {"kind": "executive"}, content_type="application/json"
    )
    path = f"{asked.headers['Location']}/cancel"
    assert api("owner").post(path, content_type="application/json").status_code in (403, 404)
    cancelled = client.post(path, content_type="application/json")
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    assert client.post(path, content_type="application/json").status_code == 409


@pytest.mark.parametrize("kind", ["post", "mail"])
def test_failed_deliveries_are_retried_or_discarded(world: World, api: Api, kind: str) -> None:
    client, row = api(), world.of(world.home)[kind]
    path = customer_address(world, f"failed-{kind}s")
    (listed,) = client.get(path).json()["items"]
    assert (listed["id"], listed["event"]) == (str(row.pk), "exception_decided")
    assert listed["title"].startswith("Exception 1 of")
    assert api("auditor").get(path).status_code == 403
    assert client.post(f"{path}/{row.pk}/retry", content_type="application/json").status_code == 204
    # A message that waits for its next attempt no longer counts as failed.
    assert client.get(path).json()["items"] == []
    assert client.post(f"{path}/{row.pk}/discard", content_type="application/json").status_code == 404
    with factories.in_tenant(world.home):
        type(row).objects.filter(pk=row.pk).update(state=row.state)
    assert client.post(f"{path}/{row.pk}/discard", content_type="application/json").status_code == 204
    assert client.get(f"{path}/{row.pk}").status_code == 404

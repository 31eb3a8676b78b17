"""Each bulk action of the pages can be a job, with the same rights, results, journal and undo."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from assessments.models import Finding
from portal.api.v1.bulk_jobs import VALUES
from portal.bulk_jobs.bulk_actions.base import NOT_VISIBLE, BulkAction
from portal.bulk_jobs.bulk_actions.registry import bulk_actions
from portal.bulk_jobs.models import BulkJob
from portal.files.generated_part import END
from portal.management.bulk_action_tables import PAGES, START
from portal.notify.models import Notice
from portal.settings.env import BASE_DIR
from portal.treatment.models import Attestation, FindingException
from portal.treatment.selectors.exception_scope import binding_digest
from portal.web.findings.buttons.registry import action_that_made, buttons
from tenants.models import JournalEntry
from tests import factories
from tests.for_each import for_each
from tests.portal.api.conftest import Api
from tests.portal.bulk_jobs.cases import body_of, cases
from tests.portal.bulk_jobs.jobs import address, counts, job_of, results, send, started, stored, work
from tests.portal.bulk_jobs.selections import acting, owners, treatments
from tests.portal.treatment.undo import undo
from tests.portal.web.world import World


def failing(world: World) -> int:
    with factories.in_tenant(world.home):
        return Finding.objects.filter(tenant=world.home, outcome="fail", gone_at=None).count()


def entries(world: World) -> list[JournalEntry]:
    with factories.in_tenant(world.home):
        return list(JournalEntry.objects.order_by("-sequence")[:6])


def test_each_action_has_a_button_a_case_and_a_label_of_its_own() -> None:
    actions = bulk_actions()
    assert {button.key: button.action for button in buttons()} == actions
    assert {case.action for case in cases()} == set(actions), "each bulk action has a case in its test module"
    labels = {action.label for action in actions.values()}
    assert len(labels) == len(actions), "each bulk action has a label of its own"
    assert all(label[0].isupper() and not label.endswith(".") for label in labels)


def test_each_reason_is_a_sentence_with_a_code_of_its_own() -> None:
    reasons = {NOT_VISIBLE, *(reason for action in bulk_actions().values() for reason in action.reasons)}
    assert len({reason.code for reason in reasons}) == len(reasons)
    assert all(reason.message[0].isupper() and reason.message.endswith(".") for reason in reasons)


def test_each_action_can_be_undone_or_says_why_not() -> None:
    for action in bulk_actions().values():
        restores = type(action).restore is not BulkAction.restore
        assert restores is not bool(action.cannot_be_undone), action.key


def test_the_page_of_a_job_shows_each_value_of_its_request() -> None:
    for action, serializer in VALUES.items():
        shown = {value.name for value in bulk_actions()[action].shown_values()}
        assert set(serializer().fields) == shown, action


@for_each("name", PAGES)
def test_the_tables_of_actions_in_the_documentation_are_current(name: str) -> None:
    page = (BASE_DIR / "docs" / name).read_text(encoding="utf-8")
    assert page == PAGES[name](page), f"docs/{name} is outdated: run make docs."
    rows = page.partition(START)[2].partition("| --- ")[2].partition(END)[0]
    assert re.findall(r"^\| `([\w-]+)` \|", rows, re.MULTILINE) == list(bulk_actions())


@pytest.mark.slow(seconds=1)
@for_each("action", bulk_actions())
def test_role_and_token_decide_who_starts_a_job(world: World, api: Api, action: str) -> None:
    rights = bulk_actions()[action].capabilities
    body = {"action": action, **body_of(action), "filters": {"verdict": ["manual"]}}
    for role in world.people:
        with acting(world, role):
            offered = next(one for one in buttons() if one.key == action).is_offered(world.home)
        answer = send(api(role), world, body, "preview")
        # 400: the person with the role Owner may do some actions, but owns no manual finding.
        expected = {200, 400} if offered else {403}
        assert answer.status_code in expected, (role, answer.content)
    limited = send(api(capabilities=["view", "view_all"]), world, body)
    assert limited.status_code == 403
    assert set(rights) - {"view", "view_all"}, "an action that writes needs more than rights to read"


@pytest.mark.slow(seconds=1)
@for_each("action", [action.key for action in buttons() if not action.page])
def test_job_changes_what_the_page_changes_and_both_undo_it(world: World, api: Api, action: str) -> None:
    client, before = api(), treatments(world)
    body = body_of(action)
    jobs = []
    for by_page in (False, True):
        job = started(client, world, action, **body)
        assert job_of(client, world, job)["state"] == "waiting"
        assert work(world) == 1
        found = job_of(client, world, job)
        assert (found["state"], found["total"], found["failed"]) == ("finished", failing(world), 0)
        changed = sum(now != was for now, was in zip(treatments(world), before, strict=True))
        assert 0 < changed == found["done"] == found["total"] - found["skipped"]
        assert found["undo_until"]
        assert counts(client, world, job)["done", ""] == changed
        batch = stored(world, job).batch
        assert batch is not None
        assert (batch.kind, batch.filters, batch.count) == (action, "verdict=fail", changed)
        assert action_that_made(batch).key == action
        ended, made = entries(world)[:2]
        assert (ended.action, ended.details["batch"]) == ("bulk_job.finished", str(batch.pk))
        assert made.action.startswith("finding.")
        assert {one.details["api_token"] for one in (ended, made)} == {found["token"]}
        if by_page:
            with acting(world, "organization_engineer") as person:
                assert undo(batch=batch, by=person) == changed
        else:
            assert (
                client.post(address(world, job, "undo"), content_type="application/json").status_code == 200
            )
        assert treatments(world) == before
        after = job_of(client, world, job)
        assert (after["undo_until"], bool(after["undone_at"])) == (None, True)
        jobs.append(found)
    assert [jobs[0][name] for name in ("done", "skipped")] == [jobs[1][name] for name in ("done", "skipped")]


@pytest.mark.slow(seconds=1)
def test_findings_are_skipped_with_their_reason(world: World, api: Api) -> None:
    client, number = api(), failing(world)
    first = started(client, world, "claim")
    second = started(client, world, "claim")
    third = started(client, world, "assign", assign={"email": "engineer@example.com"})
    plain = started(client, world, "acknowledge", filters={"verdict": ["fail", "pass"]})
    again = started(client, world, "acknowledge", filters={})
    work(world)
    # The person with the role Owner already owns one of the findings.
    assert counts(client, world, first) == {("done", ""): number - 1, ("skipped", "has_owner"): 1}
    assert counts(client, world, second) == {("skipped", "has_owner"): number}
    assert counts(client, world, third) == {("done", ""): 1, ("skipped", "has_this_owner"): number - 1}
    assert counts(client, world, plain)["done", ""] == number
    found = counts(client, world, again)
    assert found["skipped", "acknowledged"] == number
    assert found["skipped", "not_failing"] == found.total() - number
    assert {one["reason"] for one in results(client, world, second)} == {"The finding already has an owner."}
    # A job that changed nothing has nothing to undo.
    refused = client.post(address(world, second, "undo"), content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing_to_undo")


def test_new_owner_is_notified_once_and_unassigning_removes_owners(world: World, api: Api) -> None:
    client, number = api(), failing(world)
    started(client, world, "assign", assign={"email": "owner@example.com"})
    work(world)
    with factories.in_tenant(world.home):
        notice = Notice.objects.filter(kind="assigned").latest("created_at")
    assert str(number - 1) in notice.title
    job = started(client, world, "assign", assign={"email": None})
    work(world)
    assert set(owners(world).values()) == {None}
    assert job_of(client, world, job)["parameters"] == {"owner": None, "email": None}


@pytest.mark.slow(seconds=1)
def test_one_exception_covers_the_failing_findings(world: World, api: Api) -> None:
    client = api()
    job = started(client, world, "request-exception", **{**body_of("request-exception"), "filters": {}})
    assert work(world) == 1
    found = job_of(client, world, job)
    with factories.in_tenant(world.home):
        exception = FindingException.objects.latest("number")
        assert (exception.number, exception.items.count()) == (found["exception"], failing(world))
    assert (found["done"], found["undo_until"]) == (failing(world), None)
    assert set(counts(client, world, job)) == {("done", ""), ("skipped", "not_failing")}
    refused = client.post(address(world, job, "undo"), content_type="application/json")
    assert refused.json()["code"] == "nothing_to_undo"


@pytest.mark.slow(seconds=1)
def test_manual_controls_are_answered_as_they_were_seen(world: World, api: Api) -> None:
    client = api()
    job = started(client, world, "attest", **{**body_of("attest"), "filters": {}})
    with factories.in_tenant(world.home):
        manual = Finding.objects.filter(tenant=world.home, outcome="manual", gone_at=None)
        changed = manual.order_by("pk")[0]
        Finding.objects.filter(pk=changed.pk).update(observed_sha256="0" * 64)
        number, before = manual.count(), Attestation.objects.count()
    assert work(world) >= 1
    found = counts(client, world, job)
    assert (found["done", ""], found["skipped", "changed_meanwhile"]) == (number - 1, 1)
    assert found["skipped", "not_manual"] == found.total() - number
    assert job_of(client, world, job)["done"] == number - 1
    assert client.post(address(world, job, "undo"), content_type="application/json").status_code == 200
    with factories.in_tenant(world.home):
        given = Attestation.objects.order_by("-attested_at")[: number - 1]
        assert Attestation.objects.count() == before + number - 1
        assert all(one.withdrawn_at for one in given)


def test_nobody_attests_values_that_they_have_not_seen(world: World, api: Api) -> None:
    client, body = api(), {"action": "attest", **body_of("attest")}

    def refusal(**more: str) -> tuple[int, str]:
        answer = send(client, world, {**body, **more}, key="once")
        return answer.status_code, answer.json()["code"]

    assert refusal() == (428, "precondition_required")
    seen = send(client, world, body, "preview").json()["seen_digest"]
    with factories.in_tenant(world.home):
        manual = Finding.objects.filter(tenant=world.home, outcome="manual", gone_at=None).order_by("pk")
        first, jobs = manual[0], BulkJob.objects.count()
        Finding.objects.filter(pk=first.pk).update(observed_sha256="0" * 64)
    assert refusal(seen_digest=seen) == (412, "changed_meanwhile")
    assert refusal(seen_digest=binding_digest({first.pk: "0" * 64})) == (412, "changed_meanwhile")
    with factories.in_tenant(world.home):
        assert BulkJob.objects.count() == jobs
        Finding.objects.filter(pk=first.pk).update(observed_sha256=first.observed_sha256)
    assert send(client, world, {**body, "seen_digest": seen}, key="once").status_code == 202


@pytest.mark.slow(seconds=1)
@for_each(
    ("action", "values", "field"),
    [
        ("assign", {}, "assign"),
        ("claim", {"seen_digest": "0" * 64}, "seen_digest"),
        ("claim", {"seen_digest": "seen"}, "seen_digest"),
        ("assign", {"assign": {"email": "stranger@other.example"}}, "assign.email"),
        ("acknowledge", {"acknowledge": {"planned_for": "2020-01-01"}}, "acknowledge.planned_for"),
        ("acknowledge", {"acknowledge": {"planed_for": "2099-01-01"}}, "acknowledge.planed_for"),
        ("claim", {"acknowledge": {}}, "acknowledge"),
        (
            "request-exception",
            {"request_exception": {"reason": "No", "ends_at": "2026-12-31T00:00:00Z"}},
            "request_exception.reason",
        ),
        (
            "attest",
            {"attest": {"met": True, "statement": "Fine.", "valid_until": "2020-01-01T00:00:00Z"}},
            "attest.valid_until",
        ),
        ("claim", {"filters": {"verdikt": ["fail"]}}, "filters.verdikt"),
        ("claim", {"filters": {"severity": ["urgent"]}}, "filters.severity.0"),
        ("claim", {"filters": {"owner": ["nobody", "owner@example.com"]}}, "filters.owner.1"),
        ("claim", {"filters": {"subscription": ["Production"]}}, "filters.subscription.0"),
        ("claim", {"filters": {"control": ["storage-min-tlss"]}}, "filters.control"),
        ("claim", {"filters": {"q": "nothing is called like this"}}, "filters"),
        ("claim", {"findings": ["01a2"]}, "findings.0"),
        ("claim", {"findings": []}, "findings"),
        ("claim", {"filters": None, "findings": None}, "filters"),
        ("delete", {}, "action"),
    ],
)
def test_wrong_requests_are_refused_before_anything_starts(
    world: World, api: Api, action: str, values: dict[str, Any], field: str
) -> None:
    client: Client = api()
    body = {"action": action, "filters": {"verdict": ["fail"]}, **values}
    for place in ((), ("preview",)):
        refused = send(client, world, body, *place)
        assert refused.status_code == 400, refused.content
        assert field in [one["field"] for one in refused.json()["errors"]], refused.content
    assert [one["state"] for one in client.get(address(world)).json()["items"]] == ["finished"]


@for_each(
    ("filters", "form"),
    [
        (
            {"owner": ["owner@example.com"]},
            "Give the id of a person, `nobody`, or `gone` for owners who cannot act.",
        ),
        ({"subscription": ["Production"]}, "Give `/subscriptions/<id>` or `directory:<id>`, in lower case."),
    ],
)
def test_refusals_describe_the_form_of_filters(
    world: World, api: Api, filters: dict[str, list[str]], form: str
) -> None:
    refused = send(api(), world, {"action": "claim", "filters": filters}, "preview")
    (error,) = refused.json()["errors"]
    assert error["message"] == f"This value has the wrong form. {form}"

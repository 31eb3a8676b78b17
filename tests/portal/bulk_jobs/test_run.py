"""Workers carry out jobs in steps, whatever happens between two steps."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from celery import current_app
from django.db import connections, transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone

from portal.accounts.actions.access_tokens import (
    VALID_SECONDS,
    authenticated_client,
    delete_ended_access_tokens,
    store_access_token,
)
from portal.accounts.actions.api_tokens import revoke_token
from portal.accounts.actions.client_secrets import narrow_secrets
from portal.accounts.actions.service_accounts import set_service_account_active
from portal.accounts.actions.service_credentials import create_client_secret, revoke_client_secret
from portal.accounts.models import AccountMail, ApiToken, ClientSecret
from portal.accounts.tokens.token_text import ACCESS_TOKEN, new_token
from portal.bulk_jobs import tasks
from portal.bulk_jobs.actions import requests, run
from portal.bulk_jobs.actions.requests import MAX_ACTIVE, delete_old_jobs
from portal.bulk_jobs.bulk_actions.assign import Assign
from portal.bulk_jobs.models import BulkJob, BulkJobItem
from portal.bulk_jobs.task_names import RUN
from portal.treatment.bulk import bulk_insert
from portal.treatment.models import Treatment, TreatmentEvent
from tenants.locks import Lock, release_session_lock, try_session_lock
from tenants.models import JournalEntry, Membership, Organization, Person
from tenants.roles import Capability
from tenants.scope import organization_scope, person_scope
from tests import factories
from tests.concurrency import run_concurrently, run_in_the_middle
from tests.for_each import for_each
from tests.portal.api.conftest import Api, client_with, token_for
from tests.portal.bulk_jobs.jobs import address, counts, job_of, results, send, started, stored, work
from tests.portal.web.world import World


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limit a step to two findings, so that jobs that assign or claim findings need several steps."""
    monkeypatch.setattr(Assign, "step", 2)


def step(world: World) -> None:
    """Work on one step of one job."""
    claimed = run._next(world.organization.pk)
    assert claimed is not None
    run.run_step(claimed)


@pytest.mark.slow(seconds=1)
def test_steps_belong_to_one_batch(world: World, api: Api, small_steps: None) -> None:
    client = api()
    job = started(client, world, "claim")
    steps = work(world)
    found, batch = job_of(client, world, job), stored(world, job).batch
    assert batch is not None
    assert steps == -(-found["total"] // 2) > 1
    with factories.in_tenant(world.home):
        events = TreatmentEvent.objects.filter(batch=batch)
        assert events.count() == batch.count == found["done"]
        assert events.values("at").distinct().count() > 1
    # Undoing restores the findings of all steps.
    client.post(address(world, job, "undo"), content_type="application/json")
    with factories.in_tenant(world.home):
        assert not Treatment.objects.filter(owner=world.people["organization_engineer"]).exists()


@pytest.mark.slow(seconds=1)
def test_job_is_cancelled_between_two_steps(world: World, api: Api, small_steps: None) -> None:
    client = api()
    job = started(client, world, "claim")
    step(world)
    half = job_of(client, world, job)
    assert (half["state"], half["done"] + half["skipped"]) == ("running", 2)
    early = client.post(address(world, job, "undo"), content_type="application/json")
    assert (early.status_code, early.json()["code"]) == (409, "wrong_state")
    others = api("auditor").post(address(world, job, "cancel"), content_type="application/json")
    assert others.status_code == 403
    cancelled = client.post(address(world, job, "cancel"), content_type="application/json")
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    assert work(world) == 0
    assert counts(client, world, job)["waiting", ""] == half["total"] - 2
    again = client.post(address(world, job, "cancel"), content_type="application/json")
    assert (again.status_code, again.json()["code"]) == (409, "job_ended")
    undone = client.post(address(world, job, "undo"), content_type="application/json")
    assert undone.json()["undone_at"]
    page = client.get(f"{address(world)}?state=cancelled").json()["items"]
    assert [one["id"] for one in page] == [job]


def the_token(world: World) -> QuerySet[ApiToken]:
    return ApiToken.objects.filter(person=world.people["tenant_administrator"], revoked_at=None)


def revoke(world: World) -> None:
    person = world.people["tenant_administrator"]
    with person_scope(person):
        revoke_token(token_id=the_token(world).get().pk, by=person)


def expire(world: World) -> None:
    past = timezone.now() - timedelta(minutes=1)
    with person_scope(world.people["tenant_administrator"]):
        the_token(world).update(created_at=past - timedelta(days=1), expires_at=past)


def disable(world: World) -> None:
    Person.objects.filter(pk=world.people["tenant_administrator"].pk).update(is_active=False)


def end_role(world: World) -> None:
    with organization_scope(world.organization):
        mine = Membership.objects.filter(person=world.people["tenant_administrator"])
        mine.update(valid_until=timezone.now())


def lose_right(world: World) -> None:
    with person_scope(world.people["tenant_administrator"]):
        the_token(world).update(capabilities=["view", "view_all"])


def require_second_factor(world: World) -> None:
    with organization_scope(world.organization):
        Organization.objects.filter(pk=world.organization.pk).update(
            second_factor_roles=["tenant_administrator"]
        )


def undo_on_page(world: World) -> None:
    with factories.in_tenant(world.home):
        job = BulkJob.objects.exclude(batch=None).get()
        assert job.batch is not None
        job.batch.undone_at = timezone.now()
        job.batch.save()


@pytest.mark.slow(seconds=1)
@for_each(
    ("happens", "code"),
    [
        (revoke, "token_revoked"),
        (expire, "token_expired"),
        (disable, "account_disabled"),
        (end_role, "no_access"),
        (lose_right, "permission_denied"),
        (require_second_factor, "second_factor_required"),
        (undo_on_page, "undone"),
    ],
)
def test_job_stops_when_the_token_may_no_longer_do_it(
    world: World, small_steps: None, happens: Callable[[World], None], code: str
) -> None:
    with transaction.atomic():
        text = token_for(world.people["tenant_administrator"], world.organization)
        job = started(client_with(text), world, "assign", assign={"email": "engineer@example.com"})
        step(world)
        happens(world)
        assert work(world) == 1
        found = stored(world, job)
        assert (found.state, found.reason_code) == ("stopped", code)
        assert found.reason.endswith(".")
        assert found.done + found.skipped == 2
        with factories.in_tenant(world.home):
            entry = JournalEntry.objects.latest("sequence")
            assert (entry.action, entry.details["api_token"]) == ("bulk_job.stopped", found.token)
            # The entry about the start names the person of the token, so the customer sees who started the job.
            first = JournalEntry.objects.filter(action="bulk_job.started").latest("sequence")
            assert str(world.people["tenant_administrator"].pk) in str(first.actor)
        transaction.set_rollback(True)


def secret_of(world: World) -> tuple[ClientSecret, str]:
    """Create and return a client secret of the service account, and an access token that may do less than the
    secret.
    """
    account, by = world.of(world.home)["service_account"], world.people["organization_administrator"]
    rights = ["view", "view_all", "assess", "treat", "assign"]
    with person_scope(by):
        secret, text = create_client_secret(by=by, account=account, name="Bulk", days=30, capabilities=rights)
    AccountMail.objects.all().delete()
    client = authenticated_client(str(account.pk), text, timezone.now())
    assert client is not None
    token = new_token(ACCESS_TOKEN)
    granted = ["view", "view_all", "assign"]
    assert store_access_token(
        client=client, text=token, capabilities=granted, seconds=VALID_SECONDS, address=""
    )
    return secret, token


def revoke_secret(world: World, secret: ClientSecret) -> None:
    by = world.people["organization_administrator"]
    with person_scope(by):
        revoke_client_secret(by=by, account=world.of(world.home)["service_account"], secret_id=secret.pk)


def narrow_secret(world: World, secret: ClientSecret) -> None:
    by = world.people["organization_administrator"]
    with organization_scope(world.organization):
        narrow_secrets(person_id=secret.person_id, rights=["view", "view_all", "treat"], by=by)


def disable_account(world: World, secret: ClientSecret) -> None:
    by = world.people["organization_administrator"]
    with person_scope(by):
        set_service_account_active(by=by, account=world.of(world.home)["service_account"], active=False)


def nothing(world: World, secret: ClientSecret) -> None:
    """Leave the secret and the account as they are."""


@pytest.mark.slow(seconds=1)
@for_each(
    ("happens", "later", "state", "code"),
    [
        (nothing, timedelta(minutes=61), "finished", ""),
        (nothing, timedelta(days=31), "stopped", "client_secret_expired"),
        (revoke_secret, timedelta(), "stopped", "client_secret_revoked"),
        (narrow_secret, timedelta(), "stopped", "permission_denied"),
        (disable_account, timedelta(), "stopped", "account_disabled"),
    ],
)
def test_job_of_an_access_token_depends_on_its_client_secret(
    world: World,
    small_steps: None,
    happens: Callable[[World, ClientSecret], None],
    later: timedelta,
    state: str,
    code: str,
) -> None:
    with transaction.atomic():
        secret, token = secret_of(world)
        client = client_with(token)
        job = started(client, world, "assign", assign={"email": "engineer@example.com"})
        step(world)
        happens(world, secret)
        with time_machine.travel(timezone.now() + later) if later else nullcontext():
            if later:
                assert delete_ended_access_tokens() == 1
                assert client.get("/api/v1/token").status_code == 401
            assert work(world) >= 1
        found = stored(world, job)
        assert (found.state, found.reason_code) == (state, code)
        assert (found.done + found.skipped == found.total) == (state == "finished")
        with factories.in_tenant(world.home):
            entries = JournalEntry.objects.filter(target=f"bulk_job:{job}")
            names = [entry.details["api_token"] for entry in entries]
        assert len(names) == 2
        assert set(names) == {secret.beginning}
        transaction.set_rollback(True)


def test_job_never_has_more_rights_than_its_access_token(world: World, api: Api) -> None:
    _, token = secret_of(world)
    started(client_with(token), world, "assign", assign={"email": "engineer@example.com"})
    claimed = run._next(world.organization.pk)
    assert claimed is not None
    granted = {Capability.VIEW, Capability.VIEW_ALL, Capability.ASSIGN}
    assert run._authority(claimed).limit.capabilities == granted


def test_findings_that_the_person_no_longer_sees_are_skipped(world: World, api: Api) -> None:
    client = api("owner")
    owned = world.of(world.home)["owned"]
    job = started(client, world, "acknowledge", findings=[str(owned.pk)])
    with factories.in_tenant(world.home):
        Treatment.objects.filter(finding=owned).update(owner=world.people["organization_engineer"])
    work(world)
    assert counts(client, world, job) == {("skipped", "not_visible"): 1}
    # Owners see only the jobs that they started.
    assert [one["id"] for one in client.get(address(world)).json()["items"]] == [job]
    assert client.get(address(world, world.of(world.home)["bulk_job"].pk)).status_code == 404


def test_internal_errors_and_dying_workers_end_a_job(
    world: World, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = api()
    broken, deadly = started(client, world, "claim"), started(client, world, "claim")
    with monkeypatch.context() as patch:
        patch.setattr(run, "_work_on", lambda one: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            step(world)
    assert job_of(client, world, broken)["reason_code"] == "internal_error"
    for _ in range(run.MAX_ATTEMPTS):
        assert run._next(world.organization.pk) is not None
    step(world)
    found = job_of(client, world, deadly)
    assert (found["reason_code"], found["done"]) == ("interrupted", 0)
    assert client.get(address(world)).status_code == 200


@pytest.mark.slow(seconds=1)
def test_selection_by_ids_filters_and_number(world: World, api: Api) -> None:
    client = api()
    finding, foreign = world.of(world.home)["finding"], world.of(world.foreign)["finding"]
    for findings in ([str(foreign.pk)], [str(finding.pk), str(world.foreign_id)]):
        assert send(client, world, {"action": "claim", "findings": findings}).status_code == 404
    job = started(client, world, "claim", findings=[str(finding.pk)])
    filters = {"severity": ["high", "critical"], "verdict": ["fail", "unknown"], "q": "storage"}
    listed = client.get(
        address(world).replace("bulk-jobs", "findings")
        + "?severity=high&severity=critical&verdict=fail&verdict=unknown&q=storage&limit=500"
    ).json()["items"]
    body = {"action": "claim", "filters": filters}
    assert send(client, world, body, "preview").json() == {"total": len(listed), "seen_digest": ""}
    refused = send(client, world, body | {"expected_count": len(listed) + 1})
    assert (refused.status_code, refused.json()["code"]) == (409, "selection_changed")
    other = started(client, world, "claim", filters=filters, expected_count=len(listed))
    work(world)
    assert [one["finding"] for one in results(client, world, job)] == [str(finding.pk)]
    assert [one["finding"] for one in results(client, world, other)] == [one["id"] for one in listed]
    page = client.get(f"{address(world, other, 'results')}?limit=2").json()
    following = client.get(page["next"]).json()["items"]
    assert [one["finding"] for one in following] == [one["id"] for one in listed[2 : 2 + len(following)]]
    assert results(client, world, other, "state=failed") == []
    assert client.get(f"{address(world, other, 'results')}?state=lost").status_code == 400
    # Jobs of another customer are not found by their ids, whichever operation is called.
    for place in (world.of(world.foreign)["bulk_job"].pk, world.foreign_id):
        for method, parts in (("get", ()), ("get", ("results",)), ("post", ("cancel",)), ("post", ("undo",))):
            answer = getattr(client, method)(address(world, place, *parts), content_type="application/json")
            assert answer.status_code == 404


@pytest.mark.slow(seconds=1)
def test_repeated_request_starts_one_job_and_their_number_is_limited(
    world: World, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = api()
    body = {"action": "claim", "filters": {"verdict": ["fail"]}}
    first, again = (send(client, world, body, key="once") for _ in range(2))
    assert first.status_code == again.status_code == 202
    assert first.json()["id"] == again.json()["id"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert first.headers["Location"] == address(world, first.json()["id"])
    assert send(client, world, body | {"action": "acknowledge"}, key="once").status_code == 422
    for _ in range(MAX_ACTIVE - 1):
        started(client, world, "claim")
    refused = send(client, world, body)
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_jobs")
    with factories.in_tenant(world.home):
        BulkJob.objects.update(state="finished", ended_at=timezone.now())
        stored_already = BulkJob.objects.aggregate(stored=Sum("total"))["stored"]
    number = send(client, world, body, "preview").json()["total"]
    monkeypatch.setattr(requests, "MAX_STORED", stored_already + number - 1)
    refused = send(client, world, body)
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_results")
    assert f"this customer has {stored_already:,}. Select fewer findings" in refused.json()["detail"]
    monkeypatch.setattr(requests, "MAX_STORED", stored_already + number)
    assert send(client, world, body).status_code == 202


def test_old_jobs_are_deleted_with_their_results(world: World, api: Api) -> None:
    client = api()
    job = started(client, world, "claim")
    with factories.in_tenant(world.home):
        BulkJob.objects.filter(state="finished").update(ended_at=timezone.now() - timedelta(days=31))
        items = BulkJobItem.objects.count()
    assert delete_old_jobs(world.home.pk) == 1
    with factories.in_tenant(world.home):
        assert (str(BulkJob.objects.get().pk), BulkJobItem.objects.count()) == (job, items - 1)


@pytest.fixture
def committed(committed_world: World) -> World:
    return committed_world


@pytest.mark.slow(seconds=1)
def test_killed_worker_leaves_whole_steps_and_the_next_one_goes_on(
    committed: World, small_steps: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, sent = committed, []
    monkeypatch.setattr(current_app, "send_task", lambda name, args, **_: sent.append((name, *args)))
    client = client_with(token_for(world.people["organization_engineer"], world.organization))
    job = started(client, world, "claim")
    assert sent == [(RUN, str(world.organization.pk))]
    # A task does nothing while another worker carries out the jobs of the organization.
    assert try_session_lock(Lock.BULK_JOB_RUN, str(world.organization.pk))
    run_concurrently(lambda: tasks.run(str(world.organization.pk)))
    release_session_lock(Lock.BULK_JOB_RUN, str(world.organization.pk))
    assert job_of(client, world, job)["state"] == "waiting"
    connections.close_all()
    if (child := os.fork()) == 0:
        calls: list[None] = []
        store = run._store

        def die_in_the_second_step(*arguments: object) -> None:
            calls.append(store(*arguments))
            if len(calls) == 2:
                os.kill(os.getpid(), signal.SIGKILL)

        run._store = die_in_the_second_step  # type: ignore[assignment]
        try:
            print(f"The process should have died, but returned after {work(world)} steps.")
        except Exception:
            traceback.print_exc()
            raise
        finally:
            sys.stdout.flush()
            os._exit(1)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    half = job_of(client, world, job)
    assert (half["state"], half["done"] + half["skipped"]) == ("running", 2)
    sent.clear()
    tasks.tick()
    assert sent == [(RUN, str(world.organization.pk))]
    tasks.run(str(world.organization.pk))
    found, batch = job_of(client, world, job), stored(world, job).batch
    assert batch is not None
    assert (found["state"], found["done"] + found["skipped"]) == ("finished", found["total"])
    with factories.in_tenant(world.home):
        changed = TreatmentEvent.objects.filter(batch=batch).values_list("finding", flat=True)
        assert len(changed) == len(set(changed)) == batch.count == found["done"]
        assert JournalEntry.objects.filter(action="bulk_job.finished").count() == 1
    # If two jobs start at the same moment, the second one counts the first one when it checks the limit.
    monkeypatch.setattr(requests, "MAX_ACTIVE", 1)
    body = {"action": "claim", "filters": {}}

    def start_slowly(let_the_other_start: Callable[[], None]) -> int:
        def insert_slowly(*arguments: Any) -> None:
            monkeypatch.setattr(requests, "bulk_insert", bulk_insert)
            let_the_other_start()
            bulk_insert(*arguments)

        monkeypatch.setattr(requests, "bulk_insert", insert_slowly)
        return int(send(client, world, body).status_code)

    other = client_with(token_for(world.people["organization_engineer"], world.organization))
    assert run_in_the_middle(start_slowly, lambda: send(other, world, body).status_code) == (202, 409)

"""Bulk jobs in the world's home customer, for tests."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.test import Client

from portal.bulk_jobs.actions.requests import action_of
from portal.bulk_jobs.actions.run import run_jobs
from portal.bulk_jobs.bulk_actions.base import NOT_VISIBLE
from portal.bulk_jobs.models import BulkJob
from tests import factories
from tests.portal.web.world import World


def address(world: World, *parts: object) -> str:
    return "/".join([f"/api/v1/customers/{world.home.slug}/bulk-jobs", *map(str, parts)])


def send(client: Client, world: World, body: Any, *parts: object, key: str = "") -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(address(world, *parts), body, content_type="application/json", headers=headers)


def started(client: Client, world: World, action: str, **body: Any) -> str:
    """Start a job for all failing findings, or for `findings` or `filters` if given. Return the id of the job."""
    selected = {} if "findings" in body else {"filters": {"verdict": ["fail"]}}
    sent = {"action": action, **selected, **body}
    if action == "attest":
        sent["seen_digest"] = send(client, world, sent, "preview").json()["seen_digest"]
    answer = send(client, world, sent)
    assert answer.status_code == 202, answer.content
    return str(answer.json()["id"])


def work(world: World) -> int:
    """Work on all jobs of the organization, as a worker does; return the number of steps."""
    # The default time limit of a run can be too short on a busy machine.
    return run_jobs(organization_id=world.organization.pk, seconds=600)


def job_of(client: Client, world: World, job: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get(address(world, job)).json()
    return found


def results(client: Client, world: World, job: str, query: str = "limit=500") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"{address(world, job, 'results')}?{query}").json()["items"]
    return found


def counts(client: Client, world: World, job: str) -> Counter[tuple[str, str]]:
    """Count the results of a job by state and reason. Check that the bulk action declares each reason for skipping a
    finding. `NOT_VISIBLE` need not be declared.
    """
    found = results(client, world, job)
    declared = {reason.code for reason in (NOT_VISIBLE, *action_of(stored(world, job)).reasons)}
    assert {one["reason_code"] for one in found if one["state"] == "skipped"} <= declared
    return Counter((one["state"], one["reason_code"]) for one in found)


def stored(world: World, job: str) -> BulkJob:
    with factories.in_tenant(world.home):
        return BulkJob.objects.select_related("batch").get(pk=job)

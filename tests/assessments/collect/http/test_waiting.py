"""How long a run waits if Azure limits its requests."""

from __future__ import annotations

import itertools
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from assessments.collect.errors import Cancelled
from assessments.collect.http.clouds import single_host
from assessments.collect.http.policies import Patience, ResourceGraphQuota
from assessments.collect.http.waiting import WaitBudget, reset_after
from assessments.collect.run import collect
from assessments.collect.session import RESOURCE_GRAPH, Session
from assessments.controls.registry import catalogue
from assessments.estate.estate import Estate, UnitKind
from assessments.estate.gaps import Reason
from assessments.estate.governance.management_groups import ANCESTORS
from assessments.management.sandboxed import serve
from sandbox.http.throttle import QUERIES
from tests.assessments.collect import azure
from tests.for_each import for_each
from tests.sandbox.running import running

UNIT = azure.guid(1)
ACCOUNTS = f"/subscriptions/{UNIT}/providers/Microsoft.Storage/storageAccounts"
# Only waits longer than `cap` use the `WaitBudget`. This cap is below the sandbox's shortest wait (one second), so the
# tests do not take minutes.
SHORT_CAP = Patience(retries=1, backoff=0.01, backoff_max=0.02, cap=0.5)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_waits_at_the_same_time_use_the_budget_once() -> None:
    clock = Clock()
    budget = WaitBudget(300, clock=clock, sleep=clock.sleep)
    assert budget.take(200)
    clock.now += 50
    assert budget.take(200), "only 50 s more than the first wait"
    assert budget.left == 50
    assert not budget.take(251)
    assert budget.take(200)
    clock.now += 1000
    assert not budget.take(51)
    assert budget.take(50)
    clock.now += 50
    assert not budget.take(1)


def test_a_cancelled_run_stops_waiting() -> None:
    clock, asked = Clock(), itertools.count()
    budget = WaitBudget(stop=lambda: next(asked) > 3, clock=clock, sleep=clock.sleep)
    with pytest.raises(Cancelled):
        budget.sleep(600)
    assert clock.now < 110


@for_each(
    ("remaining", "resets", "seconds"),
    [
        ("0", "00:00:05", 5.0),
        ("-1", "00:01:05", 65.0),
        ("0", "00:00:04.5710000", 4.0),
        ("14", "00:00:05", None),
        ("0", "", None),
        ("", "00:00:05", None),
        ("none", "00:00:05", None),
        ("0", "soon", None),
    ],
)
def test_the_quota_of_resource_graph_is_read(remaining: str, resets: str, seconds: float | None) -> None:
    headers = {"x-ms-user-quota-remaining": remaining, "x-ms-user-quota-resets-after": resets}
    assert reset_after(SimpleNamespace(headers=headers)) == seconds


def test_a_query_waits_until_the_quota_is_reset() -> None:
    slept: list[float] = []
    policy = ResourceGraphQuota(RESOURCE_GRAPH, Patience(), slept.append)

    def query(path: str, **headers: str) -> None:
        request: Any = SimpleNamespace(
            http_request=SimpleNamespace(url=f"https://management.azure.com{path}?a=1")
        )
        response: Any = SimpleNamespace(http_response=SimpleNamespace(headers=headers))
        policy.on_request(request)
        policy.on_response(request, response)

    used_up = {"x-ms-user-quota-remaining": "0", "x-ms-user-quota-resets-after": "00:00:04"}
    query("/subscriptions", **used_up)
    query(RESOURCE_GRAPH, **{**used_up, "x-ms-user-quota-remaining": "14"})
    query(RESOURCE_GRAPH, **used_up)
    assert slept == []
    query("/subscriptions")
    assert slept == [], "only queries have this quota"
    query(RESOURCE_GRAPH.upper())
    assert [round(seconds) for seconds in slept] == [4]
    query(RESOURCE_GRAPH, **{**used_up, "x-ms-user-quota-resets-after": "01:00:00"})
    query(RESOURCE_GRAPH)
    assert max(slept) == Patience().cap, "a wait for an hour is shortened: the query is then refused with 429"


@pytest.mark.slow(seconds=1)
def test_a_session_keeps_to_the_quota_of_a_sandbox_that_limits_queries(tmp_path: Path) -> None:
    """15 queries use up the quota, so the 16th query waits until the quota is reset. No query is refused."""
    lines = [azure.directory(), *azure.subscription(UNIT)]
    with running(tmp_path / "state", azure.write(tmp_path / "estate.jsonl", lines)) as sandbox:
        session = Session(
            single_host(sandbox.url, sandbox.ca), azure.DIRECTORY, azure.CLIENT, secret=azure.SECRET
        )
        began = time.monotonic()
        for _ in range(QUERIES + 1):
            assert list(session.query_pages(ANCESTORS, [UNIT]))
        took = time.monotonic() - began
        counts = sandbox.request_counts()
    queries = {key: count for key, count in counts.items() if "resourcegraph" in key[1].casefold()}
    assert [(key[2], count) for key, count in queries.items()] == [(200, QUERIES + 1)]
    assert 3 < took < 8


def collected(tmp_path: Path, waiting: float, **line: Any) -> tuple[Estate, list[str], float]:
    """Collect storage accounts from a sandbox that first asks to wait. Return the estate, the progress and the time."""
    refused = azure.answer(ACCOUNTS, 429, headers={"Retry-After": "2"}, times=1, **line)
    lines = [azure.directory(), *azure.subscription(UNIT), refused]
    control = catalogue()["storage-sas-https-only"]
    steps: list[str] = []
    with serve(azure.write(tmp_path / "estate.jsonl", lines)) as served:
        session = azure.session(served, patience=SHORT_CAP)
        session.sign_in()
        estate = Estate(kind=UnitKind.SUBSCRIPTION, unit_id=UNIT, subscriptions=[UNIT], now=azure.NOW)
        began = time.monotonic()
        collect(estate, [control], session, progress=lambda *step: steps.append(step[2]), waiting=waiting)
        return estate, steps, time.monotonic() - began


def test_an_assessment_waits_as_long_as_azure_asks(tmp_path: Path) -> None:
    estate, steps, took = collected(tmp_path, waiting=10)
    assert estate.gaps_of("storage_accounts") == []
    assert estate.documents("storage_accounts")
    assert took >= 2
    assert "Waiting 2 s, because Azure limits the requests" in steps


@pytest.mark.parametrize("waiting", [0, 1])
def test_a_wait_beyond_the_budget_is_a_gap(tmp_path: Path, waiting: float) -> None:
    estate, _, took = collected(tmp_path, waiting=waiting)
    assert [gap.reason for gap in estate.gaps_of("storage_accounts")] == [Reason.THROTTLED]
    assert took < 2

"""Bulk jobs on the command line: preview, start, wait, results, cancel and undo."""

from __future__ import annotations

import json
import re
import signal
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from django.utils import timezone

import portal.bulk_jobs.tasks  # noqa: F401 - registers the task that `worker` runs
from assessments.models import Finding
from portal.bulk_jobs.bulk_actions.registry import bulk_actions
from portal.bulk_jobs.models import BulkJob
from surety_cli import waiting
from surety_cli.bulk_request import request_of
from surety_cli.commands import bulk
from surety_cli.main import parser
from surety_client.api.bulk_jobs import start_bulk_job
from tests import factories
from tests.cli.conftest import Surety, worker
from tests.portal.bulk_jobs.cases import cases
from tests.portal.web.world import World

type SignIn = Callable[..., str]
FAILING = ("--verdict", "fail")


def newest(world: World) -> BulkJob:
    with factories.in_tenant(world.home):
        return BulkJob.objects.latest("created_at")


@pytest.mark.slow(seconds=1)
def test_job_is_previewed_started_followed_and_undone(
    world: World, signed_in: SignIn, surety: Surety, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    signed_in()
    slug, before = world.home.slug, newest(world).pk
    with factories.in_tenant(world.home):
        failing = Finding.objects.filter(tenant=world.home, outcome="fail", gone_at=None)
        number = failing.count()
        ids = {str(one) for one in failing.values_list("pk", flat=True)}
    preview = surety("bulk", "claim", slug, *FAILING, "--preview")
    assert (preview.status, f"{number} findings of {slug} match" in preview.out) == (0, True), preview
    other = surety("bulk", "claim", slug, *FAILING, "--expect", number + 1)
    assert (other.status, "No job was started" in other.err) == (3, True), other
    until = (timezone.now() + timedelta(days=90)).date().isoformat()
    manual = ("--verdict", "manual", "--met", "--statement", "Looked.", "--valid-until", until)
    preview = surety("bulk", "attest", slug, *manual, "--preview")
    assert re.search(r"start with --seen [0-9a-f]{64}$", preview.out.strip()), preview
    other = surety("bulk", "attest", slug, *manual, "--seen", "0" * 64)
    assert (other.status, "have changed since the preview" in other.err) == (3, True), other
    assert newest(world).pk == before

    with worker():
        done = surety("bulk", "claim", slug, *FAILING, "--expect", number, "--wait", "--timeout", "2")
        assert done.status == 0, done.err
    job = newest(world)
    assert f"Job {job.pk} (finished): {job.done} of {number} findings changed" in done.err
    assert len(done.out.splitlines()) == 1 + number
    assert {line.split()[0] for line in done.out.splitlines()[1:]} == ids
    file = tmp_path / "results.json"
    written = surety(
        "bulk", "results", slug, job.pk, "--format", "json", "--result", "skipped", "--output", file
    )
    assert (written.status, written.out) == (0, ""), written
    assert Counter(one["reason_code"] for one in json.loads(file.read_text())) == {"has_owner": job.skipped}
    (row,) = [line for line in surety("bulk", "list", slug).out.splitlines() if str(job.pk) in line]
    assert row.split()[1:4] == ["claim", "finished", str(number)]
    file = tmp_path / "jobs.txt"
    written = surety("bulk", "list", slug, "--output", file)
    assert (written.status, written.out) == (0, ""), written
    assert row in file.read_text().splitlines()
    assert surety("bulk", "list", slug, "--output", tmp_path / "missing" / "jobs.txt").status == 2
    assert surety("bulk", "undo", slug, job.pk).status == 0
    again = surety("bulk", "undo", slug, job.pk)
    assert (again.status, again.out) == (3, "")

    # No worker runs now. Ctrl-C ends the waiting, and the command prints how to get the results or cancel the job.
    pressed = SimpleNamespace(
        monotonic=time.monotonic, sleep=lambda seconds: signal.raise_signal(signal.SIGINT)
    )
    # Set the usual handler, because a shell makes background processes ignore SIGINT.
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with monkeypatch.context() as patch:
            patch.setattr(waiting, "time", pressed)
            stopped = surety("bulk", "acknowledge", slug, *FAILING, "--wait", "--timeout", "1")
    finally:
        signal.signal(signal.SIGINT, handler)
    job = newest(world)
    assert (stopped.status, job.state) == (130, "waiting"), stopped
    hints = [line.partition(": surety ")[2].split() for line in stopped.err.splitlines()[-2:]]
    assert [words[:2] for words in hints] == [["bulk", "results"], ["bulk", "cancel"]]
    follow, cancel = hints
    assert surety(*follow, "--timeout", "0.005").status == 5
    assert surety(*cancel).status == 0
    assert newest(world).state == "cancelled"
    ended = surety(*follow)
    assert (ended.status, f"(cancelled): 0 of {number} findings changed" in ended.err) == (5, True), ended
    lost_answers_start_no_second_job(world, surety, monkeypatch)


def lost_answers_start_no_second_job(world: World, surety: Surety, monkeypatch: pytest.MonkeyPatch) -> None:
    slug, request = world.home.slug, start_bulk_job.sync_detailed
    lost = 0

    def lose(*arguments: Any, **named: Any) -> Any:
        nonlocal lost
        answer = request(*arguments, **named)
        if lost:
            lost -= 1
            raise httpx.ReadError("connection reset")
        return answer

    def jobs() -> int:
        with factories.in_tenant(world.home):
            return BulkJob.objects.count()

    monkeypatch.setattr(start_bulk_job, "sync_detailed", lose)
    monkeypatch.setattr(bulk, "_PAUSE", 0)
    before, lost = jobs(), 3
    sent = surety("bulk", "claim", slug, *FAILING)
    assert (sent.status, f"Job {newest(world).pk} of {slug} has started" in sent.out) == (0, True), sent
    assert jobs() == before + 1
    lost = 4
    failed = surety("bulk", "claim", slug, *FAILING)
    assert (failed.status, "may have started" in failed.err, jobs()) == (4, True, before + 2), failed
    key = failed.err.rpartition("--idempotency-key ")[2].strip()
    for _ in range(2):
        again = surety("bulk", "claim", slug, *FAILING, "--idempotency-key", key)
        assert f"Job {newest(world).pk} of {slug} was started before with the same key" in again.out, again
    other = surety("bulk", "claim", slug, "--all", "--idempotency-key", key)
    assert (other.status, jobs()) == (3, before + 2), other
    for word in ("--wait", "--preview"):
        missing = surety("bulk", "claim", slug, *FAILING, word, "--output", "/nowhere/results.json")
        assert (missing.status, jobs()) == (2, before + 2), missing


@pytest.mark.slow(seconds=1)
def test_each_action_of_the_api_has_a_command_with_its_values(surety: Surety) -> None:
    for case in cases():
        arguments, sent = list(case.words), dict(case.values)
        if bulk_actions()[case.action].depends_on_observed:
            arguments += ["--seen", "0" * 64]
            sent["seen_digest"] = "0" * 64
        given = parser().parse_args(
            ["bulk", case.action, "contoso", *arguments, "--severity", "low", "--search", "blob"]
        )
        expected = {"action": case.action, "filters": {"severity": ["low"], "q": "blob"}, **sent}
        assert request_of(given).to_dict() == expected
    everything = parser().parse_args(["bulk", "claim", "contoso", "--all"])
    assert request_of(everything).to_dict() == {"action": "claim", "filters": {}}
    for words, sentence in (
        (("claim", "contoso"), "Select the findings"),
        (("claim", "contoso", "--all", *FAILING), "Select the findings"),
        (("claim", "contoso", "--finding", "7"), "is not an id"),
        (("assign", "contoso", "--all"), "--unassign"),
        (
            ("attest", "contoso", "--all", "--met", "--statement", "S", "--valid-until", "soon"),
            "is not a day",
        ),
        (
            ("attest", "contoso", "--all", "--met", "--statement", "S", "--valid-until", "2099-01-31"),
            "with --preview",
        ),
        (("acknowledge", "contoso", "--all", "--planned-for", "31.1.2099"), "is not a day"),
        (("claim", "contoso", "--all", "--output", "results.json"), "needs --wait"),
        (("claim", "contoso", "--all", "--idempotency-key", "Schlüssel"), "printable ASCII"),
    ):
        refused = surety("bulk", *words)
        assert (refused.status, sentence in refused.err) == (2, True), refused

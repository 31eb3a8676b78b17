"""Assessments and reports on the command line: the command waits for the server and exits with the right status."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from assessments.models import Assessment
from portal.reports.facts.source import as_of
from portal.reports.keys.signing_identity import ensure_signing_identity
from portal.reports.kinds import KINDS
from portal.reports.kinds.kind import SCOPE_FIELDS
from portal.reports.models import Report
from portal.reports.records.revocation import revoke_report
from surety_cli.commands.report import ONLY_FOR
from tests import factories
from tests.assessments.collect.azure import directory, guid, subscription
from tests.assessments.sandboxed_customer import Azure, Customer, sent
from tests.cli.conftest import Surety, worker
from tests.portal.web.world import World

CLI = Path(__file__).resolve().parents[2] / "cli" / "src"
type SignIn = Callable[..., str]


@pytest.mark.slow(seconds=1)
def test_assess_waits_and_fails_on_findings(
    world: World, azure: Azure, signed_in: SignIn, surety: Surety, tmp_path: Path
) -> None:
    azure.serve([directory(), *subscription(guid(1))])
    customer = Customer(azure, factories.tenant(world.organization, "Tailspin"))
    customer.add()
    sent()
    signed_in()
    slug, path = customer.tenant.slug, tmp_path / "junit.xml"
    with worker():
        done = surety(
            "assess", slug, "--fail-on", "high", "--timeout", "2", "--format", "junit", "--output", path
        )
    assert done.status == 1, done.err
    assert "Assessment 1" in done.err
    assert "high" in done.out
    suites = ET.parse(path).getroot()
    assert int(suites.attrib["failures"]) >= len(done.out.splitlines()) - 1 > 0
    again = surety("findings", slug, "--fail-on", "high", "--verdict", "fail", "--format", "json")
    assert (again.status, len(json.loads(again.out)) > 0) == (1, True)


@pytest.mark.slow(seconds=1)
def test_assess_without_waiting_and_a_second_one(
    world: World, signed_in: SignIn, surety: Surety, tmp_path: Path
) -> None:
    signed_in()
    slug = world.home.slug
    # The file for the result cannot be written, so this command starts no assessment. If it did, the next command would
    # be refused.
    assert (
        surety("assess", slug, "--timeout", "0.01", "--wait", "-o", tmp_path / "missing" / "a.json").status
        == 2
    )
    done = surety("assess", slug)
    assert (done.status, "has started" in done.out) == (0, True)
    again = surety("assess", slug)
    assert (again.status, again.out) == (3, "")
    assert surety("assess", slug, "--format", "sarif").status == 2


def test_waiting_ends_in_time(world: World, signed_in: SignIn, surety: Surety) -> None:
    """No worker runs, so the assessment stays in the queue."""
    signed_in()
    done = surety("assess", world.home.slug, "--wait", "--timeout", "0.01")
    assert (done.status, "continues on the server" in done.err) == (5, True)


@pytest.mark.slow(seconds=1)
@pytest.mark.parametrize(("answer", "cancelled"), [("y\n", True), ("\n", False)])
def test_interrupting_asks_whether_to_cancel(
    world: World, signed_in: SignIn, answer: str, cancelled: bool
) -> None:
    signed_in()
    with factories.in_tenant(world.home):
        before = set(Assessment.objects.values_list("pk", flat=True))
    ours, theirs = os.openpty()
    # A shell makes background processes ignore SIGINT. The command would inherit this from the tests, so set the usual
    # handler while the command starts.
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        started = subprocess.Popen(
            [sys.executable, "-m", "surety_cli", "assess", world.home.slug, "--wait"],
            env={**os.environ, "PYTHONPATH": str(CLI), "TERM": "dumb"},
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    finally:
        signal.signal(signal.SIGINT, handler)
    with started as process:
        os.close(theirs)
        assert process.stderr is not None
        assert "waiting for a worker" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        os.write(ours, answer.encode())
        rest = process.stderr.read()
    os.close(ours)
    assert process.returncode == 130, rest
    with factories.in_tenant(world.home):
        (assessment,) = Assessment.objects.exclude(pk__in=before)
    assert (assessment.state == "cancelled") is cancelled, rest
    assert ("is being cancelled" in rest, "continues" in rest) == (cancelled, not cancelled)


@pytest.mark.slow(seconds=1)
def test_report_is_downloaded_once(world: World, signed_in: SignIn, surety: Surety, tmp_path: Path) -> None:
    signed_in()
    slug, path = world.home.slug, tmp_path / "report.pdf"
    report = world.of(world.home)["report"]
    assert str(report.number) in surety("report", "list", slug).out
    done = surety("report", "download", slug, report.number, "--output", path)
    assert (done.status, path.read_bytes()[:5]) == (0, b"%PDF-")
    assert path.stat().st_size == report.size
    assert surety("report", "download", slug, report.number, "-o", path).status == 2
    assert surety("report", "download", slug, report.number, "-o", path, "--force").status == 0
    assert surety("report", "download", slug, 999, "-o", tmp_path / "b.pdf").status == 3
    assert list(tmp_path.glob("*.pdf")) == [path]
    assert "revoked" not in surety("report", "list", slug).out + done.err
    with factories.in_tenant(world.home):
        revoke_report(report=report, reason="Wrong scope", by=factories.BY)
    assert "ready, revoked" in surety("report", "list", slug).out
    done = surety("report", "download", slug, report.number, "-o", path, "--force")
    assert (done.status, f"Report {report.number} was revoked on " in done.err) == (0, True)
    assert ": Wrong scope" in done.err


@pytest.mark.slow(seconds=1)
def test_report_has_the_period_baseline_and_classification_that_were_chosen(
    world: World, signed_in: SignIn, surety: Surety
) -> None:
    signed_in()
    slug = world.home.slug
    with factories.in_tenant(world.home):
        newest = Assessment.objects.filter(tenant=world.home, state="finished").latest("number")
        last = as_of(newest).astimezone(UTC).date()
    first = last - timedelta(days=9)
    chosen: list[tuple[tuple[object, ...], dict[str, object]]] = [
        (("changes", "--compare-with", 1), {"baseline_number": 1}),
        (
            ("period", "--first-day", first, "--last-day", last, "--framework", "cis-4.0.0"),
            {"period_first": first, "period_last": last, "framework": "cis-4.0.0"},
        ),
        (("executive", "--classification", "For the board"), {"classification": "For the board"}),
    ]
    for words, kept in chosen:
        done = surety("report", "create", slug, "--kind", *words, "--format", "json")
        assert done.status == 0, done.err
        number = json.loads(done.out)["number"]
        with factories.in_tenant(world.home):
            report = Report.objects.get(tenant=world.home, number=number)
            assert {name: getattr(report, name) for name in kept} == kept


def test_a_report_is_not_created_with_an_option_that_does_not_apply(
    world: World, signed_in: SignIn, surety: Surety
) -> None:
    signed_in()
    slug = world.home.slug
    with factories.in_tenant(world.home):
        count = Report.objects.filter(tenant=world.home).count()
    for words, said in (
        (("full", "--compare-with", 1), "--compare-with is only for --kind changes"),
        (("changes", "--first-day", "2026-11-01"), "--first-day is only for --kind period"),
        (
            ("changes", "--framework", "cis-4.0.0"),
            "--framework is only for --kind framework or full or period",
        ),
        (("period", "--last-day", "30.11.2026"), "30.11.2026 is not a day such as 2027-01-29"),
    ):
        done = surety("report", "create", slug, "--kind", *words)
        assert (done.status, said in done.err) == (2, True), done.err
    refused = surety("report", "create", slug, "--supersedes", 999)
    assert (refused.status, "no finished report with this number" in refused.err) == (3, True), refused.err
    with factories.in_tenant(world.home):
        assert Report.objects.filter(tenant=world.home).count() == count


def test_options_of_reports_are_for_the_kinds_that_have_them() -> None:
    fields = {
        "--framework": "framework",
        "--compare-with": "baseline",
        "--first-day": "period_first",
        "--last-day": "period_last",
    }
    assert set(fields.values()) == set(SCOPE_FIELDS)
    assert {option: {kind.value for kind in kinds} for option, kinds in ONLY_FOR.items()} == {
        option: {key for key, kind in KINDS.items() if field in kind.asks} for option, field in fields.items()
    }


@pytest.mark.slow
def test_report_is_built_and_verified(
    world: World,
    signed_in: SignIn,
    surety: Surety,
    settings: Any,
    tmp_path: Path,
) -> None:
    settings.SURETY_HOME = tmp_path / "home"
    signed_in()
    slug, path = world.home.slug, tmp_path / "report.pdf"
    with worker():
        done = surety("report", "create", slug, "--kind", "executive", "--timeout", "3", "--output", path)
    assert (done.status, "is ready" in done.out) == (0, True), done.err
    fingerprint = ensure_signing_identity().fingerprint
    assert surety("verify", path, "--fingerprint", fingerprint).status == 0
    assert surety("verify", path, "--fingerprint", "00" * 32).status == 1
    assert surety("verify", path).status == 6
    path.write_bytes(path.read_bytes().replace(b"/Title", b"/Titel", 1))
    assert surety("verify", path, "--fingerprint", fingerprint).status == 1
    assert surety("verify", tmp_path / "missing.pdf").status == 2

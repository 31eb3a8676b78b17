"""Building reports from stored rows: content, independent verification, isolation of tenants, failures."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.db import DatabaseError, connection, transaction

from assessments.controls.registry import catalogue
from assessments.models import Assessment, Finding
from assessments.selectors import findings
from portal.files.private_files import PrivateStorage
from portal.reports import actions, signed_content
from portal.reports.actions import build_report, build_requested, request_report
from portal.reports.errors import NoFinishedAssessment, ReportTooLarge, SigningUnavailable
from portal.reports.models import Report
from portal.reports.records.installation_trust import installation_trust
from portal.reports.verification.verify import verify_pdf
from tenants import journal
from tenants.errors import Conflict, InvalidInput, NotFound
from tenants.models import JournalEntry
from tests import factories
from tests.portal.reports.conftest import Built, attached, attachments_of, text_of
from tests.portal.web.world import World, account, assess

pytestmark = pytest.mark.slow


def test_report_and_attachments_state_the_stored_verdicts(built: Built, tmp_path: Path):
    report, data = built.report, built.data
    assert report.state == Report.State.READY
    assert report.sha256 == hashlib.sha256(data).hexdigest()
    assert report.size == len(data)
    result = verify_pdf(data, installation_trust())
    assert result.valid, result.problems
    assert result.recorded
    assert result.attachments == [
        "evidence-manifest.json", "framework.csv", "oscal-assessment-results.json", "results.csv", "results.json",
    ]  # fmt: skip

    rows = list(csv.DictReader(io.StringIO(attached(data, "results.csv").decode("utf-8-sig"))))
    with factories.in_tenant(built.world.home):
        expected = {(f.control, f.subject, f.outcome) for f in findings(built.world.home)}
        head = journal.head(built.world.home)
        built_entry = JournalEntry.objects.get(action="report.built", target=f"report:{report.number}")
    assert {(row["control"], row["subject"], row["outcome"]) for row in rows} == expected
    assert {"pass", "fail", "unknown"} <= {outcome for _, _, outcome in expected}
    assert built_entry.details["sha256"] == report.sha256

    results = json.loads(attached(data, "results.json"))
    fixes = {row["subject"]: row["fix"] for row in rows if row["outcome"] == "fail"}
    assert all("az " in fix for fix in fixes.values())
    secure = [
        row["fix"] for row in rows if row["outcome"] == "fail" and row["control"] == "storage-secure-transfer"
    ]
    assert secure
    assert all("az storage account update" in fix for fix in secure)
    assert {row["fix"] for row in rows if row["outcome"] != "fail"} == {""}
    unknown = {row["known_with"] for row in rows if row["outcome"] == "unknown"}
    assert any(step.startswith("Grant Microsoft.") for step in unknown)
    assert {row["known_with"] for row in rows if row["outcome"] != "unknown"} == {""}
    stated = [f for s in results["sections"] for c in s["controls"] for f in c["findings"] if f["fix"]]
    assert {finding["subject"]: finding["fix"] for finding in stated} == fixes
    assert results["integrity"]["journal_hash"] == built_entry.previous_hash
    assert head.sequence == results["integrity"]["journal_sequence"] + 1
    manifest = attached(data, "evidence-manifest.json")
    assert results["integrity"]["evidence_sha256"] == hashlib.sha256(manifest).hexdigest()
    held = {item["sha256"] for item in json.loads(manifest)["evidence"]}
    assert {sha for row in rows for sha in row["evidence_sha256"].split()} <= held
    assert held

    text = text_of(data, tmp_path)
    for expected_text in (
        built.world.home.name, str(report.pk), "Mira Okafor", head_of(results), "for demonstration only",
        "The public site reads from it.", "Requested", "Attested as met", "Looked at the policy",
        "no time stamp", "Networking", "AuthorizationFailed", "How to fix the failure", "In the portal:",
        "az storage account update", "To get a verdict: Grant",
    ):  # fmt: skip
        assert expected_text in text, expected_text


def head_of(results: dict[str, Any]) -> str:
    return str(results["integrity"]["journal_hash"])[:32]


def test_unknown_is_never_a_pass(built: Built):
    results = json.loads(attached(built.data, "results.json"))
    oscal = json.loads(attached(built.data, "oscal-assessment-results.json"))["assessment-results"]
    found = {f["target"]["target-id"]: f["target"]["status"] for f in oscal["results"][0]["findings"]}
    controls = {c["slug"]: c for s in results["sections"] for c in s["controls"]}
    assert set(controls) == set(catalogue())
    with_unknown = [slug for slug, c in controls.items() if c["counts"].get("unknown")]
    assert "network-ssh-from-internet" in with_unknown
    for slug in with_unknown:
        assert found[slug]["state"] == "not-satisfied"
    # No directory was assessed, so the controls of directories are not evaluated and have no finding.
    nothing = [slug for slug, c in controls.items() if not c["counts"]]
    assert nothing
    for slug in nothing:
        assert controls[slug]["not_evaluated"] == "No directory was assessed"
        assert slug not in found


def test_pdf_declares_pdf_a_and_pdf_ua(built: Built):
    with pikepdf.open(io.BytesIO(built.data)) as pdf:
        xmp = pdf.Root.Metadata.read_bytes()
        assert b'pdfaid:part="3"' in xmp
        assert b'conformance="A"' in xmp
        assert re.search(rb"pdfuaid:part(>|=\")1", xmp)
        assert b"pdfaExtension:schemas" in xmp
        assert bool(pdf.Root.MarkInfo.Marked)
        assert len(pdf.Root.AF) == 5
        assert str(pdf.Root.Lang) == "en"


def storage_folder() -> Path:
    storage = Report._meta.get_field("file").storage
    assert isinstance(storage, PrivateStorage)
    return Path(storage.location)


def test_file_is_private(built: Built):
    path = Path(built.report.file.path)
    assert path.is_relative_to(storage_folder())
    assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(ValueError, match="have no URL"):
        _ = built.report.file.url


def test_report_belongs_to_one_tenant(built: Built):
    with factories.in_tenant(built.world.foreign):
        assert not Report.objects.filter(pk=built.report.pk).exists()
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM reports_report WHERE tenant_id = %s", [built.world.home.pk])
            assert cursor.fetchone() == (0,)
        other = Assessment.objects.first()
        assert other is not None
    with factories.in_tenant(built.world.home):
        with pytest.raises(NotFound):
            build_report(tenant=built.world.home, by=factories.BY, assessment=other)
        foreign = Report(
            tenant=built.world.home, number=99, title="x", requested_as="x", assessment=other,
            as_of=built.report.as_of,
        )  # fmt: skip
        with pytest.raises(DatabaseError), transaction.atomic():
            save_checked(foreign)


def save_checked(report: Report) -> None:
    """Save the report, and let the database check now what it would otherwise check at commit."""
    report.save()
    connection.check_constraints()


def test_earlier_assessment_is_reported_with_its_verdicts(world: World):
    """The first account passed in the earlier assessment.

    Later, it was opened to anonymous readers, so it fails now.
    """
    now = world.of(world.home)["finding"]
    with factories.in_tenant(world.home):
        first = Assessment.objects.get(tenant=world.home, number=1)
        results = json.loads(attachments_of(world.home, first)["results.json"])
    assert results["historic"]
    facts = [
        f for s in results["sections"] for c in s["controls"] for f in c["findings"] if f["id"] == str(now.pk)
    ]
    assert now.outcome == "fail"
    assert [fact["outcome"] for fact in facts] == ["pass"]
    assert facts[0]["failing_since"] is None
    assert facts[0]["evidence"] == []


def test_overdue_days_count_from_the_first_failure(world: World):
    finding = world.of(world.home)["finding"]
    with factories.in_tenant(world.home):
        days = world.home.due_days[finding.severity]
        Finding.objects.filter(pk=finding.pk).update(
            failing_since=finding.failing_since - timedelta(days=days + 3)
        )
        rows = csv.DictReader(io.StringIO(attachments_of(world.home)["results.csv"].decode("utf-8-sig")))
        overdue = {
            (row["control"], row["subject"]): row["overdue_days"] for row in rows if row["overdue_days"]
        }
    assert overdue == {(finding.control, finding.subject): "3"}


def test_hostile_names_are_escaped(world: World, tmp_path: Path):
    finding = world.of(world.home)["finding"]
    evil = '=cmd|"/c calc"!A1<script>alert(1)</script>'
    with factories.in_tenant(world.home):
        Finding.objects.filter(pk=finding.pk).update(subject_name=evil)
        world.home.name = 'Evil "} body {display:none} & <b>Sons</b>'
        world.home.save()
        report = build_report(tenant=world.home, by=factories.BY, classification='Top "secret"')
        with report.file.open("rb") as source:
            data = source.read()
    rows = csv.DictReader(io.StringIO(attached(data, "results.csv").decode("utf-8-sig")))
    assert f"'{evil}" in {row["subject_name"] for row in rows}
    text = text_of(data, tmp_path)
    assert "<b>Sons</b>" in text
    assert 'Top "secret"' in text


def test_worker_builds_a_requested_report_once(world: World):
    by = world.people["organization_engineer"]
    with factories.in_tenant(world.home):
        report = request_report(tenant=world.home, by=by)
        assert report.state == Report.State.BUILDING
    for _ in range(2):
        build_requested(tenant_id=world.home.pk, report_id=report.pk)
    with factories.in_tenant(world.home):
        report.refresh_from_db()
        entries = JournalEntry.objects.filter(target=f"report:{report.number}")
        actions = list(entries.values_list("action", flat=True))
        assert report.state == Report.State.READY
        assert report.requested_by == by
        assert sorted(actions) == ["report.built", "report.requested"]
        with report.file.open("rb") as source:
            assert verify_pdf(source.read(), installation_trust()).valid


def test_a_requested_report_has_the_changes_of_an_assessment_that_has_just_ended(world: World):
    """A schedule can request the report before a task has recorded these changes."""
    subscription, by = world.of(world.home)["subscription"], world.people["organization_engineer"]
    for safe in (True, False):
        assess(world.home, subscription, [account(subscription.subscription_id, "shop", safe=safe)], by=by)
    with factories.in_tenant(world.home):
        report = request_report(tenant=world.home, by=by)
    build_requested(tenant_id=world.home.pk, report_id=report.pk)
    with factories.in_tenant(world.home):
        report.refresh_from_db()
        with report.file.open("rb") as source:
            found = json.loads(attached(source.read(), "results.json"))["resource_changes"]
    assert [(change["resource_name"], change["kind"]) for change in found["changes"]] == [("shop", "changed")]


def test_the_number_of_reports_of_a_customer_that_are_being_built_is_limited(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    """Without a limit, one customer could request hundreds of reports. Mails and assessments of all customers would
    wait for them.
    """
    by = world.people["tenant_administrator"]
    with factories.in_tenant(world.home):
        building = Report.objects.filter(tenant=world.home, state=Report.State.BUILDING)
        waiting = [request_report(tenant=world.home, by=by) for _ in range(actions.MAX_BUILDING)]
        with pytest.raises(
            Conflict, match=r"are already being built, which is the maximum\. Wait until one is ready"
        ):
            request_report(tenant=world.home, by=by)
        assert building.count() == actions.MAX_BUILDING
        Report.objects.filter(pk=waiting[0].pk).update(state=Report.State.FAILED, error="No.")
        request_report(tenant=world.home, by=by)
        with pytest.raises(Conflict):
            request_report(tenant=world.home, by=by)
        # Reports whose workers and messages were lost do not block other reports permanently.
        monkeypatch.setattr(actions, "LOST_AFTER", timedelta(0))
        request_report(tenant=world.home, by=by)


def test_failed_build_stores_the_reason(world: World, monkeypatch: pytest.MonkeyPatch):
    with factories.in_tenant(world.home):
        report = request_report(tenant=world.home, by=factories.BY)
    monkeypatch.setenv("SURETY_SIGNING_P12", "missing.p12")
    build_requested(tenant_id=world.home.pk, report_id=report.pk)
    with factories.in_tenant(world.home):
        report.refresh_from_db()
        assert report.state == Report.State.FAILED
        assert "missing.p12 cannot be read" in report.error


def test_a_report_larger_than_the_verifier_accepts_is_not_built(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(signed_content, "MAX_BYTES", 2**16)
    with (
        factories.in_tenant(world.home),
        pytest.raises(ReportTooLarge, match="verifies only files of at most"),
    ):
        build_report(tenant=world.home, by=factories.BY)


def test_failed_immediate_build_stores_nothing(world: World, monkeypatch: pytest.MonkeyPatch):
    empty = factories.tenant(name="Empty")
    files = list(storage_folder().glob(f"{world.home.pk}/*.pdf"))
    with factories.in_tenant(world.home):
        rows = list(Report.objects.values_list("pk", flat=True))
    with factories.in_tenant(empty), pytest.raises(NoFinishedAssessment, match="Start an assessment"):
        build_report(tenant=empty, by=factories.BY)
    with factories.in_tenant(world.home):
        with pytest.raises(InvalidInput):
            build_report(tenant=world.home, by=factories.BY, classification=" ")
        monkeypatch.setenv("SURETY_SIGNING_P12", "missing.p12")
        with pytest.raises(SigningUnavailable):
            build_report(tenant=world.home, by=factories.BY)
        assert list(Report.objects.values_list("pk", flat=True)) == rows
    assert list(storage_folder().glob(f"{world.home.pk}/*.pdf")) == files

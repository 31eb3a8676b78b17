"""Runs: previews and deletions in batches, with progress, cancel, and continuation after a kill."""

from __future__ import annotations

import os
import random
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assessments.actions.scans.imports import import_scan
from assessments.models import Assessment, EvidenceItem, Finding, ScanImport
from portal.notify.models import Notice
from portal.reports.facts.verdicts import _reconstructed
from portal.reports.models import Report
from portal.retention import tasks
from portal.retention.actions import runs
from portal.retention.actions.holds import place_hold
from portal.retention.actions.policy import set_organization_periods, set_periods
from portal.retention.actions.runs import (
    LOST_AFTER,
    RUN_KINDS,
    cancel_run,
    carry_out,
    request_run,
    resend_lost,
)
from portal.retention.kinds import KINDS
from portal.retention.models import RetentionRun
from tenants.errors import Conflict, InvalidInput
from tenants.models import JournalEntry, Tenant
from tenants.scope import organization_scope
from tests import factories
from tests.factories import BY
from tests.portal.retention.customers import DAY, Customer, make_effective, sha

State = RetentionRun.State


@pytest.fixture
def customer(db: None) -> Customer:
    return Customer()


def request(customer: Customer, *, dry_run: bool = False, **given: Any) -> RetentionRun:
    with factories.in_tenant(customer.tenant):
        return request_run(tenant=customer.tenant, by=BY, dry_run=dry_run, **given)


def stored(run: RetentionRun) -> RetentionRun:
    with factories.in_tenant(Tenant(pk=run.tenant_id)):
        return RetentionRun.objects.get(pk=run.pk)


def carried_out(customer: Customer, *, dry_run: bool = False, **given: Any) -> RetentionRun:
    run = request(customer, dry_run=dry_run, **given)
    carry_out(tenant_id=run.tenant_id, run_id=run.pk)
    return stored(run)


def count(customer: Customer, model: type[Any]) -> int:
    with factories.in_tenant(customer.tenant):
        return int(model.objects.count())


def journal_of(customer: Customer) -> list[JournalEntry]:
    with factories.in_tenant(customer.tenant):
        return list(JournalEntry.objects.filter(action="retention.deleted").order_by("sequence"))


def old_customer(documents: int = 5, days: float = 3000) -> Customer:
    """Return a customer with unused documents, and with a document that an open finding cites."""
    c = Customer()
    for number in range(documents):
        c.document(f"{number}", days)
    c.document("cited", days)
    c.finding(1, evidence=["cited"], outcome="fail", state="open", failing_since=c.at(5))
    return c


def test_preview_counts_and_deletes_nothing(customer: Customer) -> None:
    c = old_customer()
    run = carried_out(c, dry_run=True)
    result = run.results["evidence"]
    assert run.state == State.DONE
    assert (result["rows"], result["kept"], result["done"]) == (5, {"open_finding": 1}, True)
    assert result["bytes"] > 0
    assert result["oldest"][:10] == f"{c.at(3000):%Y-%m-%d}"
    assert count(c, EvidenceItem) == 6
    assert journal_of(c) == []


def test_preview_of_other_periods(customer: Customer) -> None:
    c = old_customer(days=200)
    days = {"evidence": 100, "versions": None}
    run = carried_out(c, dry_run=True, kinds=list(days), days=days)
    assert run.results.keys() == days.keys()
    assert run.results["evidence"]["rows"] == 5
    assert run.results["versions"]["before"] is None
    assert carried_out(c, dry_run=True).results["evidence"]["rows"] == 0
    # Only previews use the given periods. A run that deletes uses those of the policy.
    assert carried_out(c, days=days).results["evidence"]["rows"] == 0


def test_new_preview_replaces_the_previous_one(customer: Customer) -> None:
    first = request(customer, dry_run=True)
    second = request(customer, dry_run=True)
    assert (stored(first).state, stored(second).state) == (State.CANCELLED, State.WAITING)


def small_batches(monkeypatch: pytest.MonkeyPatch, size: int = 2) -> None:
    kinds = {key: replace(kind, batch=size) for key, kind in KINDS.items()}
    monkeypatch.setattr(runs, "KINDS", kinds)


def test_run_deletes_in_batches_and_records_one_entry_per_kind(
    customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_batches(monkeypatch)
    c = old_customer()
    ran = c.assessment(1, 3000)
    c.assessment(2, 2)
    c.assessment(3, 1)
    c.resource("a", [2900, 2800, 2700], ran)
    run = carried_out(c)
    assert run.state == State.DONE, run.error
    assert {key: result["rows"] for key, result in run.results.items() if result["rows"]} == {
        "evidence": 6,  # five documents and the manifest of assessment 1
        "versions": 2,
        "assessments": 1,
    }
    entries = journal_of(c)
    assert [(entry.details["kind"], entry.details["rows"]) for entry in entries] == [
        ("evidence", 6),
        ("versions", 2),
        ("assessments", 1),
    ]
    assert entries[0].details["complete"] is True
    assert entries[0].details["kept"] == {"open_finding": 1}
    assert entries[0].details["before"][:10] == f"{timezone.now() - 400 * DAY:%Y-%m-%d}"
    assert carried_out(c).state == State.DONE
    assert len(journal_of(c)) == 3
    with factories.in_tenant(c.tenant):
        assert EvidenceItem.objects.filter(sha256=sha("cited")).exists()


class Killed(BaseException):
    """Ends the code of a run as a kill of its worker process would."""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("after", [1, 2, 3])
def test_killed_run_continues_with_the_exact_numbers(after: int, monkeypatch: pytest.MonkeyPatch) -> None:
    small_batches(monkeypatch)
    c = old_customer()
    run = request(c)
    batch = runs._delete_batch
    called: list[str] = []

    def killed_later(row: RetentionRun, key: str) -> bool:
        if len(called) == after:
            raise Killed
        called.append(key)
        return batch(row, key)

    monkeypatch.setattr(runs, "_delete_batch", killed_later)
    with pytest.raises(Killed):
        carry_out(tenant_id=run.tenant_id, run_id=run.pk)
    half = stored(run)
    assert half.state == State.RUNNING
    assert half.results["evidence"]["rows"] == min(5, 2 * after)
    assert count(c, EvidenceItem) == 6 - min(5, 2 * after)
    # No other worker takes the run while the first one may be alive.
    monkeypatch.setattr(runs, "_delete_batch", batch)
    carry_out(tenant_id=run.tenant_id, run_id=run.pk)
    assert stored(run).attempt == 1
    sent: list[UUID] = []
    monkeypatch.setattr(runs, "enqueue", lambda task, *ids: sent.extend(ids))
    with factories.in_tenant(c.tenant):
        resend_lost(tenant=c.tenant)
        assert sent == []
        RetentionRun.objects.update(worked_at=timezone.now() - LOST_AFTER - timedelta(seconds=1))
        resend_lost(tenant=c.tenant)
    assert sent == [c.tenant.pk, run.pk]
    carry_out(tenant_id=run.tenant_id, run_id=run.pk)
    done = stored(run)
    assert (done.state, done.results["evidence"]["rows"], done.attempt) == (State.DONE, 5, 2)
    assert [entry.details["rows"] for entry in journal_of(c)] == [5]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("how", ["cancel", "hold"])
def test_run_stops_after_the_batch(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    small_batches(monkeypatch)
    c = old_customer()
    run = request(c)
    batch = runs._delete_batch
    called: list[str] = []

    def stopped_after_first(row: RetentionRun, key: str) -> bool:
        done = batch(row, key)
        if not called:
            with factories.in_tenant(c.tenant):
                if how == "cancel":
                    cancel_run(run=row, by=BY)
                else:
                    place_hold(tenant=c.tenant, by=BY, reason="Litigation")
        called.append(key)
        return done

    monkeypatch.setattr(runs, "_delete_batch", stopped_after_first)
    carry_out(tenant_id=run.tenant_id, run_id=run.pk)
    done = stored(run)
    assert done.state == State.CANCELLED
    assert ("legal hold" in done.error) == (how == "hold")
    assert count(c, EvidenceItem) == 4
    (entry,) = journal_of(c)
    assert (entry.details["rows"], entry.details["complete"]) == (2, False)
    with factories.in_tenant(c.tenant), pytest.raises(Conflict, match="already ended"):
        cancel_run(run=done, by=BY)


def test_conflicts(customer: Customer) -> None:
    request(customer)
    with pytest.raises(Conflict, match="already deleting old data"):
        request(customer)
    with factories.in_tenant(customer.tenant):
        place_hold(tenant=customer.tenant, by=BY, reason="Litigation")
    with pytest.raises(Conflict, match="legal hold"):
        request(customer)
    request(customer, dry_run=True)
    with pytest.raises(InvalidInput, match="There is no kind"):
        request(customer, dry_run=True, kinds=["journal"])


@pytest.mark.django_db(transaction=True)
def test_shortened_period_deletes_only_after_seven_days() -> None:
    c = old_customer(days=200)
    with factories.in_tenant(c.tenant):
        set_periods(tenant=c.tenant, by=BY, wanted={"evidence": 100})
    assert carried_out(c).results["evidence"]["rows"] == 0
    make_effective()
    assert carried_out(c).results["evidence"]["rows"] == 5


def test_notices_follow_the_organization(customer: Customer, settings: Any) -> None:
    c = customer
    with factories.in_tenant(c.tenant):
        for days in (10, 100, 200, 300):
            Notice.objects.create(
                tenant=c.tenant, person=c.administrator, kind="mentioned", key=f"{days}", title="t", path="/x/",
                created_at=c.at(days), due_at=c.at(days), state="sent", delivery="immediate",
            )  # fmt: skip
    settings.SURETY_NOTICE_DAYS = 250
    preview = carried_out(c, dry_run=True, kinds=["notices"])
    assert preview.results["notices"]["rows"] == 1
    assert carried_out(c, kinds=["notices"]).results["notices"]["rows"] == 1
    assert count(c, Notice) == 3
    with organization_scope(c.tenant.organization_id):
        set_organization_periods(organization=c.tenant.organization, by=BY, wanted={"notices": "keep"})
    assert carried_out(c, kinds=["notices"]).results["notices"]["rows"] == 0
    assert count(c, Notice) == 3


def test_files_of_deleted_reports_are_deleted(
    customer: Customer, django_capture_on_commit_callbacks: Any
) -> None:
    c = customer
    ran = c.assessment(1, 3000)
    old, new = c.report(1, 2900, ran), c.report(2, 2800, ran)
    storage = Report._meta.get_field("file").storage
    orphan = f"{c.tenant.pk}/orphan.pdf"
    for name in (old.file.name, new.file.name, orphan, f"{c.tenant.pk}/fresh.pdf"):
        storage.save(name, ContentFile(b"x"))
    old_time = (timezone.now() - 2 * DAY).timestamp()
    os.utime(storage.path(orphan), (old_time, old_time))
    with django_capture_on_commit_callbacks(execute=True):
        assert carried_out(c).results["reports"]["rows"] == 1
    names = {Path(name).name for name in storage.listdir(str(c.tenant.pk))[1]}
    assert names == {"2.pdf", "fresh.pdf"}


def test_hold_stops_a_run_before_it_deletes_files(
    customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hold that is placed after the run was requested also protects files whose rows are gone."""
    c = customer
    storage = Report._meta.get_field("file").storage
    orphan = f"{c.tenant.pk}/orphan.pdf"
    storage.save(orphan, ContentFile(b"x"))
    old_time = (timezone.now() - 2 * DAY).timestamp()
    os.utime(storage.path(orphan), (old_time, old_time))
    with factories.in_tenant(c.tenant):
        run = request_run(tenant=c.tenant, by=BY, dry_run=False, kinds=["reports"])
        place_hold(tenant=c.tenant, by=BY, reason="Litigation")
    carry_out(tenant_id=c.tenant.pk, run_id=run.pk)
    with factories.in_tenant(c.tenant):
        run.refresh_from_db()
    assert (run.state, run.error) == (
        "cancelled",
        "The customer is on legal hold, so the run stopped. Nothing more was deleted.",
    )
    assert storage.exists(orphan)


@pytest.mark.slow(seconds=1)
@pytest.mark.django_db(transaction=True)
def test_every_day_one_run_per_customer(monkeypatch: pytest.MonkeyPatch) -> None:
    one, two, held = old_customer(), old_customer(), old_customer()
    with factories.in_tenant(held.tenant):
        place_hold(tenant=held.tenant, by=BY, reason="Litigation")
    sent: list[tuple[str, list[str]]] = []
    monkeypatch.setattr("tenants.dispatch._send", lambda task, arguments: sent.append((task, arguments)))
    tasks.start_all()
    tasks.start_all()
    assert sorted(arguments[0] for _, arguments in sent) == sorted(str(c.tenant.pk) for c in (one, two))
    for task, arguments in sent:
        assert task == "portal.retention.tasks.run"
        tasks.run(*arguments)
    assert [count(c, EvidenceItem) for c in (one, two, held)] == [1, 1, 6]
    sent.clear()
    with factories.in_tenant(one.tenant):
        set_periods(tenant=one.tenant, by=BY, wanted={"evidence": 100})
    sent.clear()
    tasks.tick()
    assert sent == [("portal.retention.tasks.announce", [str(one.tenant.pk)])]
    tasks.announce(str(one.tenant.pk))
    assert count(one, Notice) == 1


@pytest.mark.slow(seconds=1)
@pytest.mark.django_db(transaction=True)
def test_command() -> None:
    c, other = old_customer(), old_customer()

    def said(*arguments: str) -> str:
        out = StringIO()
        call_command("apply_retention", *arguments, stdout=out, stderr=out)
        return out.getvalue()

    slug = c.tenant.slug
    text = said("--dry-run", "--customer", slug, "--kind", "evidence")
    assert f"{slug}: Evidence before" in text
    assert "5 would be deleted" in text
    assert "older, but kept: 1 (used by an open finding)" in text
    assert count(c, EvidenceItem) == 6
    assert "5 deleted" in said("--customer", slug)
    assert (count(c, EvidenceItem), count(other, EvidenceItem)) == (1, 6)
    with factories.in_tenant(other.tenant):
        place_hold(tenant=other.tenant, by=BY, reason="Litigation")
    assert f"{other.tenant.slug}: on legal hold (Litigation)" in said()
    with pytest.raises(CommandError, match="There is no customer"):
        said("--customer", "nobody")


def stated(customer: Customer, number: int) -> dict[Any, Any]:
    """The facts that a report on the assessment would state: {finding: (outcome, value, changed at, failing since)}."""
    with factories.in_tenant(customer.tenant):
        assessment = Assessment.objects.get(number=number)
        return {
            finding.pk: (v.outcome, v.observed, v.changed_at, v.failing_since)
            for finding, v in _reconstructed(customer.tenant, assessment)
        }


OUTCOMES = ("pass", "fail", "unknown", "manual", "not_applicable", "gone")


@pytest.mark.slow(seconds=2)
@pytest.mark.django_db
@settings(max_examples=12)
@given(seed=st.integers(0, 10**6))
@example(seed=94)
@example(seed=24533)
@example(seed=14581)
def test_nothing_cited_is_deleted_and_nothing_stated_changes(seed: int) -> None:
    """In random histories, a deletion removes no cited row, and changes nothing that a report would state about an
    assessment whose details are kept.
    """
    with transaction.atomic():
        _check_random_history(random.Random(seed))
        transaction.set_rollback(True)


def _check_random_history(rng: random.Random) -> None:
    c = Customer()
    names = [f"d{number}" for number in range(12)]
    for name in names:
        c.document(name, rng.uniform(300, 3000))
    ages = sorted((rng.uniform(1, 3000) for _ in range(8)), reverse=True)
    ran = [
        c.assessment(number, age, rng.sample(names, 4), only=["x"] if rng.random() < 0.2 else [])
        for number, age in enumerate(ages, 1)
    ]
    findings = [c.finding(number, evidence=rng.sample(names, 2)) for number in range(4)]
    for finding in findings:
        before = ""
        for assessment in ran:
            if rng.random() < 0.6:
                after = rng.choice(OUTCOMES if before else OUTCOMES[:3])
                if before == after == "gone":
                    continue
                c.change(finding, assessment, before, after)
                before = after
    reports = [c.report(n, rng.uniform(1, 3000), rng.choice(ran)) for n in range(1, rng.randint(2, 4))]
    exceptions = [c.exception(rng.choice(findings), rng.uniform(1, 2900), rng.choice(["active", "expired"]))]
    before_of = {row.number: stated(c, row.number) for row in ran}
    cited_by_report = {sha for r in reports for sha in manifest_hashes(c, r.assessment_id)}
    for key in RUN_KINDS[:5]:
        # A run may stop after any batch.
        for _ in range(rng.choice((1, 2, 100))):
            if not c.delete(key, KINDS[key].default, 3):
                break
    with factories.in_tenant(c.tenant):
        present = set(EvidenceItem.objects.values_list("sha256", flat=True))
        cited = {sha for finding in Finding.objects.all() for sha in finding.evidence}
        left = list(Assessment.objects.order_by("number"))
        kept_reports = set(Report.objects.values_list("assessment_id", flat=True))
    assert cited <= present
    assert kept_reports <= {row.pk for row in left}
    for row in left:
        assert set(manifest_hashes(c, row.pk)) <= present
        if row.details_deleted_at is None:
            assert stated(c, row.number) == before_of[row.number], row.number
    last = max(row.number for row in ran)
    assert last in {row.number for row in left}
    assert stated(c, last) == before_of[last]
    if kept_reports and len(reports) == len(kept_reports):
        assert cited_by_report <= present
    assert exceptions


def manifest_hashes(customer: Customer, assessment_id: UUID) -> list[str]:
    with factories.in_tenant(customer.tenant), connection.cursor() as cursor:
        cursor.execute(
            "SELECT h #>> '{}' FROM assessments_unit u JOIN assessments_evidenceitem m ON m.id = u.manifest_id,"
            " jsonb_path_query(m.content, '$.answers.*.*[*][1][*]') h WHERE u.assessment_id = %s",
            [assessment_id],
        )
        return [sha for (sha,) in cursor.fetchall()]


@pytest.mark.django_db(transaction=True)
def test_old_imported_scans_are_deleted_with_evidence(customer: Customer) -> None:
    c = customer
    with factories.in_tenant(c.tenant):
        for days in (500, 3):
            import_scan(
                tenant=c.tenant,
                by=BY,
                origin="folder",
                file_name=f"{days}.csv",
                content=f"ip,vulnerability,vulnerability id\n10.0.0.{days % 250},a,1\n".encode(),
                scanned_at=c.at(days),
            )
        preview = request_run(tenant=c.tenant, by=BY, dry_run=True, kinds=["evidence"])
    carry_out(tenant_id=c.tenant.pk, run_id=preview.pk)
    with factories.in_tenant(c.tenant):
        preview.refresh_from_db()
        assert ScanImport.objects.count() == 2
        run = request_run(tenant=c.tenant, by=BY, dry_run=False, kinds=["evidence"])
    carry_out(tenant_id=c.tenant.pk, run_id=run.pk)
    with factories.in_tenant(c.tenant):
        run.refresh_from_db()
        (left,) = ScanImport.objects.all()
    assert left.scanned_at == c.at(3)
    assert run.results["evidence"]["rows"] == preview.results["evidence"]["rows"] == 1
    assert run.results["evidence"]["oldest"] == c.at(500).isoformat()

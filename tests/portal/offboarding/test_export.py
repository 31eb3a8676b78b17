"""The export of a customer: everything of the customer and nothing of others, with progress, cancel and expiry."""

from __future__ import annotations

import hashlib
import json
import os
import time
import zipfile
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.models import EvidenceItem, Finding, ResourceVersion
from portal.distribution.actions.schedules import add_schedule
from portal.distribution.models import ReportSchedule
from portal.offboarding.exports import actions
from portal.offboarding.exports.actions import (
    cancel_export,
    delete_old_exports,
    request_export,
    resend_lost,
    run_export,
)
from portal.offboarding.exports.archive import Archive
from portal.offboarding.models import CustomerExport
from portal.offboarding.tables import LEFT_OUT, columns, exported_models, tenant_models
from tenants import journal
from tenants.errors import Conflict
from tenants.models import JournalEntry, Tenant
from tenants.scope import organization_scope
from tenants.secrets import SealedField
from tests import factories
from tests.factories import BY
from tests.portal.distribution.schedules import choices
from tests.portal.web.world import World
from tests.signed_in import signed_in_client
from tests.stored_versions import assessments_of, history_of

State = CustomerExport.State


@pytest.fixture
def administrator(world: World) -> Client:
    return signed_in_client(world.people["organization_administrator"])


def url(world: World) -> str:
    return reverse("leaving", args=[world.home.slug])


def requested(world: World) -> CustomerExport:
    with factories.in_tenant(world.home):
        return request_export(tenant=world.home, by=BY)


def stored(world: World, export: CustomerExport) -> CustomerExport:
    with factories.in_tenant(world.home):
        return CustomerExport.objects.get(pk=export.pk)


def run(export: CustomerExport) -> None:
    run_export(tenant_id=export.tenant_id, export_id=export.pk)


@pytest.mark.slow(seconds=1)
def test_archive_has_every_row_and_file_of_the_customer_only(world: World, administrator: Client) -> None:
    export = requested(world)
    run(export)
    done = stored(world, export)
    assert done.state == State.READY, done.error
    answer = administrator.post(reverse("customer-export", args=[world.home.slug, export.pk]))
    data = b"".join(answer)
    assert hashlib.sha256(data).hexdigest() == done.sha256
    assert len(data) == done.size
    with zipfile.ZipFile(BytesIO(data)) as archive:
        assert archive.testzip() is None
        contents = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(contents.pop("manifest.json"))
    assert manifest["problems"] == []
    assert manifest["customer"]["name"] == world.home.name
    assert manifest["files"].keys() == contents.keys()
    for name, content in contents.items():
        assert hashlib.sha256(content).hexdigest() == manifest["files"][name]["sha256"], name
        assert len(content) == manifest["files"][name]["size"], name
    counted = 0
    with factories.in_tenant(world.home):
        for model in exported_models():
            rows = [json.loads(line) for line in contents[f"tables/{model._meta.label}.jsonl"].splitlines()]
            expected: Any = model._default_manager
            expected = (
                expected.filter(pk=world.home.pk) if model is Tenant else expected.filter(tenant=world.home)
            )
            assert {row[model._meta.pk.attname] for row in rows} == {
                str(pk) for pk in expected.values_list("pk", flat=True)
            }, model._meta.label
            counted += len(rows)
        findings = {str(pk) for pk in Finding.objects.values_list("pk", flat=True)}
        evidence = EvidenceItem.objects.order_by("pk").first()
        head = JournalEntry.objects.filter(action="export.requested").get()
    assert counted > len(findings) > 0
    evidence_lines = [
        json.loads(line) for line in contents["tables/assessments.EvidenceItem.jsonl"].splitlines()
    ]
    assert evidence_lines[0]["content"] == evidence.content
    entries = [json.loads(line) for line in contents["journal.jsonl"].splitlines()]
    assert [entry["sequence"] for entry in entries] == list(range(1, head.sequence + 1))
    assert manifest["journal_head"] == {"sequence": head.sequence, "hash": entries[-1]["hash"]}
    assert sum(name.startswith("evidence-files/") for name in contents) == 1
    assert "reports/report-1.pdf" in contents
    people = [json.loads(line) for line in contents["people.jsonl"].splitlines()]
    assert {"id", "name", "email"} == people[0].keys()
    whole = b"".join(contents.values()).decode(errors="replace")
    assert world.foreign.name not in whole
    assert str(world.foreign.pk) not in whole


@pytest.mark.slow(seconds=1)
def test_the_manifest_names_the_last_exported_entry(world: World, tmp_path: Path) -> None:
    """Entries that are added to the journal while the archive is written are not exported."""

    def progress(step: str, steps: int, rows: int) -> None:
        if step == "reports":
            with factories.in_tenant(world.home):
                journal.record(tenant=world.home, actor=factories.BY, action="test.done", target="x")

    path = tmp_path / "export.zip"
    Archive(world.home.pk, progress).write(path)
    with zipfile.ZipFile(path) as archive:
        last = json.loads(archive.read("journal.jsonl").splitlines()[-1])
        stated = json.loads(archive.read("manifest.json"))["journal_head"]
    assert stated == {"sequence": last["sequence"], "hash": last["hash"]}


@pytest.mark.slow(seconds=1)
def test_versions_are_exported_with_their_whole_configurations(world: World) -> None:
    documents = [{"pad": "x" * 500, "n": n} for n in range(3)]
    with factories.in_tenant(world.home):
        rows = history_of(world.home, documents)
        (assessment,) = assessments_of(world.home, 1)
        bad = ResourceVersion.objects.create(
            tenant=world.home,
            resource=rows[0].resource,
            assessment=assessment,
            at=timezone.now(),
            sha256="0" * 64,
            chain=rows[0].pk,
            step=3,
            stored=[{"op": "replace", "path": "/n", "value": 3}],
        )
    export = requested(world)
    run(export)
    with zipfile.ZipFile(stored(world, export).file.path) as archive:
        lines = archive.read("tables/assessments.ResourceVersion.jsonl").splitlines()
        problems = json.loads(archive.read("manifest.json"))["problems"]
    exported = {row["id"]: row for row in map(json.loads, lines)}
    assert [exported[str(row.pk)]["content"] for row in rows] == documents
    assert [exported[str(row.pk)]["sha256"] for row in rows] == [row.sha256 for row in rows]
    assert not {"stored", "chain", "step"} & exported[str(rows[0].pk)].keys()
    assert exported[str(bad.pk)]["content"] is None
    (problem,) = problems
    assert f"stored as version {bad.pk} do not result in" in problem


@pytest.mark.slow(seconds=1)
def test_recipients_of_the_organizations_schedules_are_not_exported(world: World) -> None:
    """These recipients may be people of other customers."""
    with organization_scope(world.organization):
        add_schedule(
            place=world.organization,
            by=factories.BY,
            choices=choices(name="Of all", addresses=["cfo@fabrikam.example"]),
        )
        add_schedule(place=world.home, by=factories.BY, choices=choices(name="Own"))
        assert ReportSchedule.objects.filter(tenant=world.home, name="Of all").exists()
    export = requested(world)
    run(export)
    path = stored(world, export).file.path
    with zipfile.ZipFile(path) as archive:
        lines = archive.read("tables/distribution.ReportSchedule.jsonl").splitlines()
        whole = b"".join(archive.read(name) for name in archive.namelist())
    found = {row["name"]: row["addresses"] for row in map(json.loads, lines)}
    assert found["Of all"] == []
    assert [one["address"] for one in found["Own"]] == ["it@contoso.example"]
    assert b"cfo@fabrikam.example" not in whole


def test_nothing_secret_is_exported_and_no_table_is_forgotten() -> None:
    assert {model._meta.label for model in tenant_models()} == {
        model._meta.label for model in exported_models() if model is not Tenant
    } | LEFT_OUT.keys()
    for model in exported_models():
        sealed = {field.attname for field in model._meta.concrete_fields if isinstance(field, SealedField)}
        assert not sealed & set(columns(model)), model._meta.label
    every = {f"{model._meta.label}.{name}" for model in exported_models() for name in columns(model)}
    suspicious = ("secret", "token", "credential", "password", "private")
    assert sorted(name for name in every if any(word in name.rpartition(".")[2] for word in suspicious)) == [
        "audit.Anchor.token",  # A time stamp, which gives nobody access.
        # Ids of a client secret and a token, a token's displayed beginning, and rights: nobody can sign in with them.
        "bulk_jobs.BulkJob.client_secret_id",
        "bulk_jobs.BulkJob.token",
        "bulk_jobs.BulkJob.token_id",
        "bulk_jobs.BulkJob.token_rights",
        "notify.Channel.previous_secret_until",  # Only a time.
    ]


def test_download_is_recorded_and_needs_a_finished_export(world: World, administrator: Client) -> None:
    ready = world.of(world.home)["export"]
    answer = administrator.post(reverse("customer-export", args=[world.home.slug, ready.pk]))
    assert b"".join(answer) == b"archive"
    assert answer["Content-Disposition"].startswith("attachment")
    with factories.in_tenant(world.home):
        entry = JournalEntry.objects.latest("sequence")
    assert (entry.action, entry.details) == ("export.downloaded", {"sha256": ready.sha256})
    waiting = requested(world)
    address = reverse("customer-export", args=[world.home.slug, waiting.pk])
    assert administrator.post(address).status_code == 404


@pytest.mark.parametrize("what", ["changed", "longer", "missing"])
def test_file_that_differs_from_the_written_archive_is_refused(
    world: World, administrator: Client, what: str
) -> None:
    ready = world.of(world.home)["export"]
    path = Path(stored(world, ready).file.path)
    before = path.read_bytes()
    try:
        if what == "missing":
            path.unlink()
        else:
            path.write_bytes(before + b"!" if what == "longer" else before[:-1] + b"!")
        address = reverse("customer-export", args=[world.home.slug, ready.pk])
        answer = administrator.post(address, follow=True)
        assert "so it was not sent" in unescape(b"".join(answer).decode())
        assert answer["Content-Type"].startswith("text/html")
    finally:
        path.write_bytes(before)
    with factories.in_tenant(world.home):
        entry = JournalEntry.objects.get(action="export.file_refused")
        assert not JournalEntry.objects.filter(action="export.downloaded").exists()
    assert entry.details["sha256"] == ready.sha256
    assert (entry.details["found"] == "no file") == (what == "missing")


def test_page_requests_shows_and_cancels_an_export(world: World, administrator: Client) -> None:
    html = unescape(administrator.post(url(world), {"export": "1"}, follow=True).content.decode())
    assert "Waiting for a worker." in html
    assert 'hx-trigger="every 2s"' in html
    again = unescape(administrator.post(url(world), {"export": "1"}, follow=True).content.decode())
    assert "is already being written" in again
    with factories.in_tenant(world.home):
        export = CustomerExport.objects.get(state=State.WAITING)
    gone = unescape(administrator.post(url(world), {"cancel": str(export.pk)}, follow=True).content.decode())
    assert "The last export is cancelled." in gone
    run(export)
    assert stored(world, export).state == State.CANCELLED
    for pk in ("nonsense", str(world.of(world.foreign)["export"].pk)):
        assert administrator.post(url(world), {"cancel": pk}).status_code == 404


def test_cancelling_stops_the_worker_and_leaves_no_file(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = requested(world)
    seen: list[str] = []
    original = actions._progress_of

    def cancelling(row: CustomerExport) -> Any:
        report = original(row)

        def reported(step: str, done: int, rows: int) -> None:
            report(step, done, rows)
            seen.append(step)
            if len(seen) == 5:
                with factories.in_tenant(world.home):
                    cancel_export(export=row, by=BY)

        return reported

    monkeypatch.setattr(actions, "_progress_of", cancelling)
    run(export)
    assert len(seen) == 5
    row = stored(world, export)
    assert (row.state, row.file.name) == (State.CANCELLED, "")
    folder = Path(world.of(world.home)["export"].file.path).parent
    assert not [path for path in folder.iterdir() if str(export.pk) in path.name]
    with factories.in_tenant(world.home), pytest.raises(Conflict, match="already ended"):
        cancel_export(export=row, by=BY)


def test_failed_export_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Archive, path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    export = requested(world)
    monkeypatch.setattr(Archive, "write", full)
    with pytest.raises(OSError, match="No space"):
        run(export)
    row = stored(world, export)
    assert row.state == State.FAILED
    assert "OSError" in row.error
    folder = Path(world.of(world.home)["export"].file.path).parent
    assert not [path for path in folder.iterdir() if path.suffix == ".part"]


@pytest.mark.slow(seconds=1)
def test_lost_worker_is_replaced_and_cannot_finish(
    world: World, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    export = requested(world)
    stale = actions._claimed(export.tenant_id, export.pk)
    assert stale is not None
    run(export)  # Does nothing, because another worker claimed the export just now.
    assert stored(world, export).state == State.RUNNING
    sent: list[UUID] = []
    monkeypatch.setattr(actions, "enqueue", lambda task, *ids: sent.append(ids[1]))
    with factories.in_tenant(world.home):
        resend_lost(tenant=world.home)
        assert sent == []
        CustomerExport.objects.filter(pk=export.pk).update(worked_at=timezone.now() - timedelta(minutes=6))
        resend_lost(tenant=world.home)
    assert sent == [export.pk]
    run(export)
    assert stored(world, export).state == State.READY
    with pytest.raises(actions._Stopped):
        actions._progress_of(stale)("late", 1, 1)


@pytest.mark.slow(seconds=1)
def test_changed_and_missing_files_are_problems_and_not_silent(
    world: World, damage: Callable[[str, bytes | None], None]
) -> None:
    own = world.of(world.home)
    damage(own["file"].file.path, b"changed")
    damage(own["report"].file.path, None)
    export = requested(world)
    run(export)
    row = stored(world, export)
    assert row.state == State.READY
    assert "report-1.pdf is missing in the state directory" in row.error
    assert "was changed on the disk" in row.error


def test_old_exports_are_deleted(
    world: World, django_capture_on_commit_callbacks: Any, damage: Callable[[str, bytes | None], None]
) -> None:
    export = world.of(world.home)["export"]
    path = Path(export.file.path)
    # Call `damage` before this test deletes the file, so that the file is restored after the test.
    damage(str(path), path.read_bytes())
    with factories.in_tenant(world.home):
        assert delete_old_exports(tenant_id=world.home.pk) == 0
        CustomerExport.objects.filter(pk=export.pk).update(expires_at=timezone.now())
        with django_capture_on_commit_callbacks(execute=True):
            assert delete_old_exports(tenant_id=world.home.pk) == 1
    assert not path.exists()
    assert stored(world, export).state == State.EXPIRED


def test_files_of_killed_workers_are_deleted_after_a_day(world: World) -> None:
    export = world.of(world.home)["export"]
    kept = Path(export.file.path)
    killed = [kept.with_name("killed.1.part"), kept.with_name("killed.zip")]
    running = kept.with_name("running.1.part")
    for path in (*killed, running):
        path.write_bytes(b"rows of the customer")
    two_days_ago = time.time() - 2 * 24 * 3600
    for path in (*killed, kept):
        os.utime(path, (two_days_ago, two_days_ago))
    with factories.in_tenant(world.home):
        assert delete_old_exports(tenant_id=world.home.pk) == 0
    assert [path.exists() for path in (*killed, running, kept)] == [False, False, True, True]
    running.unlink()


@pytest.mark.slow(seconds=1)
def test_command_writes_an_archive(world: World, tmp_path: Path) -> None:
    path, out = tmp_path / "customer.zip", StringIO()
    call_command("export_customer", world.home.slug, str(path), stdout=out)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    assert sha256 in out.getvalue()
    assert path.stat().st_mode & 0o777 == 0o600
    with factories.in_tenant(world.home):
        assert JournalEntry.objects.latest("sequence").details["sha256"] == sha256
    with pytest.raises(CommandError, match="could not be written: File exists"):
        call_command("export_customer", world.home.slug, str(path))
    assert hashlib.sha256(path.read_bytes()).hexdigest() == sha256
    with pytest.raises(CommandError, match="There is no customer"):
        call_command("export_customer", "nobody", str(tmp_path / "other.zip"))

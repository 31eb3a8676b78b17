"""The register of reports: revoked and superseded reports, on pages and by commands. Files never change."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from assessments.models import Assessment
from portal.notify.models import Notice
from portal.reports.actions import build_report
from portal.reports.create import create_report
from portal.reports.errors import CannotRevoke
from portal.reports.keys.signing_identity import ensure_signing_identity
from portal.reports.models import RegisterEntry
from portal.reports.records.known_certificates import remember_certificate
from portal.reports.records.register import standing
from portal.reports.records.revocation import revoke_report
from portal.reports.reperformance.archive import program_archive
from tenants.errors import InvalidInput, NotFound
from tenants.models import JournalEntry
from tests import factories
from tests.portal.reports.conftest import Built
from tests.signed_in import signed_in_client

REASON = "Two subscriptions were missing."


@pytest.fixture(autouse=True)
def uncounted() -> None:
    cache.clear()


def revoked(built: Built) -> RegisterEntry:
    with factories.in_tenant(built.world.home):
        return revoke_report(
            report=built.report, reason=REASON, by=built.world.people["organization_administrator"]
        )


def verify(*arguments: str) -> tuple[int, str]:
    out, status = StringIO(), 0
    try:
        call_command("verify_report", *arguments, stdout=out)
    except SystemExit as end:
        status = int(end.code or 0)
    return status, out.getvalue()


@pytest.mark.slow(seconds=1)
def test_revocation_is_recorded_and_readers_are_notified(built: Built) -> None:
    before = built.report.file.open("rb").read()
    entry = revoked(built)
    with factories.in_tenant(built.world.home):
        (row,) = JournalEntry.objects.filter(action="report.revoked")
        assert row.details["reason"] == REASON
        people = set(Notice.objects.filter(kind="report_revoked").values_list("person__email", flat=True))
    readers = ("organization_engineer", "tenant_administrator", "approver", "auditor")
    expected = {built.world.people[name].email for name in readers}
    assert expected <= people
    assert not {built.world.people[name].email for name in ("organization_administrator", "owner")} & people
    found = standing(built.report.pk)
    assert (found.revoked_at, found.reason) == (entry.entered_at, REASON)
    assert built.report.file.open("rb").read() == before


@pytest.mark.slow(seconds=1)
def test_report_is_revoked_once_and_only_with_a_reason_without_the_customer(built: Built) -> None:
    by = built.world.people["organization_administrator"]
    with factories.in_tenant(built.world.home):
        for reason in ("", "  ", "x" * 501, f"Wrong for {built.world.home.name.upper()}"):
            with pytest.raises(InvalidInput):
                revoke_report(report=built.report, reason=reason, by=by)
    revoked(built)
    with pytest.raises(CannotRevoke, match="already revoked"):
        revoked(built)
    with factories.in_tenant(built.world.home):
        building = create_report(built.world.home, factories.BY, {})
        with pytest.raises(CannotRevoke, match="no signed file"):
            revoke_report(report=building, reason=REASON, by=by)


@pytest.mark.parametrize("change", ["update", "delete"])
def test_entries_are_final(built: Built, change: str) -> None:
    revoked(built)
    rows = RegisterEntry.objects.filter(report=built.report.pk)
    with (
        pytest.raises(DatabaseError, match="entries of the register of reports are final"),
        transaction.atomic(),
    ):
        rows.update(reason="Other") if change == "update" else rows.delete()


def insert(report: UUID, *, replacement: UUID | None = None, number: int | None = None) -> None:
    """Insert an entry with SQL, dated a year ago."""
    state, reason = ("superseded", "") if replacement else ("revoked", REASON)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO reports_registerentry (report, state, reason, replacement, number, entered_at)"
            " VALUES (%s, %s, %s, %s, %s, now() - interval '1 year')",
            [report, state, reason, replacement, number],
        )


@pytest.mark.slow(seconds=1)
def test_sql_enters_only_finished_reports_within_the_scope(built: Built) -> None:
    home, foreign, report = built.world.home, built.world.foreign, built.report.pk
    outside = "only finished reports within the scope"
    other = "only by a finished report of the same customer"
    with pytest.raises(DatabaseError, match=outside):
        insert(report)
    with factories.in_tenant(foreign), pytest.raises(DatabaseError, match=outside):
        insert(report)
    with factories.in_tenant(home):
        building = create_report(home, factories.BY, {})
        with pytest.raises(DatabaseError, match=outside):
            insert(building.pk)
        for replacement, number in (
            (building.pk, building.number),
            (report, built.report.number),
            (uuid4(), 9),
        ):
            with pytest.raises(DatabaseError, match=other):
                insert(report, replacement=replacement, number=number)
        new = build_report(tenant=home, by=factories.BY)
        with pytest.raises(DatabaseError, match=other):
            insert(report, replacement=new.pk, number=new.number + 1)
        insert(report)
        insert(report, replacement=new.pk, number=new.number)
    ages = [timezone.now() - entry.entered_at for entry in RegisterEntry.objects.filter(report=report)]
    assert len(ages) == 2
    assert max(ages) < timedelta(minutes=10)


def test_register_names_no_customer(built: Built) -> None:
    assert {field.name for field in RegisterEntry._meta.get_fields()} == {
        "id", "report", "state", "reason", "replacement", "number", "entered_at",
    }  # fmt: skip


@pytest.mark.slow(seconds=1)
def test_new_report_supersedes_the_one_that_it_names(built: Built) -> None:
    with factories.in_tenant(built.world.home):
        new = build_report(tenant=built.world.home, by=factories.BY, supersedes=built.report)
        found = standing(built.report.pk)
        assert (found.number, found.revoked_at) == (new.number, None)
        assert JournalEntry.objects.filter(action="report.superseded").count() == 1
        with pytest.raises(InvalidInput, match="already revoked or superseded"):
            create_report(built.world.home, factories.BY, {"supersedes": built.report})
        with pytest.raises(InvalidInput, match="another kind"):
            create_report(built.world.home, factories.BY, {"kind": "executive", "supersedes": new})
        with pytest.raises(InvalidInput, match="another kind or framework"):
            create_report(built.world.home, factories.BY, {"framework": "cis-5.0.0", "supersedes": new})
        new.tenant_id = built.world.foreign.pk
        with pytest.raises(NotFound):
            create_report(built.world.home, factories.BY, {"supersedes": new})


@pytest.mark.parametrize(
    ("values", "error"),
    [
        (
            {"ended_at": timedelta(days=-1)},
            "states the results as of .* UTC, but assessment .* ended earlier",
        ),
        (
            {"only": ["one"]},
            r"covers the whole customer, but assessment \d+ covers 1 selected unit\. Choose an",
        ),
        ({"state": "cancelled"}, "was cancelled, but report"),
    ],
)
def test_report_is_not_superseded_by_an_older_one_or_one_of_other_units(
    built: Built, values: dict[str, Any], error: str
) -> None:
    with factories.in_tenant(built.world.home):
        if "ended_at" in values:
            values = {"ended_at": built.report.as_of + values["ended_at"]}
        newer = Assessment.objects.get(pk=built.report.assessment_id)
        newer.pk, newer.number = uuid4(), newer.number + 100
        newer.ended_at = built.report.as_of + timedelta(minutes=1)
        for name, value in values.items():
            setattr(newer, name, value)
        newer.save(force_insert=True)
        with pytest.raises(InvalidInput) as refused:
            create_report(built.world.home, factories.BY, {"assessment": newer, "supersedes": built.report})
    assert re.search(error, " ".join(refused.value.fields["supersedes"]))


def test_page_says_why_a_report_of_other_units_supersedes_nothing(built: Built) -> None:
    with factories.in_tenant(built.world.home):
        newer = Assessment.objects.get(pk=built.report.assessment_id)
        newer.pk, newer.number, newer.only = uuid4(), newer.number + 100, ["one", "two"]
        newer.save(force_insert=True)
        kind = built.report.kind
        client = signed_in_client(built.world.people["organization_engineer"])
        form = {
            "kind": kind,
            "assessment": newer.pk,
            "supersedes": built.report.pk,
            "framework": built.report.framework,
        }
        form |= {"classification": "Internal", "paper": "a4", "language": "en"}
        answer = client.post(reverse("report-build", args=[built.world.home.slug]), form, follow=True)
    assert (
        "covers 2 selected units. Choose an assessment of the same subscriptions" in answer.content.decode()
    )


@pytest.mark.slow(seconds=1)
def test_verification_says_that_the_superseding_report_was_revoked(built: Built, client: Client) -> None:
    remember_certificate(ensure_signing_identity().certificate)
    sha256 = hashlib.sha256(built.data).hexdigest()
    with factories.in_tenant(built.world.home):
        new = build_report(tenant=built.world.home, by=factories.BY, supersedes=built.report)
    assert "which was revoked" not in verify("--sha256", sha256)[1]
    revoked(Built(built.world, new, b""))
    expected = rf"uperseded by report {new.number} of [\d-]{{10}}, which was revoked on [\d-]{{10}}"
    status, text = verify("--sha256", sha256)
    assert status == 5
    assert re.search(expected, text)
    assert re.search(expected, client.post(reverse("verify"), {"sha256": sha256}).content.decode())
    reader = signed_in_client(built.world.people["auditor"])
    for name, arguments in (("reports", []), ("report", [built.report.number])):
        page = reader.get(reverse(name, args=[built.world.home.slug, *arguments])).content.decode()
        assert re.search(expected, page)


@pytest.mark.slow(seconds=1)
def test_command_says_valid_but_revoked_or_superseded(built: Built, tmp_path: Path) -> None:
    remember_certificate(ensure_signing_identity().certificate)
    path = tmp_path / "report.pdf"
    path.write_bytes(built.data)
    sha256 = hashlib.sha256(built.data).hexdigest()
    assert verify(str(path))[0] == 0
    status, text = verify("--sha256", sha256.upper())
    assert (status, text.splitlines()[0]) == (0, f"{sha256}: issued by this installation")
    assert built.world.home.name in text
    with factories.in_tenant(built.world.home):
        number = build_report(tenant=built.world.home, by=factories.BY, supersedes=built.report).number
    status, text = verify(str(path))
    assert status == 5
    assert re.search(rf"report.pdf: valid, but superseded by report {number} of \d{{4}}-\d\d-\d\d\n", text)
    revoked(built)
    for arguments in ([str(path)], ["--sha256", sha256]):
        status, text = verify(*arguments)
        assert status == 4
        assert re.search(
            r", but revoked on \d{4}-\d\d-\d\d because: Two subscriptions were missing and sup", text
        )
    path.write_bytes(built.data + b" ")
    status, text = verify(str(path))
    assert status == 1
    assert "revoked" not in text
    assert verify("--sha256", "0" * 64)[0] == 1


def test_verify_page_tells_anonymous_people_no_customer(built: Built, client: Client) -> None:
    remember_certificate(ensure_signing_identity().certificate)
    name = escape(built.world.home.name)
    sha256 = hashlib.sha256(built.data).hexdigest()
    revoked(built)
    file = {"report": SimpleUploadedFile("report.pdf", built.data)}
    by_file = client.post(reverse("verify"), file).content.decode()
    assert re.search(
        r"report.pdf is valid, but revoked on [\d-]+ because: Two subscriptions were missing\.<", by_file
    )
    assert name not in re.sub(r"<dd.*?</dd>", "", by_file, flags=re.DOTALL)
    by_hash = client.post(reverse("verify"), {"sha256": f" {sha256.upper()} "}).content.decode()
    assert "This installation issued a file with this SHA-256." in by_hash
    assert "because: Two subscriptions were missing." in by_hash
    assert name not in by_hash
    unknown = client.post(reverse("verify"), {"sha256": "0" * 64}).content.decode()
    assert "no record of a file with this SHA-256" in unknown
    wrong = client.post(reverse("verify"), {"sha256": "12"})
    assert wrong.status_code == 400
    assert "Enter the 64 hexadecimal digits of a SHA-256." in wrong.content.decode()
    reader = signed_in_client(built.world.people["auditor"])
    assert name in reader.post(reverse("verify"), {"sha256": sha256}).content.decode()
    stranger = signed_in_client(built.world.people["owner"])
    assert name not in stranger.post(reverse("verify"), {"sha256": sha256}).content.decode()


def test_administrator_revokes_on_the_page_of_the_report(built: Built) -> None:
    slug, number = built.world.home.slug, built.report.number
    page, address = (reverse(name, args=[slug, number]) for name in ("report", "report-revoke"))
    client = signed_in_client(built.world.people["organization_administrator"])
    assert address in client.get(page).content.decode()
    named = client.post(address, {"reason": f"Wrong for {built.world.home.name}"})
    assert named.status_code == 400
    assert "Do not name the customer" in named.content.decode()
    assert client.post(address, {"reason": REASON}).status_code == 302
    text = client.get(page).content.decode()
    assert "because: Two subscriptions were missing." in text
    assert address not in text
    assert (
        "because: Two subscriptions were missing."
        in client.get(reverse("reports", args=[slug])).content.decode()
    )
    engineer = signed_in_client(built.world.people["organization_engineer"])
    assert engineer.post(address, {"reason": REASON}).status_code == 403


def test_form_offers_reports_of_the_same_kind(built: Built) -> None:
    client = signed_in_client(built.world.people["organization_engineer"])
    address = reverse("reports", args=[built.world.home.slug])
    label = f"Report {built.report.number}, as of "
    assert label in client.get(address).content.decode()
    assert label not in client.get(address, {"kind": "executive"}).content.decode()


def test_offline_verifier_is_downloaded_without_an_account(client: Client) -> None:
    from portal.reports.offline.bundle import PATH

    html = client.get(reverse("verify")).content.decode()
    assert reverse("offline-verifier") in html
    assert "does not know whether a report was revoked or superseded" in " ".join(html.split())
    answer = client.get(reverse("offline-verifier"))
    assert answer.content == PATH.read_bytes()
    assert answer["Content-Disposition"] == 'attachment; filename="surety_verify.py"'


@pytest.mark.slow(seconds=2)
def test_the_program_for_bundles_is_downloaded_without_an_account(client: Client) -> None:
    assert reverse("surety-verify") in client.get(reverse("verify")).content.decode()
    answer = client.get(reverse("surety-verify"))
    assert answer.content == program_archive()
    assert answer["Content-Disposition"] == 'attachment; filename="surety-verify.pyz"'


def test_the_program_for_journals_is_downloaded_without_an_account(client: Client) -> None:
    assert reverse("journal-verifier") in client.get(reverse("verify")).content.decode()
    answer = client.get(reverse("journal-verifier"))
    assert answer["Content-Disposition"] == 'attachment; filename="verify_journal.py"'
    document = (settings.BASE_DIR / "docs" / "journal.md").read_text()
    assert f"```python\n{answer.content.decode()}```" in document


def test_the_reason_cannot_control_the_terminal(built: Built, tmp_path: Path) -> None:
    file = tmp_path / "report.pdf"
    file.write_bytes(built.data)
    with factories.in_tenant(built.world.home):
        revoke_report(
            report=built.report,
            reason="Wrong\x1b[2J\x9b8m\u202e",
            by=built.world.people["organization_administrator"],
        )
    for arguments in ([str(file)], ["--sha256", built.report.sha256]):
        assert "because: Wrong\\x1b[2J\\x9b8m\\u202e\n" in verify(*arguments)[1]

"""Archive time stamps are renewed in time. Each renewal extends the file, and all earlier copies stay valid."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from cryptography import x509
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from portal.notify.models import Notice
from portal.reports import tasks
from portal.reports.actions import read_file
from portal.reports.errors import CannotRenew, SigningUnavailable
from portal.reports.keys.signing_identity import fingerprint
from portal.reports.models import RenewedFile, Report
from portal.reports.records.installation_trust import installation_trust
from portal.reports.records.known_certificates import distrust_certificate
from portal.reports.records.register import find_by_hash
from portal.reports.records.report_identity import report_anywhere
from portal.reports.records.revocation import revoke_report
from portal.reports.renewal import due_reports, renew
from portal.reports.verification.verify import verify_pdf
from tenants.models import JournalEntry
from tests import factories
from tests.portal.reports.archive_files import configure
from tests.portal.reports.conftest import Built, build
from tests.portal.reports.pki import Pki
from tests.portal.web.requests import page
from tests.portal.web.world import World
from tests.signed_in import signed_in_client

pytestmark = pytest.mark.slow(seconds=10)


@pytest.fixture
def short(world: World, pki: Pki, monkeypatch: pytest.MonkeyPatch) -> Built:
    """A short report at the level B-LTA, whose archive time stamp ends in 20 days."""
    monkeypatch.setenv("SURETY_SIGNING_P12", str(pki.write_signer()))
    configure(pki, "B-LTA", tsa="short-tsa")
    return build(world, kind="executive")


def stored(built: Built) -> tuple[Report, bytes]:
    with factories.in_tenant(built.world.home):
        report = Report.objects.get(pk=built.report.pk)
        with report.file.open("rb") as file:
            return report, file.read()


def test_renewal_keeps_the_signed_file_and_records_both_hashes(short: Built, pki: Pki) -> None:
    before, data = stored(short)
    assert before.level == "B-LTA"
    assert before.archive_algorithm == "ecdsa-256-sha256"
    assert before.archive_until is not None
    assert before.archive_until < datetime.now(UTC) + timedelta(days=21)
    configure(pki, "B-LTA")
    out = StringIO()
    call_command("renew_time_stamps", dry_run=True, stdout=out)
    assert "Archive time stamps due: 1." in out.getvalue()
    assert stored(short)[0].sha256 == before.sha256
    out = StringIO()
    call_command("renew_time_stamps", stdout=out)
    assert "Archive time stamps renewed: 1 of 1." in out.getvalue()
    after, longer = stored(short)
    assert longer.startswith(data)
    assert after.sha256 != before.sha256
    assert (after.size, after.archive_until) > (before.size, before.archive_until)
    for content in (data, longer):
        result = verify_pdf(content, installation_trust())
        assert result.valid, result.problems
        assert result.recorded
        found = find_by_hash(result.sha256)
        assert found is not None
        assert (found.record.report, found.record.sha256) == (before.pk, before.sha256)
        assert report_anywhere(result.sha256) == before
    with factories.in_tenant(short.world.home):
        entry = JournalEntry.objects.filter(action="report.time_stamp_renewed").get()
        assert entry.details["previous_sha256"] == before.sha256
        assert entry.details["sha256"] == after.sha256
        assert not due_reports(short.world.home)
    out = StringIO()
    call_command("renew_time_stamps", stdout=out)
    assert "No archive time stamp is due." in out.getvalue()


def test_revoked_report_is_revoked_in_every_copy(short: Built, pki: Pki) -> None:
    before, _ = stored(short)
    configure(pki, "B-LTA")
    renew(tenant_id=before.tenant_id, report_id=before.pk, by=factories.BY)
    after, _ = stored(short)
    with factories.in_tenant(short.world.home):
        revoke_report(report=after, reason="Wrong scope", by=short.world.people["organization_administrator"])
    for sha256 in (before.sha256, after.sha256):
        found = find_by_hash(sha256)
        assert found is not None
        assert found.standing.revoked_at is not None


def test_a_time_stamp_that_ends_no_later_is_not_added(short: Built, pki: Pki) -> None:
    """If a stamp that ends no later than the present one were added, the file would grow every night until the
    authority gets a new certificate.
    """
    before, data = stored(short)
    with pytest.raises(CannotRenew, match="not later than the end of the present time stamp"):
        renew(tenant_id=before.tenant_id, report_id=before.pk, by=factories.BY)
    after, content = stored(short)
    assert (after.sha256, content) == (before.sha256, data)
    assert not RenewedFile.objects.exists()


def test_a_reader_with_the_earlier_row_gets_the_renewed_file(short: Built, pki: Pki) -> None:
    _, data = stored(short)
    configure(pki, "B-LTA")
    with factories.in_tenant(short.world.home):
        earlier = Report.objects.get(pk=short.report.pk)
    renew(tenant_id=earlier.tenant_id, report_id=earlier.pk, by=factories.BY)
    earlier.file.storage.delete(str(earlier.file.name))
    with factories.in_tenant(short.world.home):
        content = read_file(report=earlier, by=factories.BY)
        assert not JournalEntry.objects.filter(action="report.file_refused").exists()
    assert content is not None
    assert content.startswith(data)
    assert len(content) > len(data)


def test_weak_algorithm_is_due_at_once(short: Built, settings: Any) -> None:
    settings.SURETY_TIME_STAMP_RENEWAL_DAYS = 1
    with factories.in_tenant(short.world.home):
        assert not due_reports(short.world.home)
        settings.SURETY_WEAK_TIME_STAMPS = ["ecdsa-256-sha256"]
        assert due_reports(short.world.home) == [short.report]


def test_nothing_changes_if_the_authority_fails(short: Built, pki: Pki) -> None:
    before, data = stored(short)
    pki.revoke("short-tsa", datetime.now(UTC) - timedelta(days=1))
    with pytest.raises(SigningUnavailable, match="revoked"):
        renew(tenant_id=before.tenant_id, report_id=before.pk, by=factories.BY)
    with pytest.raises(SystemExit):
        call_command("renew_time_stamps", stdout=StringIO(), stderr=(errors := StringIO()))
    assert "NOT renewed. A certificate of the last archive time stamp had been revoked" in errors.getvalue()
    tasks.renew_report(str(before.tenant_id), str(before.pk))
    assert stored(short) == (before, data)
    assert not RenewedFile.objects.exists()


def test_a_failed_renewal_is_told_once_a_week_and_shown_until_one_succeeds(short: Built, pki: Pki) -> None:
    before, _ = stored(short)
    home, people = short.world.home, short.world.people
    for _ in range(2):
        tasks.renew_report(str(before.tenant_id), str(before.pk))
    failed, _ = stored(short)
    assert failed.renewal_failed_at is not None
    assert "not later than the end of the present time stamp" in failed.renewal_error
    with factories.in_tenant(home):
        notices = list(Notice.objects.filter(kind="time_stamp_not_renewed").select_related("person"))
        entry = JournalEntry.objects.get(action="report.time_stamp_not_renewed")
    assert entry.details["reason"] == failed.renewal_error
    told = {notice.person for notice in notices}
    assert people["organization_administrator"] in told
    assert people["auditor"] not in told
    assert len(notices) == len(told), "one notice for each person"
    assert f"Report {before.number}, whose time stamp ends on" in notices[0].body
    browser = signed_in_client(people["auditor"])
    for shown in (page(browser, "reports", home.slug), page(browser, "report", home.slug, before.number)):
        assert f"The archive time stamp ends on {before.archive_until:%Y-%m-%d}." in shown
        assert "not later than the end of the present time stamp" in shown
    configure(pki, "B-LTA")
    tasks.renew_report(str(before.tenant_id), str(before.pk))
    after, _ = stored(short)
    assert (after.renewal_failed_at, after.renewal_error) == (None, "")
    assert "could not be renewed" not in page(browser, "reports", home.slug)


def test_looking_up_either_hash_shows_both(short: Built, pki: Pki) -> None:
    before, _ = stored(short)
    configure(pki, "B-LTA")
    renew(tenant_id=before.tenant_id, report_id=before.pk, by=factories.BY)
    after, _ = stored(short)
    for who in (None, "auditor"):
        browser = signed_in_client(short.world.people[who]) if who else Client()
        for asked, other in ((before.sha256, after.sha256), (after.sha256, before.sha256)):
            answer = browser.post(reverse("verify"), {"sha256": asked})
            shown = " ".join(answer.content.decode().split())
            assert "This installation issued a file with this SHA-256." in shown
            assert f"{asked} (the one you entered)" in shown
            assert other in shown
            assert f"{other} (the one you entered)" not in shown
            assert "SHA-256 as signed" in shown
            assert f"SHA-256 since the time stamp of {datetime.now(UTC):%Y-%m-%d}" in shown


def test_changed_file_is_not_renewed(short: Built, pki: Pki) -> None:
    before, data = stored(short)
    with before.file.storage.open(str(before.file.name), "wb") as file:
        file.write(data + b" ")
    with pytest.raises(CannotRenew, match="Restore the file from a backup"):
        renew(tenant_id=before.tenant_id, report_id=before.pk, by=factories.BY)


def test_file_at_another_level_is_not_due(built: Built) -> None:
    assert built.report.archive_until is None
    with factories.in_tenant(built.world.home):
        assert not due_reports(built.world.home)


def test_records_of_renewed_files_are_final(short: Built, pki: Pki) -> None:
    configure(pki, "B-LTA")
    renew(tenant_id=short.world.home.pk, report_id=short.report.pk, by=factories.BY)
    for change in ("UPDATE reports_renewedfile SET sha256 = 'c'", "DELETE FROM reports_renewedfile"):
        with pytest.raises(DatabaseError, match="final"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change)


def test_records_of_renewed_files_belong_to_a_report_in_scope(short: Built, pki: Pki) -> None:
    """Verification accepts the time-stamp authorities of all records, so SQL must not add records without a renewal."""
    authority = pki.pem("root").decode()
    before, _ = stored(short)
    made = {"sha256": "a" * 64, "report": uuid4(), "previous_sha256": "b" * 64}
    own = made | {"report": before.pk, "previous_sha256": before.sha256}
    foreign = short.world.foreign
    stale = own | {"previous_sha256": "b" * 64}
    for values, scope in ((made, None), (own, None), (own, foreign), (stale, short.world.home)):
        with (
            pytest.raises(DatabaseError, match="only the files of reports within the scope"),
            factories.in_tenant(scope) if scope else nullcontext(),
            transaction.atomic(),
        ):
            RenewedFile.objects.create(**values, time_stamp_authorities=authority)
    # The database checks at commit that the report has the recorded file. `check_constraints` checks this immediately.
    with factories.in_tenant(short.world.home):
        sid = transaction.savepoint_create()
        RenewedFile.objects.create(**own, time_stamp_authorities=authority)
        with pytest.raises(DatabaseError, match="needs the file of its report"):
            connection.check_constraints()
        transaction.savepoint_rollback(sid)
    assert not RenewedFile.objects.exists()


def test_a_distrusted_authority_renews_nothing(short: Built, pki: Pki) -> None:
    before, data = stored(short)
    configure(pki, "B-LTA")
    distrust_certificate(fingerprint(x509.load_pem_x509_certificate(pki.pem("root"))))
    with pytest.raises(CannotRenew, match="no longer trusts the time-stamp authority"):
        renew(tenant_id=before.tenant_id, report_id=before.pk, by=factories.BY)
    assert stored(short) == (before, data)

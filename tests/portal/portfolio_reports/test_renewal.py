"""Archive time stamps of portfolio reports are renewed like the time stamps of customers' reports."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from portal.notify.models import Notice
from portal.portfolio_reports import tasks
from portal.portfolio_reports.actions import build_portfolio
from portal.portfolio_reports.models import PortfolioReport
from portal.portfolio_reports.renewal import due_reports, renew
from portal.portfolio_reports.revocation import portfolio_anywhere, revoke_portfolio
from portal.portfolio_reports.task_names import RENEW
from portal.reports.models import RenewedFile
from portal.reports.records.installation_trust import installation_trust
from portal.reports.records.register import find_by_hash
from portal.reports.verification.verify import verify_pdf
from tenants.models import OrganizationJournalEntry
from tenants.scope import organization_scope
from tests import factories
from tests.portal.portfolio_reports.conftest import Portfolio
from tests.portal.reports.archive_files import configure
from tests.portal.reports.pki import Pki
from tests.portal.web.requests import page
from tests.signed_in import signed_in_client


@pytest.fixture
def short(portfolio: Portfolio, pki: Pki, monkeypatch: pytest.MonkeyPatch) -> PortfolioReport:
    """A portfolio report at the level B-LTA, whose archive time stamp ends in 20 days."""
    identity = pki.identity("signer")
    content = pkcs12.serialize_key_and_certificates(
        b"signer", identity.key, identity.certificate, identity.chain, NoEncryption()
    )
    (pki.folder / "signer.p12").write_bytes(content)
    monkeypatch.setenv("SURETY_SIGNING_P12", str(pki.folder / "signer.p12"))
    configure(pki, "B-LTA", tsa="short-tsa")
    with organization_scope(portfolio.world.organization):
        report = build_portfolio(organization=portfolio.world.organization, by=factories.BY)
    connection.run_on_commit.clear()
    return report


def stored(report: PortfolioReport) -> tuple[PortfolioReport, bytes]:
    with organization_scope(report.organization_id):
        row = PortfolioReport.objects.get(pk=report.pk)
        with row.file.open("rb") as file:
            return row, file.read()


@pytest.mark.slow(seconds=1)
def test_renewal_keeps_the_signed_file_and_records_both_hashes(
    portfolio: Portfolio, short: PortfolioReport, pki: Pki, monkeypatch: pytest.MonkeyPatch
) -> None:
    organization = portfolio.world.organization
    before, data = stored(short)
    assert before.level == "B-LTA"
    assert before.archive_until is not None
    assert before.archive_until < datetime.now(UTC) + timedelta(days=21)
    sent: list[tuple[Any, ...]] = []
    monkeypatch.setattr(tasks, "enqueue", lambda *message: sent.append(message))
    tasks.renew_time_stamps()
    assert sent == [(RENEW, organization.pk, before.pk)], "the other report has no archive time stamp"
    configure(pki, "B-LTA")
    out = StringIO()
    call_command("renew_time_stamps", dry_run=True, stdout=out)
    assert f"{organization.name}, portfolio report {before.number}: ends" in out.getvalue()
    assert "Archive time stamps due: 1." in out.getvalue()
    call_command("renew_time_stamps", stdout=(out := StringIO()))
    assert "Archive time stamps renewed: 1 of 1." in out.getvalue()
    after, longer = stored(short)
    assert longer.startswith(data)
    assert after.archive_until is not None
    assert (after.size, after.archive_until) > (before.size, before.archive_until)
    for content in (data, longer):
        result = verify_pdf(content, installation_trust())
        assert (result.valid, result.recorded) == (True, True), result.problems
        assert portfolio_anywhere(result.sha256) == before
    with organization_scope(organization):
        entry = OrganizationJournalEntry.objects.get(action="portfolio_report.time_stamp_renewed")
        assert (entry.details["previous_sha256"], entry.details["sha256"]) == (before.sha256, after.sha256)
        assert not due_reports(organization)
        revoke_portfolio(report=after, reason="Wrong scope", by=factories.BY)
    for sha256 in (before.sha256, after.sha256):
        found = find_by_hash(sha256)
        assert found is not None
        assert found.standing.revoked_at is not None


@pytest.mark.slow(seconds=1)
def test_a_failed_renewal_is_shown_and_told_to_administrators_of_the_organization(
    portfolio: Portfolio, short: PortfolioReport, pki: Pki
) -> None:
    world, (before, data) = portfolio.world, stored(short)
    place = str(before.organization_id)
    for _ in range(2):
        tasks.renew_report(place, str(before.pk))
    failed, content = stored(short)
    assert content == data
    assert "not later than the end of the present time stamp" in failed.renewal_error
    with organization_scope(world.organization):
        notices = list(Notice.objects.filter(kind="time_stamp_not_renewed").select_related("person"))
        assert (
            OrganizationJournalEntry.objects.filter(action="portfolio_report.time_stamp_not_renewed").count()
            == 1
        )
    told = {notice.person for notice in notices}
    assert world.people["organization_administrator"] in told
    assert told.isdisjoint({world.people["tenant_administrator"], world.people["auditor"]})
    assert len(notices) == len(told), "one notice for each person"
    browser = signed_in_client(world.people["organization_administrator"])
    slug = world.organization.slug
    addresses: list[tuple[Any, ...]] = [
        ("portfolio-reports", slug),
        ("portfolio-report", slug, before.number),
    ]
    for address in addresses:
        shown = page(browser, *address)
        assert f"The archive time stamp ends on {before.archive_until:%Y-%m-%d}." in shown
    configure(pki, "B-LTA")
    tasks.renew_report(place, str(before.pk))
    assert stored(short)[0].renewal_error == ""
    assert all("could not be renewed" not in page(browser, *address) for address in addresses)


@pytest.mark.slow(seconds=1)
def test_the_file_changes_only_with_its_record(
    portfolio: Portfolio, short: PortfolioReport, pki: Pki
) -> None:
    """The database accepts a changed file and the record of its renewal only together."""
    before, _ = stored(short)
    change = "UPDATE portfolio_reports_portfolioreport SET size = size + 1, sha256 = %s WHERE id = %s"
    with (
        pytest.raises(DatabaseError, match="only with the record of a renewed time stamp"),
        organization_scope(before.organization_id),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change, ["a" * 64, before.pk])
    made = {"sha256": "a" * 64, "report": before.pk, "previous_sha256": before.sha256}
    with (
        pytest.raises(DatabaseError, match="only the files of reports within the scope"),
        organization_scope(portfolio.world.foreign.organization),
        transaction.atomic(),
    ):
        RenewedFile.objects.create(**made, time_stamp_authorities="")
    with organization_scope(before.organization_id):
        sid = transaction.savepoint_create()
        RenewedFile.objects.create(**made, time_stamp_authorities="")
        with pytest.raises(DatabaseError, match="needs the file of its report"):
            connection.check_constraints()
        transaction.savepoint_rollback(sid)
    assert (
        renew(organization_id=portfolio.world.foreign.organization_id, report_id=before.pk, by=factories.BY)
        is None
    )
    assert not RenewedFile.objects.exists()

"""Known certificates and records of signed reports: carried over from old files, distrusted, protected from changes."""

from __future__ import annotations

import hashlib
import importlib
import io
from collections.abc import Callable
from pathlib import Path
from unittest.mock import MagicMock
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from portal.reports.actions import build_report
from portal.reports.errors import SigningUnavailable
from portal.reports.keys.signing_identity import ensure_signing_identity
from portal.reports.models import KnownCertificate, Report, SignedReport
from portal.reports.records.installation_trust import installation_trust
from portal.reports.records.known_certificates import (
    distrust_certificate,
    import_known_files,
    refuse_distrusted,
    remember_certificate,
)
from portal.reports.verification.verify import Verdict, verify_pdf, verify_signature
from tenants.errors import NotFound
from tests import factories
from tests.portal.reports.authority import pem
from tests.portal.reports.conftest import REPORT, Built, Signed
from tests.portal.reports.tampering import edited, rebuilt_signer

pytestmark = pytest.mark.django_db


def test_nothing_is_known_before_the_first_report(signed_files: Signed):
    assert installation_trust().certificates == frozenset()
    assert verify_pdf(signed_files.plain, installation_trust()).verdict == Verdict.UNDECIDED


@pytest.mark.slow(seconds=1)
def test_configured_certificate_is_known_before_it_has_signed(signed_files: Signed):
    assert ensure_signing_identity().fingerprint in installation_trust().certificates
    result = verify_pdf(signed_files.plain, installation_trust())
    assert result.verdict == Verdict.INVALID
    assert "not one of the certificates expected" in result.problems[0]


@pytest.mark.slow(seconds=1)
def test_building_a_report_records_certificate_and_file(built: Built, own_home: Path):
    row = SignedReport.objects.get(report=built.report.pk)
    assert row.sha256 == hashlib.sha256(built.data).hexdigest()
    assert (row.level, row.time_stamp_authorities) == ("B-B", "")
    assert KnownCertificate.objects.filter(fingerprint=row.certificate).exists()
    # The report stays valid after the certificate is replaced, because the database knows the former certificate.
    (own_home / "signing" / "self-made.p12").unlink()
    assert ensure_signing_identity().fingerprint != row.certificate
    result = verify_pdf(built.data, installation_trust())
    assert result.verdict == Verdict.VALID, result.problems
    assert result.recorded


def test_report_of_this_installation_is_compared_with_its_record(built: Built):
    """The installation's key signed another file with the id of the report. The recorded file has another hash."""
    from portal.reports.signing.sign import sign
    from tests.portal.reports.conftest import small_pdf

    other = sign(small_pdf(), ensure_signing_identity(), reason="x", report=str(built.report.pk))
    result = verify_pdf(other, installation_trust())
    assert result.verdict == Verdict.INVALID
    assert built.report.sha256 in result.problems[0]


@pytest.mark.slow(seconds=1)
def test_time_stamped_report_records_the_pinned_authority(
    world, signed_files: Signed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "root.pem").write_bytes(pem(signed_files.authority.root))
    monkeypatch.setenv("SURETY_TSA_CERTIFICATES", str(tmp_path / "root.pem"))
    with signed_files.authority.serving() as url, factories.in_tenant(world.home):
        monkeypatch.setenv("SURETY_TSA_URL", url)
        report = build_report(tenant=world.home, by=factories.BY)
        with report.file.open("rb") as source:
            data = source.read()
    assert report.level == "B-T"
    row = SignedReport.objects.get(report=report.pk)
    assert row.time_stamp_authorities == pem(signed_files.authority.root).decode()
    result = verify_signature(data, installation_trust())
    assert (result.verdict, result.level, result.recorded) == (Verdict.VALID, "B-T", True), result.problems
    stripped = edited(data, lambda signed: rebuilt_signer(signed, unsigned_attrs=None))
    problems = " ".join(verify_signature(stripped, installation_trust()).problems)
    assert "time stamp was removed" in problems
    assert report.sha256 in problems


def test_files_of_older_versions_are_carried_over_once(signed_files: Signed, own_home: Path):
    folder = own_home / "signing" / "known"
    folder.mkdir(parents=True)
    for identity in (signed_files.identity, signed_files.other):
        (folder / f"{identity.fingerprint}.pem").write_bytes(identity.certificate.public_bytes(Encoding.PEM))
    assert import_known_files() == 2
    distrust_certificate(signed_files.other.fingerprint)
    assert import_known_files() == 0
    trust = installation_trust()
    assert trust.certificates == {signed_files.identity.fingerprint}
    assert set(trust.distrusted) == {signed_files.other.fingerprint}
    assert verify_pdf(signed_files.plain, trust).verdict == Verdict.VALID


def test_existing_reports_are_recorded_by_the_migration(built: Built):
    migration = importlib.import_module("portal.reports.migrations.0004_known_certificates")
    with factories.in_tenant(built.world.home):
        copy = Report.objects.defer(None).get(pk=built.report.pk)
        copy.pk, copy.number, copy.sha256 = UUID(REPORT), 99, "ab" * 32
        copy.save(force_insert=True)
    with connection.cursor() as cursor:  # Without a scope, as migrations run.
        cursor.execute(migration.EXISTING_REPORTS)
    row = SignedReport.objects.get(report=REPORT)
    assert (row.sha256, row.level, row.certificate) == ("ab" * 32, "B-B", "")


def test_records_are_final(signed_files: Signed):
    remember_certificate(signed_files.identity.certificate)
    row = SignedReport.objects.create(
        report=REPORT, sha256="0" * 64, level="B-B", certificate="", signed_at=timezone.now()
    )
    known = KnownCertificate.objects.get()
    attempts: list[Callable[[], object]] = [
        lambda: SignedReport.objects.update(sha256="1" * 64),
        row.delete,
        lambda: KnownCertificate.objects.update(pem="other"),
        known.delete,
    ]
    for attempt in attempts:
        with pytest.raises(IntegrityError, match="is refused"), transaction.atomic():
            attempt()
    since = distrust_certificate(known.fingerprint)
    assert distrust_certificate(known.fingerprint) == since
    with pytest.raises(DatabaseError), transaction.atomic():
        KnownCertificate.objects.update(distrusted_at=None)
    assert not remember_certificate(signed_files.identity.certificate)
    assert KnownCertificate.objects.get().distrusted_at == since


def test_distrusted_certificate_signs_no_more_reports(signed_files: Signed):
    remember_certificate(signed_files.identity.certificate)
    refuse_distrusted(signed_files.identity.certificate)
    distrust_certificate(signed_files.identity.fingerprint)
    with pytest.raises(SigningUnavailable, match="SURETY_SIGNING_P12"):
        refuse_distrusted(signed_files.identity.certificate)
    with pytest.raises(NotFound, match="signing_certificates list"):
        distrust_certificate("0" * 64)


def call(*arguments: str) -> str:
    out = io.StringIO()
    call_command("signing_certificates", *arguments, stdout=out)
    return out.getvalue()


def test_command_lists_adds_and_distrusts(signed_files: Signed, tmp_path: Path):
    assert "No signing certificate is known yet" in call("list")
    path = tmp_path / "other.pem"
    path.write_bytes(signed_files.identity.certificate.public_bytes(Encoding.PEM))
    own = signed_files.identity.fingerprint
    assert own in call("add", str(path))
    assert "was known already" in call("add", str(path))
    assert "accepted" in call("list")
    assert verify_pdf(signed_files.plain, installation_trust()).verdict == Verdict.VALID
    colons = ":".join(own.upper()[at : at + 2] for at in range(0, 64, 2))
    assert "rebuild the reports that were signed with this one" in call("distrust", colons)
    assert f"distrusted since {timezone.now():%Y-%m-%d}" in call("list")
    assert verify_pdf(signed_files.plain, installation_trust()).verdict == Verdict.INVALID
    with pytest.raises(CommandError, match="No known certificate"):
        call("distrust", "00")
    path.write_text("nothing")
    with pytest.raises(CommandError, match="no certificate in PEM format"):
        call("add", str(path))
    with pytest.raises(CommandError, match="cannot be read"):
        call("add", str(tmp_path / "missing.pem"))


@pytest.fixture
def setup_without_owner(monkeypatch: pytest.MonkeyPatch) -> str:
    """Replace the steps of the command `setup` that connect as the owner of the tables, because this is impossible in a
    test's transaction. Return the name of the command's module.
    """
    setup = "portal.management.commands.setup"
    monkeypatch.setattr(f"{setup}.ensure_servers", list)
    for step in ("grant_application_role", "is_same_database", "call_command", "MigrationRecorder"):
        monkeypatch.setattr(f"{setup}.{step}", MagicMock())
    monkeypatch.setattr(f"{setup}.Command._check_encoding", MagicMock())
    return setup


def test_setup_names_a_signing_file_that_cannot_be_used(
    setup_without_owner: str, monkeypatch: pytest.MonkeyPatch
):
    refused = SigningUnavailable("The signing file /nofile.p12 cannot be read.")
    monkeypatch.setattr(f"{setup_without_owner}.ensure_signing_identity", MagicMock(side_effect=refused))
    with pytest.raises(CommandError, match=r"The signing file /nofile\.p12 cannot be read"):
        call_command("setup", verbosity=0)


@pytest.mark.slow(seconds=1)
@pytest.mark.usefixtures("setup_without_owner")
def test_setup_carries_over_and_knows_its_own_certificate(signed_files: Signed, own_home: Path):
    folder = own_home / "signing" / "known"
    folder.mkdir(parents=True)
    own = signed_files.identity
    (folder / f"{own.fingerprint}.pem").write_bytes(own.certificate.public_bytes(Encoding.PEM))
    out = io.StringIO()
    call_command("setup", verbosity=0, stdout=out)
    assert "Added 1 known signing certificates to the database." in out.getvalue()
    known = set(KnownCertificate.objects.values_list("fingerprint", flat=True))
    assert known == {own.fingerprint, ensure_signing_identity().fingerprint}

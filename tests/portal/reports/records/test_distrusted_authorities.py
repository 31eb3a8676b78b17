"""Stamps of a distrusted authority are refused, unless a trusted stamp proves that they are older than the distrust."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from django.core.management import CommandError, call_command

from portal.reports.errors import SigningUnavailable
from portal.reports.keys.signing_identity import fingerprint
from portal.reports.models import KnownCertificate
from portal.reports.records.installation_trust import installation_trust
from portal.reports.records.known_certificates import (
    distrust_certificate,
    refuse_distrusted,
    remember_certificate,
)
from portal.reports.verification.trust import Stamp, Trust, stamp_problem
from portal.reports.verification.verify import Verdict, verify_pdf, verify_signature
from tests.portal.reports.archive_files import Archived, configure

pytestmark = pytest.mark.django_db
SINCE = datetime(2026, 3, 1, tzinfo=UTC)
BEFORE, AFTER = SINCE - timedelta(days=30), SINCE + timedelta(days=30)
GOOD, BAD = ("root of A", "stamper of A"), ("root of B", "stamper of B")


def stamps(*found: tuple[datetime, tuple[str, ...]]) -> list[Stamp]:
    return [Stamp(at, certificates[-1], certificates) for at, certificates in found]


@pytest.mark.parametrize(
    ("made", "refused"),
    [
        (stamps((BEFORE, GOOD)), False),
        (stamps((BEFORE, BAD)), True),  # The exposed key can also stamp earlier times.
        (stamps((AFTER, BAD)), True),
        (stamps((BEFORE, BAD), (BEFORE, GOOD)), False),  # A trusted stamp proves a time before `SINCE`.
        (stamps((BEFORE, BAD), (AFTER, GOOD)), True),
        (stamps((BEFORE, BAD), (BEFORE, BAD)), True),
        (stamps((BEFORE, GOOD), (BEFORE, BAD)), True),
        (stamps((BEFORE, BAD), (BEFORE, GOOD), (AFTER, GOOD)), False),
        ([], False),
    ],
)
@pytest.mark.parametrize("distrusted", BAD)
def test_which_time_stamps_still_count(made: list[Stamp], refused: bool, distrusted: str) -> None:
    problem = stamp_problem(made, Trust(distrusted={distrusted: SINCE}))
    assert bool(problem) == refused
    assert ("no longer trusts the time-stamp authority “stamper of B”" in problem) == refused


@pytest.mark.parametrize("level", ["stamped", "long_term", "archive", "renewed"])
def test_files_with_stamps_of_the_authority_are_refused(archive_files: Archived, level: str) -> None:
    data = getattr(archive_files, level)
    root = fingerprint(x509.load_pem_x509_certificate(archive_files.pki.pem("root")))
    own = frozenset({archive_files.identity.fingerprint})
    assert verify_pdf(data, Trust(certificates=own)).verdict == Verdict.VALID
    result = verify_pdf(data, Trust(certificates=own, distrusted={root: datetime.now(UTC)}))
    assert result.verdict == Verdict.INVALID
    assert "nothing proves when the report was signed. Ask for a new report." in " ".join(result.problems)


def test_distrusting_a_root_distrusts_the_known_authorities_below_it(
    archive_files: Archived, own_home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """If a stamp's chain ends at a pinned intermediate, distrusting only the root would not refuse the stamp."""
    pinned = tmp_path / "pinned.pem"
    pinned.write_bytes(archive_files.pki.pem("root", "interm"))
    monkeypatch.setenv("SURETY_TSA_URL", "http://127.0.0.1/tsa")
    monkeypatch.setenv("SURETY_TSA_CERTIFICATES", str(pinned))
    root, interm = map(fingerprint, x509.load_pem_x509_certificates(pinned.read_bytes()))
    distrust_certificate(root)
    assert set(installation_trust().distrusted) == {root, interm}
    # An authority that becomes known later is distrusted too, when the command is repeated.
    pinned.write_bytes(archive_files.pki.pem("root", "interm", "tsa"))
    distrust_certificate(root)
    assert len(installation_trust().distrusted) == 3


def test_distrusting_an_intermediate_leaves_its_root(
    archive_files: Archived, own_home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pinned = tmp_path / "pinned.pem"
    pinned.write_bytes(archive_files.pki.pem("root", "interm"))
    monkeypatch.setenv("SURETY_TSA_CERTIFICATES", str(pinned))
    _, interm = map(fingerprint, x509.load_pem_x509_certificates(pinned.read_bytes()))
    distrust_certificate(interm)
    assert set(installation_trust().distrusted) == {interm}


def call(*arguments: str) -> str:
    out = io.StringIO()
    call_command("signing_certificates", *arguments, stdout=out)
    return out.getvalue()


def test_an_operator_distrusts_an_authority(
    archive_files: Archived, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SURETY_TSA_URL", "SURETY_TSA_CERTIFICATES", "SURETY_SIGNING_LEVEL"):
        monkeypatch.setenv(name, "")
    configure(archive_files.pki, "B-LTA")
    signer = archive_files.identity.certificate
    root = fingerprint(x509.load_pem_x509_certificate(archive_files.pki.pem("root")))
    remember_certificate(signer)
    refuse_distrusted(signer)
    assert f"{root}  {'':10}  accepted  time-stamp authority  " in call("list")
    assert "Configure another time-stamp authority" in call("distrust", root)
    assert "distrusted since" in next(line for line in call("list").splitlines() if line.startswith(root))
    assert KnownCertificate.objects.get(fingerprint=root).distrusted_at is not None
    assert root not in installation_trust().certificates
    result = verify_signature(archive_files.stamped, installation_trust())
    assert result.verdict == Verdict.INVALID
    with pytest.raises(SigningUnavailable, match="SURETY_TSA_CERTIFICATES"):
        refuse_distrusted(signer)
    with pytest.raises(CommandError, match="No known certificate"):
        call("distrust", "00")

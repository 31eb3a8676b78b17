"""PAdES B-LT and B-LTA: what is appended to a signed report, what is accepted, and what is refused with which reason.

The certificates, OCSP answers, CRLs and time stamps come from a real infrastructure over HTTP (`pki`).
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from asn1crypto import ocsp
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel

from portal.reports.errors import SigningUnavailable
from portal.reports.keys.signing_identity import ensure_signing_identity
from portal.reports.render import render_document
from portal.reports.signatures.container import read_container
from portal.reports.signing.archive import renewed
from portal.reports.signing.sign import sign
from portal.reports.verification.archive_check import signature_chains
from portal.reports.verification.archive_updates import (
    MAX_ITEM_BYTES,
    ValidationData,
)
from portal.reports.verification.certificate_chains import canonical_ocsp
from portal.reports.verification.trust import Trust
from portal.reports.verification.verify import Verdict, verify_pdf, verify_signature
from tests.portal.reports.archive_files import (
    Archived,
    configure,
    cut,
    damaged_signature,
    own_digits,
    validation_data,
    with_validation_data,
)
from tests.portal.reports.authority import TimeStampAuthority, pem
from tests.portal.reports.conftest import REPORT, small_pdf
from tests.portal.reports.pki import Pki


@pytest.mark.parametrize(
    ("file", "level", "stamps"),
    [("stamped", "B-T", 1), ("long_term", "B-LT", 1), ("archive", "B-LTA", 2), ("renewed", "B-LTA", 3)],
)
def test_file_reaches_the_level_it_was_signed_with(
    file: str, level: str, stamps: int, archive_files: Archived
) -> None:
    data = getattr(archive_files, file)
    result = verify_pdf(data, archive_files.trust)
    assert (result.verdict, result.level, result.intended_level) == (Verdict.VALID, level, level), (
        result.problems
    )
    assert result.certified
    assert result.covers_whole_file
    assert len(result.time_stamps) == stamps
    assert result.chain == ["Test signer", "Test interm", "Test root"]
    expected = "Not checked" if level == "B-T" else "2 OCSP answers and 1 revocation list"
    assert expected in result.revocation
    assert data.startswith(archive_files.archive) is (file in ("archive", "renewed"))


@pytest.mark.slow(seconds=1)
def test_pyhanko_finds_only_permitted_changes(archive_files: Archived) -> None:
    """The report's certification permits no changes but one: adding validation data and time stamps. pyHanko's
    difference analysis knows this exception.
    """
    for data in (archive_files.long_term, archive_files.archive, archive_files.renewed):
        signature, *stamps = PdfFileReader(io.BytesIO(data)).embedded_signatures
        signature.compute_integrity_info()
        assert signature.summarise_integrity_info()["docmdp_ok"]
        assert signature.diff_result.modification_level == ModificationLevel.LTA_UPDATES
        for stamp in stamps:
            stamp.compute_integrity_info()
            assert stamp.summarise_integrity_info()["docmdp_ok"]


@pytest.mark.skipif(shutil.which("pdfsig") is None, reason="poppler’s pdfsig is not installed")
def test_pdfsig_agrees_where_it_can_judge(archive_files: Archived, tmp_path: Path) -> None:
    """pdfsig validates the signature, and knows which time stamp covers the whole file."""
    path = tmp_path / "report.pdf"
    path.write_bytes(archive_files.renewed)
    done = subprocess.run(["pdfsig", str(path)], capture_output=True, text=True, check=False)
    signature, first, second = done.stdout.split("Signature #")[1:]
    assert "Signature is Valid" in signature
    assert "Not total document signed" in signature
    assert "Not total document signed" in first
    assert "Total document signed" in second
    changed = bytearray(archive_files.renewed)
    changed[20] ^= 1
    path.write_bytes(changed)
    done = subprocess.run(["pdfsig", str(path)], capture_output=True, text=True, check=False)
    assert "Signature is Valid" not in done.stdout


@pytest.mark.slow(seconds=1)
def test_rendered_report_reaches_the_level(pki: Pki) -> None:
    """Unlike the small file of the other tests, reports have object streams, another form of file identifier, and links
    on the page with the signature.
    """
    html = (
        '<html lang="en"><head><title>Title</title></head><body><h1 id="top">Title</h1>'
        '<p>Text <a href="#top">link</a></p></body></html>'
    )
    content = render_document(html, created=datetime.now(UTC)).content
    configure(pki, "B-LTA")
    identity = pki.identity("signer")
    data = renewed(sign(content, identity, reason="a test", report=REPORT))
    result = verify_pdf(data, Trust(certificates=frozenset({identity.fingerprint})))
    assert (result.verdict, result.level, len(result.time_stamps)) == (Verdict.VALID, "B-LTA", 3), (
        result.problems
    )
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert len(pdf.pages[0].Annots) == 4
        assert len(pdf.Root.AcroForm.Fields) == 3


def test_certificate_without_responder_is_checked_with_a_list(pki: Pki) -> None:
    identity = pki.identity("listed")
    configure(pki, "B-LT")
    data = sign(small_pdf(), identity, reason="a test", report=REPORT)
    result = verify_pdf(data, Trust(certificates=frozenset({identity.fingerprint})))
    assert result.valid, result.problems
    assert "shows with 2 revocation lists" in result.revocation


def test_missing_certificates_of_authorities_are_fetched(pki: Pki) -> None:
    """The intermediate certificate is fetched from the URL in the signer's certificate. The signer's chain has the
    root, because no certificate has the root's URL.
    """
    configure(pki, "B-LT")
    identity = pki.identity("signer", chain=("root",))
    data = sign(small_pdf(), identity, reason="a test", report=REPORT)
    assert "/pki/certs/interm/ca.crt" in pki.requests
    assert verify_pdf(data, Trust(certificates=frozenset({identity.fingerprint}))).valid


type Change = Callable[[bytes], bytes | None]


def silent(_: bytes) -> None:
    """Return None, so that the server answers with status 500."""


def breaking(answer: Change, lists: Change = silent) -> Callable[[Pki], None]:
    return lambda pki: pki.broken.update({"/pki/ocsp/interm": answer, "/pki/crls/interm/latest.crl": lists})


def unknown(answer: bytes) -> bytes:
    return ocsp.OCSPResponse({"response_status": "unauthorized"}).dump()


UNANSWERED = "No valid revocation information .* B-T in SURETY_SIGNING_LEVEL"
REFUSED: dict[str, tuple[str, Callable[[Pki], Any], str]] = {
    "revoked": (
        "revoked",
        lambda _: None,
        "had been revoked on .* Configure a certificate that is not revoked",
    ),
    "expired": ("expired", lambda _: None, "was not valid"),
    "responder does not know the certificate": ("signer", breaking(unknown), UNANSWERED),
    "nobody answers": ("signer", breaking(silent), f"{UNANSWERED[:-30]}.*answered with status 500"),
    "wrong signature of the answer": ("signer", breaking(damaged_signature), UNANSWERED),
    "answer is not DER": ("signer", breaking(lambda _: b"\x30\x82", lambda _: b"no"), UNANSWERED),
    "answer is endless": ("signer", breaking(lambda _: b"0" * (MAX_ITEM_BYTES + 1)), "larger than 4 MB"),
    "certificate of the authority is missing": ("no root", lambda _: None, "Test root.* is missing"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_signing_fails_with_the_reason_and_what_to_do(case: str, pki: Pki) -> None:
    label, prepare, message = REFUSED[case]
    prepare(pki)
    configure(pki, "B-LTA")
    chain = ("interm",) if label == "no root" else ("interm", "root")
    identity = pki.identity("signer" if label == "no root" else label, chain=chain)
    with pytest.raises(SigningUnavailable, match=message):
        sign(small_pdf(), identity, reason="a test", report=REPORT)


def test_revoked_time_stamp_authority_is_refused(pki: Pki) -> None:
    configure(pki, "B-LT", tsa="revoked-tsa")
    with pytest.raises(SigningUnavailable, match="certificate of the time stamp had been revoked"):
        sign(small_pdf(), pki.identity("signer"), reason="a test", report=REPORT)


@pytest.mark.slow(seconds=1)
def test_a_renewal_says_that_the_authority_was_revoked_after_the_time_stamp(pki: Pki) -> None:
    configure(pki, "B-LTA")
    data = sign(small_pdf(), pki.identity("signer"), reason="a test", report=REPORT)
    pki.revoke("tsa", datetime.now(UTC) + timedelta(seconds=1))
    time.sleep(1.5)
    with pytest.raises(
        SigningUnavailable, match=r"last archive time stamp was revoked on .*, after it was used"
    ):
        renewed(data)


def test_hosts_in_private_networks_are_not_asked(pki: Pki, settings: Any) -> None:
    settings.SURETY_REVOCATION_ALLOWED_HOSTS = []
    configure(pki, "B-LT")
    pki.requests.clear()
    with pytest.raises(SigningUnavailable, match=r"127\.0\.0\.1.*SURETY_REVOCATION_ALLOWED_HOSTS"):
        sign(small_pdf(), pki.identity("signer"), reason="a test", report=REPORT)
    assert set(pki.requests) == {"/pki/tsa/tsa"}


@pytest.mark.slow(seconds=1)
def test_revocation_after_signing_leaves_the_report_valid(pki: Pki) -> None:
    configure(pki, "B-LTA")
    identity = pki.identity("signer")
    data = sign(small_pdf(), identity, reason="a test", report=REPORT)
    pki.revoke("signer", datetime.now(UTC))
    assert verify_pdf(data, Trust(certificates=frozenset({identity.fingerprint}))).valid
    with pytest.raises(SigningUnavailable, match="revoked"):
        sign(small_pdf(), identity, reason="a test", report=REPORT)


@pytest.mark.slow(seconds=1)
def test_certificate_that_was_revoked_before_signing_is_found_in_the_file(pki: Pki) -> None:
    """An OCSP answer in the file says that the certificate was revoked an hour before the signing."""
    configure(pki, "B-LT")
    identity = pki.identity("signer")
    data = sign(small_pdf(), identity, reason="a test", report=REPORT)
    signed_at = verify_signature(data, Trust()).signed_at
    assert signed_at is not None
    pki.revoke("signer", signed_at - timedelta(hours=1))
    singles = []
    for one in validation_data(data).ocsps:
        basic = ocsp.OCSPResponse.load(one)["response_bytes"]["response"].parsed
        wanted = {"req_cert": basic["tbs_response_data"]["responses"][0]["cert_id"]}
        request = ocsp.OCSPRequest({"tbs_request": {"request_list": [wanted]}})
        answer = pki.answer("/pki/ocsp/interm", request.dump())
        assert answer is not None
        singles.append(answer[0])
    found = validation_data(data)
    chains = signature_chains(read_container(own_digits(data)), signed_at)
    forged = with_validation_data(
        data,
        ValidationData(
            found.certificates, tuple(sorted(canonical_ocsp(one, chains) for one in singles)), found.crls
        ),
    )
    result = verify_pdf(forged, Trust(certificates=frozenset({identity.fingerprint})))
    assert result.verdict == Verdict.INVALID
    assert "had been revoked" in " ".join(result.problems)


def test_earlier_states_of_a_renewed_report_stay_valid(archive_files: Archived) -> None:
    """A copy that somebody received before the renewal stays valid."""
    assert cut(archive_files.renewed, 0, 1, 2) == archive_files.archive
    assert archive_files.renewed.startswith(archive_files.archive)


@pytest.mark.slow(seconds=1)
def test_newer_authority_of_a_renewal_must_be_accepted(pki: Pki) -> None:
    configure(pki, "B-LTA")
    identity = pki.identity("signer")
    data = sign(small_pdf(), identity, reason="a test", report=REPORT)
    newer = TimeStampAuthority("Newer clock")
    (pki.folder / "newer.pem").write_bytes(pem(newer.root))
    with newer.serving() as url:
        os.environ.update(SURETY_TSA_URL=url, SURETY_TSA_CERTIFICATES=str(pki.folder / "newer.pem"))
        again = renewed(data)
    root = hashlib.sha256(newer.root.public_bytes(Encoding.DER)).hexdigest()
    own = frozenset({identity.fingerprint})
    refused = verify_pdf(again, Trust(certificates=own))
    assert refused.verdict == Verdict.INVALID
    assert "give the fingerprint" in " ".join(refused.problems)
    assert verify_pdf(again, Trust(certificates=own, time_stamp_authorities=frozenset({root}))).valid


@pytest.mark.parametrize(
    ("level", "url", "message"),
    [
        ("B-XL", True, "Set it to one of: B-B, B-T, B-LT, B-LTA"),
        ("B-LTA", False, "needs time stamps, but SURETY_TSA_URL is not set"),
    ],
)
def test_level_that_cannot_be_reached_is_an_error(level: str, url: bool, message: str, pki: Pki) -> None:
    configure(pki, level)
    if not url:
        del os.environ["SURETY_TSA_URL"]
    with pytest.raises(SigningUnavailable, match=message):
        sign(small_pdf(), pki.identity("signer"), reason="a test", report=REPORT)


def test_level_without_time_stamp_can_be_chosen(pki: Pki) -> None:
    configure(pki, "B-B")
    pki.requests.clear()
    identity = pki.identity("signer")
    data = sign(small_pdf(), identity, reason="a test", report=REPORT)
    assert verify_pdf(data, Trust(certificates=frozenset({identity.fingerprint}))).level == "B-B"
    assert not pki.requests


@pytest.mark.slow(seconds=1)
def test_self_signed_certificate_has_no_revocation_information(pki: Pki) -> None:
    configure(pki, "B-LT")
    with pytest.raises(SigningUnavailable, match="self-signed certificate has no revocation information"):
        sign(small_pdf(), ensure_signing_identity(), reason="a test", report=REPORT)

"""Attacks on the levels B-LT and B-LTA: files of unknown signers, files that exhaust memory, and revoked keys."""

from __future__ import annotations

import re
import resource
import subprocess
import tracemalloc
import zlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import core, crl, ocsp, x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from portal.reports.signatures.container import read_container
from portal.reports.signing import archive, sign
from portal.reports.verification import archive_check, archive_process, certificate_chains, verify
from portal.reports.verification.archive_updates import ForeignUpdate, ValidationData, read_updates
from portal.reports.verification.certificate_chains import Chain, surplus
from portal.reports.verification.trust import Trust
from portal.reports.verification.verify import Verdict, verify_pdf
from tests.portal.reports.archive_files import (
    Archived,
    configure,
    own_digits,
    validation_data,
    with_validation_data,
)
from tests.portal.reports.conftest import REPORT, small_pdf
from tests.portal.reports.pki import Pki

pytestmark = pytest.mark.slow(seconds=10)


def with_table(pairs: int, rows: int, *, deflated: bool) -> bytes:
    """Return a file whose cross-reference stream lists many more objects than it has rows."""
    table = b"\x00" * 11 * rows
    content = zlib.compress(table, 9) if deflated else table
    dictionary = b"<<\n/Type /XRef\n/W [ 1 8 2 ]\n/Index [ %s ]\n%s/Length %d\n>>" % (
        b" ".join([b"0 9999999"] * pairs),
        b"/Filter /FlateDecode\n" if deflated else b"",
        len(content),
    )
    head = b"%PDF-1.7\n"
    return b"%s1 0 obj\n%s\nstream\n%s\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % (
        head, dictionary, content, len(head),
    )  # fmt: skip


@pytest.mark.parametrize(("pairs", "deflated"), [(5, True), (180, True), (180, False)])
def test_a_table_that_lists_too_many_objects_takes_little_memory(pairs: int, deflated: bool) -> None:
    data = with_table(pairs, 90_000, deflated=deflated)
    tracemalloc.start()
    try:
        with pytest.raises(ForeignUpdate):
            read_updates(data + b"x", len(data), b"00")
        assert tracemalloc.get_traced_memory()[1] < 8 * 2**20
    finally:
        tracemalloc.stop()


def test_updates_of_a_file_of_an_unknown_signer_are_not_read(
    archive_files: Archived, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Updates are read only if the signature is valid and its signer accepted, because anybody can append updates."""
    read: list[bool] = []
    original = archive_process.check_in_process

    def noted(*arguments: object) -> object:
        read.append(bool(arguments[-1]))
        return original(*arguments)

    monkeypatch.setattr(verify, "check_in_process", noted)
    other = verify_pdf(archive_files.archive, Trust(certificates=frozenset({"0" * 64})))
    unknown = verify_pdf(archive_files.archive, Trust())
    assert (other.verdict, unknown.verdict) == (Verdict.INVALID, Verdict.UNDECIDED)
    assert "were not checked" in " ".join(unknown.problems)
    assert "Not checked" in unknown.revocation
    assert unknown.time_stamps == other.time_stamps
    assert len(unknown.time_stamps) == 1
    assert verify_pdf(archive_files.archive, archive_files.trust).valid
    assert read == [False, False, True]


def test_the_holder_of_a_revoked_key_cannot_leave_out_the_authority(
    pki: Pki, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The signer chooses which certificates of the chain to state. If the chain does not reach the root, nobody can
    check whether a certificate was revoked, so the file is refused.
    """
    configure(pki, "B-LTA")
    identity = pki.identity("signer")
    monkeypatch.setattr(sign, "_complete", lambda certificate, chain: [])
    monkeypatch.setattr(archive, "fetch_validation_data", lambda chains: ValidationData())
    data = sign.sign(small_pdf(), identity, reason="forged", report=REPORT)
    result = verify_pdf(data, Trust(certificates=frozenset({identity.fingerprint})))
    assert result.verdict == Verdict.INVALID
    assert "The certificate chain of the signer is incomplete" in " ".join(result.problems)
    assert "as the file shows with" not in result.revocation


def test_a_list_that_was_made_after_the_certificate_ended_shows_nothing(archive_files: Archived) -> None:
    data = validation_data(archive_files.long_term)
    container = read_container(own_digits(archive_files.long_term))
    certificates = [choice.chosen for choice in container.signed["certificates"]]
    lists = [crl.CertificateList.load(one) for one in data.crls]
    pairs = [
        (found, one) for found in lists for one in certificates if one.issuer.dump() == found.issuer.dump()
    ]
    assert pairs
    for found, certificate in pairs:
        at = datetime.now(UTC)
        assert not certificate_chains._is_late_list(found, Chain((certificate,), at, "the signer"))
        ended = x509.Certificate.load(certificate.dump())
        ended["tbs_certificate"]["validity"]["not_after"] = x509.Time(
            {"utc_time": datetime(2020, 1, 1, tzinfo=UTC)}
        )
        ended = x509.Certificate.load(ended.dump(force=True))
        assert certificate_chains._is_late_list(found, Chain((ended,), at, "the signer"))


def test_more_answers_than_certificates_are_refused_at_once(archive_files: Archived) -> None:
    """Validating OCSP answers and revocation lists takes time, so their number is checked first."""
    data = validation_data(archive_files.long_term)
    many = ValidationData(data.certificates, data.ocsps, tuple(data.crls) * 40)
    assert "that no certificate of the report needs" in surplus([], many)


def test_what_follows_a_genuine_signature_is_read_in_another_process(
    archive_files: Archived, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anybody who has a report can append validation data to it, so such data are not parsed in the web server."""

    def forbidden(*_: object) -> None:
        raise AssertionError("parsed in this process")

    monkeypatch.setattr(archive_check, "read_updates", forbidden)
    for data in (archive_files.long_term, archive_files.archive, archive_files.renewed):
        result = verify_pdf(data, archive_files.trust)
        assert result.valid, result.problems
    assert len(result.time_stamps) == 3


@pytest.mark.usefixtures("real_children")
def test_both_processes_find_the_same(archive_files: Archived) -> None:
    files = (
        archive_files.archive,
        archive_files.renewed,
        archive_files.archive[:-1],
        archive_files.archive + b"x",
    )
    for data in files:
        here = verify.verify_signature(data, archive_files.trust)
        there = verify.verify_signature(data, archive_files.trust, archive_process.check_in_process)
        assert here == there


@pytest.mark.usefixtures("real_children")
def test_the_process_does_not_load_celery(
    archive_files: Archived, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Loading Celery would take a third of the processor time of a verification."""
    loaded = tmp_path / "loaded"
    run = subprocess.run

    def noted(command: list[str], **options: Any) -> subprocess.CompletedProcess[bytes]:
        done = run([command[0], "-X", "importtime", *command[1:]], **options)
        loaded.write_bytes(done.stderr)
        return done

    monkeypatch.setattr(subprocess, "run", noted)
    assert verify.verify_signature(
        archive_files.archive, archive_files.trust, archive_process.check_in_process
    ).valid
    names = {line.rpartition("|")[2].strip() for line in loaded.read_text().splitlines()}
    assert "portal.reports.verification.archive_process" in names
    assert names.isdisjoint(("celery", "portal.celery"))


@pytest.mark.parametrize(("name", "value"), [("PROCESSOR_SECONDS", 0), ("MEMORY", 2**26)])
def test_a_process_that_exceeds_a_limit_is_an_answer(
    name: str, value: int, archive_files: Archived, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive_process, name, value)
    result = verify_pdf(archive_files.archive, archive_files.trust)
    assert result.verdict == Verdict.INVALID
    assert re.search("took more than|could not be checked", " ".join(result.problems))


def test_a_busy_machine_leaves_the_file_undecided(
    archive_files: Archived, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive_process, "WALL_SECONDS", 0.01)
    result = verify_pdf(archive_files.archive, archive_files.trust)
    assert (result.verdict, result.timed_out) == (Verdict.UNDECIDED, True)
    assert "Try again later" in " ".join(result.problems)
    assert len(result.sha256) == 64


@pytest.mark.parametrize(
    "end",
    [
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        'raise RuntimeError("can\'t start new thread")',
    ],
)
def test_a_process_that_was_stopped_leaves_the_file_undecided(
    end: str, archive_files: Archived, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The operating system may kill the process if memory runs out. This does not make the report invalid."""
    child = tmp_path / "child.py"
    child.write_text(end)
    monkeypatch.setattr(archive_process, "_CHILD", child)
    result = verify_pdf(archive_files.archive, archive_files.trust)
    assert (result.verdict, result.timed_out) == (Verdict.UNDECIDED, True)
    assert "was stopped before it ended" in " ".join(result.problems)


@pytest.mark.usefixtures("real_children")
def test_a_report_with_many_revocation_lists_is_refused_quickly(archive_files: Archived) -> None:
    """Somebody has repeated the report's revocation lists 38 times. Validating each of them would take long."""
    data = validation_data(archive_files.long_term)
    padded = ValidationData(data.certificates, data.ocsps, tuple(data.crls) * 38)
    forged = with_validation_data(archive_files.long_term, padded)
    began = process_time_of_children()
    result = verify_pdf(forged, archive_files.trust)
    assert result.verdict == Verdict.INVALID
    assert process_time_of_children() - began < archive_process.PROCESSOR_SECONDS


def process_time_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def other_form(signature: bytes, curve: ec.EllipticCurve) -> bytes:
    """Return the other signature that the key of an elliptic curve accepts for the same content."""
    r, s = decode_dss_signature(signature)
    return encode_dss_signature(r, curve.group_order - s)


@pytest.mark.parametrize("part", ["ocsps", "crls", "responder"])
def test_each_answer_has_only_one_form(archive_files: Archived, part: str) -> None:
    """From a correct signature, anybody can compute a second correct one without the key. A file with the second one
    must be refused.
    """
    found = validation_data(archive_files.long_term)
    curve = ec.SECP256R1()
    if part == "crls":
        lists = [crl.CertificateList.load(one) for one in found.crls]
        for one in lists:
            one["signature"] = other_form(one["signature"].native, curve)
        changed = replace(found, crls=tuple(sorted(one.dump() for one in lists)))
    else:
        answers = [ocsp.OCSPResponse.load(one) for one in found.ocsps]
        for answer in answers:
            basic = answer["response_bytes"]["response"].parsed
            if part == "ocsps":
                basic["signature"] = other_form(basic["signature"].native, curve)
            for certificate in basic["certs"] if part == "responder" else ():
                value = other_form(certificate["signature_value"].native, curve)
                certificate["signature_value"] = core.OctetBitString(value)
        changed = replace(found, ocsps=tuple(sorted(answer.dump(force=True) for answer in answers)))
    assert changed != found
    data = with_validation_data(archive_files.long_term, changed)
    result = verify_pdf(data, archive_files.trust)
    assert result.verdict == Verdict.INVALID
    assert "not encoded as Surety encodes them" in " ".join(result.problems)

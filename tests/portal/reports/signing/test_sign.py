"""Signing with a time-stamp authority that is pinned, that is not pinned, or that does not answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.reports.errors import SigningUnavailable
from portal.reports.signatures.stamps import planned_level
from portal.reports.signing.sign import sign
from portal.reports.verification.verify import verify_signature
from tests.portal.reports.authority import pem
from tests.portal.reports.conftest import Signed, small_pdf
from tests.portal.reports.tampering import container, signer_of


@pytest.fixture
def pinned(signed_files: Signed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file with the pinned certificates: the root of `authority`."""
    path = tmp_path / "authorities.pem"
    path.write_bytes(pem(signed_files.authority.root))
    monkeypatch.setenv("SURETY_TSA_CERTIFICATES", str(path))
    return path


@pytest.mark.usefixtures("pinned")
def test_failing_time_stamp_authority_does_not_lower_the_level(
    signed_files: Signed, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SURETY_TSA_URL", "http://127.0.0.1:9/tsa")
    assert planned_level() == "B-T"
    with pytest.raises(SigningUnavailable, match=r"127\.0\.0\.1:9/tsa did not return"):
        sign(small_pdf(), signed_files.identity, reason="a test")


def test_time_stamp_authority_without_pinned_certificates_is_refused(
    signed_files: Signed, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SURETY_TSA_URL", "http://127.0.0.1:9/tsa")
    with pytest.raises(SigningUnavailable, match="SURETY_TSA_CERTIFICATES is not"):
        sign(small_pdf(), signed_files.identity, reason="a test")


def test_unusable_pinned_certificates_say_so(
    signed_files: Signed, pinned: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SURETY_TSA_URL", "http://127.0.0.1:9/tsa")
    pinned.write_text("nothing")
    with pytest.raises(SigningUnavailable, match="no certificate in PEM format"):
        sign(small_pdf(), signed_files.identity, reason="a test")
    pinned.unlink()
    with pytest.raises(SigningUnavailable, match="cannot be read"):
        sign(small_pdf(), signed_files.identity, reason="a test")


@pytest.mark.usefixtures("pinned")
def test_stamp_of_another_authority_is_refused(signed_files: Signed, monkeypatch: pytest.MonkeyPatch):
    with signed_files.strange.serving() as url:
        monkeypatch.setenv("SURETY_TSA_URL", url)
        with pytest.raises(SigningUnavailable, match="not valid under any certificate in"):
            sign(small_pdf(), signed_files.identity, reason="a test")


def test_certificate_of_the_authority_itself_can_be_pinned(
    signed_files: Signed, pinned: Path, monkeypatch: pytest.MonkeyPatch
):
    pinned.write_bytes(pem(signed_files.authority.leaf))
    with signed_files.authority.serving() as url:
        monkeypatch.setenv("SURETY_TSA_URL", url)
        data = sign(small_pdf(), signed_files.identity, reason="a test")
    result = verify_signature(data, signed_files.trust)
    assert (result.valid, result.level) == (True, "B-T"), result.problems


@pytest.mark.usefixtures("pinned")
def test_stamp_keeps_only_the_certificates_up_to_the_pinned_one(
    signed_files: Signed, monkeypatch: pytest.MonkeyPatch
):
    """A time-stamp authority may also send unrelated certificates, such as the root of its predecessor."""
    authority = signed_files.authority
    with authority.serving(extra=(signed_files.strange.root,)) as url:
        monkeypatch.setenv("SURETY_TSA_URL", url)
        data = sign(small_pdf(), signed_files.identity, reason="a test")
    result = verify_signature(data, signed_files.trust)
    assert (result.valid, result.level) == (True, "B-T"), result.problems
    stamp = signer_of(container(data)["content"])["unsigned_attrs"][0]["values"][0]["content"]
    names = {choice.chosen.subject.native["common_name"] for choice in stamp["certificates"]}
    assert names == {"Honest clock", "Honest clock issuer", "Honest clock root"}

"""A report's signature is a certification that permits no changes (DocMDP, P=1)."""

from __future__ import annotations

import io
from typing import Any

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer
from pyhanko.sign import signers
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation.pdf_embedded import read_certification_data

from portal.reports.signatures import profile as signature_profile
from portal.reports.signing.sign import sign
from portal.reports.verification.pdf_inspection import inspect_pdf
from portal.reports.verification.verify import Verdict, verify_pdf, verify_signature
from tests.portal.reports.conftest import REPORT, Signed, small_pdf
from tests.portal.reports.tampering import container, edited, rebuilt_signer, signer_of


def signed_as(monkeypatch: pytest.MonkeyPatch, files: Signed, **options: Any) -> bytes:
    """Return a file that is signed by the expected signer, but with other `options` of pyHanko's signature metadata."""
    genuine = signers.PdfSignatureMetadata
    with monkeypatch.context() as patch:
        patch.setattr(signers, "PdfSignatureMetadata", lambda **given: genuine(**{**given, **options}))
        return sign(small_pdf(), files.identity, reason="a test", report=REPORT)


def test_signature_certifies_the_file_and_permits_no_changes(signed_files: Signed) -> None:
    for data in (signed_files.plain, signed_files.stamped):
        found = read_certification_data(PdfFileReader(io.BytesIO(data)))
        assert found is not None
        assert found.permission == MDPPerm.NO_CHANGES
        result = verify_pdf(data, signed_files.trust)
        assert (result.verdict, result.certified) == (Verdict.VALID, True), result.problems


@pytest.mark.parametrize(
    "options",
    [
        {"certify": False},
        {"docmdp_permissions": MDPPerm.FILL_FORMS},
        {"docmdp_permissions": MDPPerm.ANNOTATE},
    ],
)
def test_file_without_the_certification_that_its_signature_states_is_refused(
    options: dict[str, Any], signed_files: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = signed_as(monkeypatch, signed_files, **options)
    assert verify_signature(data, signed_files.trust).valid
    result = verify_pdf(data, signed_files.trust)
    assert (result.verdict, result.certified) == (Verdict.INVALID, False)
    assert "permits no changes" in result.problems[0]


def test_signature_of_an_older_version_without_certification_stays_valid(
    signed_files: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Older versions signed without a certification. Their signature profiles do not have the entry `certified`."""
    to_json = signature_profile.SignatureProfile.to_json

    def older(profile: signature_profile.SignatureProfile) -> str:
        text = to_json(profile)
        assert ', "certified": true' in text
        return text.replace(', "certified": true', "")

    monkeypatch.setattr(signature_profile.SignatureProfile, "to_json", older)
    data = signed_as(monkeypatch, signed_files, certify=False)
    result = verify_pdf(data, signed_files.trust)
    assert (result.verdict, result.certified) == (Verdict.VALID, False), result.problems


@pytest.mark.slow(seconds=1)
def test_catalogue_must_name_the_signature_itself(signed_files: Signed) -> None:
    """A file whose catalogue names no certification is not certified, whatever the signature's dictionary says."""
    writer = copy_into_new_writer(PdfFileReader(io.BytesIO(signed_files.plain)))
    del writer.root["/Perms"]
    out = io.BytesIO()
    writer.write(out)
    assert not inspect_pdf(out.getvalue()).certified
    writer = copy_into_new_writer(PdfFileReader(io.BytesIO(signed_files.plain)))
    other = writer.root["/AcroForm"]["/Fields"][0]["/V"]
    writer.root["/Perms"]["/DocMDP"] = writer.add_object(type(other)(other))
    out = io.BytesIO()
    writer.write(out)
    assert not inspect_pdf(out.getvalue()).certified


def test_statement_cannot_be_removed_from_the_signature(signed_files: Signed) -> None:
    def without(signed: Any) -> None:
        attributes = signer_of(signed)["signed_attrs"].copy()
        for attribute in attributes:
            if attribute["type"].native == signature_profile.ATTRIBUTE:
                text = attribute["values"][0].native
                attribute["values"] = [type(attribute["values"][0])(text.replace(', "certified": true', ""))]
        rebuilt_signer(signed, signed_attrs=attributes)

    changed = edited(signed_files.plain, without)
    assert b'"certified": true' in container(signed_files.plain).dump()
    assert b'"certified": true' not in container(changed).dump()
    assert "The signature was not made with the key of its certificate." in (
        verify_signature(changed, signed_files.trust).problems
    )

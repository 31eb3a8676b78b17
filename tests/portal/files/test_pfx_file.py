"""Certificates from PFX files, and hostile PFX files."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from portal.files.pfx_file import UnusablePfx, read_pfx
from portal.web.shared.forms.credential import CredentialForm
from tenants.azure import certificates
from tests.portal.files.pfx_files import PASSPHRASE, pfx


@pytest.mark.slow(seconds=1)
@pytest.mark.parametrize("passphrase", [PASSPHRASE, ""])
def test_certificate_and_key_are_read(passphrase: str) -> None:
    found = certificates.read(read_pfx(pfx(passphrase), passphrase, seconds=60))
    assert found.subject == "CN=surety test"
    assert len(found.thumbprint) == 40


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (pfx, "its passphrase is wrong, or the file is damaged. Enter the passphrase again."),
        (lambda: pfx()[:-30], "the file is damaged"),
        (lambda: b"\x30\x82\xff", "the file is damaged"),
        (lambda: pfx(with_key=False), "contains no private key. Export the certificate again"),
    ],
    ids=["wrong passphrase", "truncated", "nonsense", "without a key"],
)
def test_unusable_files_say_what_to_do(content: Callable[[], bytes], words: str) -> None:
    passphrase = PASSPHRASE if "no private key" in words else "another"
    with pytest.raises(UnusablePfx, match=words):
        read_pfx(content(), passphrase)


@pytest.mark.slow(seconds=3)
def test_a_file_that_takes_long_is_refused_at_the_time_limit() -> None:
    hostile = pfx(rounds=12_000_000)  # Without the limit, reading it would take several seconds.
    start = time.monotonic()
    with pytest.raises(UnusablePfx, match="could not be read within 1 s"):
        read_pfx(hostile, PASSPHRASE, seconds=1)
    assert time.monotonic() - start < 4


@pytest.mark.slow(seconds=1)
def test_form_takes_a_pfx_file_with_its_passphrase() -> None:
    file = SimpleUploadedFile("reader.pfx", pfx())
    form = CredentialForm({"passphrase": PASSPHRASE}, {"certificate": file})
    assert form.is_valid(), form.errors
    pem = form.credential()["certificate"]
    assert certificates.read(pem).subject == "CN=surety test"
    assert "passphrase" not in form.credential()
    again = CredentialForm({"passphrase": "wrong"}, {"certificate": SimpleUploadedFile("a.pfx", pfx())})
    assert "Enter the passphrase again." in str(again.errors["certificate"])
    assert PASSPHRASE not in str(form)

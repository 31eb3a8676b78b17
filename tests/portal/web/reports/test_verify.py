"""The public page that verifies a report."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from portal.reports.sign import sign
from portal.reports.signing_identity import ensure_signing_identity
from portal.web.reports.views import verify as view

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed(settings, tmp_path: Path) -> bytes:
    settings.SURETY_HOME = tmp_path
    pdf = pikepdf.new()
    pdf.add_blank_page()
    plain = BytesIO()
    pdf.save(plain)
    return sign(plain.getvalue(), ensure_signing_identity(), reason="test")


def drop(client: Client, content: bytes, name: str = "report.pdf") -> tuple[int, str]:
    answer = client.post(reverse("verify"), {"report": SimpleUploadedFile(name, content)})
    return answer.status_code, answer.content.decode()


def test_page_needs_no_account(client: Client) -> None:
    assert client.get(reverse("verify")).status_code == 200


def test_signed_report_is_valid(client: Client, signed: bytes) -> None:
    status, html = drop(client, signed)
    assert status == 200
    assert "report.pdf is valid: signed, and unchanged since" in html
    assert "Surety report signing (self-signed)" in html
    assert "shows that the file is unchanged, not who signed it" in html


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda data: data[:200] + bytes([data[200] ^ 1]) + data[201:], ""),
        (lambda data: data + b"\n% more", "extended after it was signed"),
        (lambda data: data[:-7], "damaged"),
        (lambda data: b"hello", "not a PDF"),
    ],
)
def test_changed_report_is_invalid_with_the_reason(
    client: Client, signed: bytes, change: Callable[[bytes], bytes], reason: str
) -> None:
    status, html = drop(client, change(signed), "<b>.pdf")
    assert status == 200
    assert "is not valid" in html
    assert "is what was signed" not in html.replace("Is this PDF what was signed", "")
    assert reason in html
    assert "<b>.pdf" not in html


def test_missing_and_empty_files_are_explained(client: Client) -> None:
    answer = client.post(reverse("verify"))
    assert answer.status_code == 400
    assert "Choose the PDF file of a report." in answer.content.decode()
    status, html = drop(client, b"")
    assert status == 400
    assert "The file is empty." in html


def test_a_file_that_is_too_large_is_not_read(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view, "MAX_BYTES", 1000)
    status, html = drop(client, b"%PDF-" + b"x" * 2000)
    assert status == 400
    assert "larger than" in html

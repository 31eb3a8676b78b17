"""The public page that verifies a report: its answers, its limits, and hostile uploads."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.handlers.wsgi import WSGIRequest
from django.db import connection
from django.test import Client
from django.urls import reverse

from portal.reports.records.known_certificates import remember_certificate
from portal.reports.verification import pdf_inspection
from portal.web.reports import verify_limits
from portal.web.reports.views import verify as view
from tenants.locks import Lock
from tests.portal.reports.conftest import Signed
from tests.portal.reports.hostile import (
    DAMAGED_PLACES,
    HOSTILE,
    damaged_place,
    repeated_fields,
    signed_damaged_place,
    signed_repeated_fields,
)

pytestmark = [pytest.mark.django_db, pytest.mark.slow(seconds=15)]


@pytest.fixture(autouse=True)
def own_state(settings, tmp_path: Path) -> Iterator[None]:
    """Let each test begin without a signing certificate and without uploads that count for the limits."""
    settings.SURETY_HOME = tmp_path
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def known(signed_files: Signed) -> Signed:
    """The signed files, whose certificate the installation knows."""
    remember_certificate(signed_files.identity.certificate)
    return signed_files


def drop(
    client: Client, content: bytes, name: str = "report.pdf", address: str = "192.0.2.7"
) -> tuple[int, str]:
    answer = client.post(
        reverse("verify"), {"report": SimpleUploadedFile(name, content)}, REMOTE_ADDR=address
    )
    return answer.status_code, answer.content.decode()


def test_page_needs_no_account(client: Client) -> None:
    assert client.get(reverse("verify")).status_code == 200


def test_signed_report_is_valid(client: Client, known: Signed) -> None:
    status, html = drop(client, known.stamped)
    assert status == 200
    assert "report.pdf is valid: it is unchanged since it was signed" in html
    assert "Surety report signing (self-signed)" in html
    assert "shows that the file has not changed, but not who signed the file" in html
    assert "Honest clock" in html
    assert "results.json" in html


def test_report_of_an_unknown_signer_cannot_be_judged(client: Client, signed_files: Signed) -> None:
    status, html = drop(client, signed_files.plain)
    assert status == 200
    assert "This installation cannot decide whether report.pdf is valid." in html
    assert "--fingerprint" in html
    assert "is valid: " not in html


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda data: data[:200] + bytes([data[200] ^ 1]) + data[201:], "not the hash in the signature"),
        (lambda data: data + b"\n% more", "extended after it was signed"),
        (lambda data: data[:-7], "cut off"),
        (lambda data: b"hello", "not a PDF"),
    ],
)
def test_changed_report_is_invalid_with_the_reason(
    client: Client, known: Signed, change: Callable[[bytes], bytes], reason: str
) -> None:
    status, html = drop(client, change(known.plain), "<b>.pdf")
    assert status == 200
    assert ("could not be verified" if reason == "not a PDF" else "is not valid") in html
    assert "is valid: " not in html
    assert reason in html
    assert "shows that the file has not changed" not in html
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

    def never(*_: object) -> None:
        raise AssertionError("the upload was read")

    monkeypatch.setattr(WSGIRequest, "_load_post_and_files", never)
    status, html = drop(client, b"%PDF-" + b"x" * 100_000)
    assert status == 413
    assert "larger than" in html


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_files_are_answered(what: str, client: Client, known: Signed) -> None:
    content = HOSTILE[what]()
    start = time.monotonic()
    status, html = drop(client, content)
    assert status == 200
    assert "is not valid" in html
    assert time.monotonic() - start < 10


def test_hostile_file_with_a_known_signature_is_answered(
    client: Client, known: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf_inspection, "PROCESSOR_SECONDS", 2)
    status, html = drop(client, signed_repeated_fields(known.identity))
    assert status == 200
    assert "seconds of processor time" in html


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=x", b"--x\r\nrubbish"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' * 2000,
        ),
        ("application/pdf", b"%PDF-1.7"),
    ],
)
def test_damaged_uploads_are_answered(client: Client, content_type: str, body: bytes) -> None:
    client.raise_request_exception = False
    assert client.generic("POST", reverse("verify"), body, content_type).status_code == 400


def test_uploads_of_an_address_are_limited(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify_limits, "UPLOADS", 3)
    monkeypatch.setattr(verify_limits, "WINDOW_SECONDS", 3600)
    for _ in range(3):
        assert drop(client, b"hello")[0] == 200
    answer = client.post(
        reverse("verify"), {"report": SimpleUploadedFile("a.pdf", b"hello")}, REMOTE_ADDR="192.0.2.7"
    )
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 3600
    assert f"Try again in {answer['Retry-After']} seconds." in answer.content.decode()
    assert drop(client, b"hello", address="192.0.2.8")[0] == 200
    # An IPv6 client can use all addresses of its /64 network, so the limit counts them as one client.
    statuses = [drop(client, b"hello", address=f"2001:db8:0:1::{last}")[0] for last in range(4)]
    assert statuses == [200, 200, 200, 429]
    assert drop(client, b"hello", address="2001:db8:0:2::1")[0] == 200


def test_verifications_at_the_same_time_are_limited_over_all_processes(client: Client, known: Signed) -> None:
    other_process = connection.copy()
    try:
        with other_process.cursor() as cursor:
            cursor.execute("BEGIN")
            for number in range(verify_limits.SLOTS):
                cursor.execute(
                    "SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))",
                    [Lock.VERIFICATION_SLOT.key(str(number)), Lock.VERIFICATION_SLOT.seed],
                )
            status, html = drop(client, known.plain)
            assert status == 429
            assert (
                "2 files are being verified at the moment, which is the maximum. Try again in 5 seconds."
                in html
            )
    finally:
        other_process.close()  # Close the connection, as if the process had died.
    deadline = time.monotonic() + 5
    while (
        status := drop(client, known.plain, address="192.0.2.9")[0]
    ) == 429 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert status == 200


@pytest.mark.django_db(transaction=True)
def test_sign_in_stays_usable_while_hostile_files_are_verified(
    live_server, known: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf_inspection, "PROCESSOR_SECONDS", 4)
    files = [repeated_fields()] * 4 + [signed_repeated_fields(known.identity)] * 4
    url = live_server.url + reverse("verify")

    def upload(content: bytes) -> int:
        return requests.post(url, files={"report": ("a.pdf", content)}, timeout=60).status_code

    with ThreadPoolExecutor(len(files)) as pool:
        uploads = [pool.submit(upload, content) for content in files]
        longest = 0.0
        while not all(upload.done() for upload in uploads):
            start = time.monotonic()
            assert requests.get(live_server.url + reverse("account_login"), timeout=60).status_code == 200
            longest = max(longest, time.monotonic() - start)
        statuses = [upload.result() for upload in uploads]
    assert set(statuses) <= {200, 429}
    assert 200 in statuses
    # If verifications blocked the sign-in page, the page would wait for all of them: 8 times 4 seconds.
    assert longest < 10


# One case for each way in which parsing can end.
# tests/portal/reports/verification/test_pdf_inspection.py parses all cases.
REPRESENTATIVE = ("negative", "inside of an object", "a name", "an open string", "null", "binary")


@pytest.mark.parametrize("case", REPRESENTATIVE)
def test_a_damaged_place_of_an_earlier_table_gets_an_answer(client: Client, known: Signed, case: str) -> None:
    """The file is signed by the installation, so that it reaches the parser. The answer must not be an error 500."""
    content = signed_damaged_place(known.identity, case, b"/Prev")
    status, html = drop(client, content)
    assert (status, "is not valid" in html) == (200, True)


def test_a_damaged_place_in_a_file_of_a_stranger_gets_an_answer(client: Client, known: Signed) -> None:
    for number, case in enumerate(DAMAGED_PLACES):
        status, html = drop(client, damaged_place(case), address=f"192.0.2.{number}")
        assert (status, "is not valid" in html) == (200, True), case

"""Verification names the customer of a report only to people who may see the report."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from portal.reports.keys.signing_identity import ensure_signing_identity
from tests.portal.reports.conftest import Built
from tests.signed_in import signed_in_client

pytestmark = pytest.mark.django_db


def page(client: Client, data: bytes) -> str:
    cache.clear()
    file = SimpleUploadedFile("from-a-colleague.pdf", data)
    answer = client.post(reverse("verify"), {"report": file})
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "is valid" in text
    return text


def test_the_page_names_customer_and_period_to_people_of_the_customer(built: Built) -> None:
    html = page(signed_in_client(built.world.people["organization_engineer"]), built.data)
    assert escape(built.world.home.name) in html.partition('<h2 class="verdict-sentence">')[2]
    assert "Period" in html
    assert f"is valid: report {built.report.number} of" in html
    assert reverse("report", args=[built.world.home.slug, built.report.number]) in html
    assert (
        f"Assessment {built.report.assessment.number}, as of {built.report.as_of:%Y-%m-%d %H:%M} UTC" in html
    )


def test_the_page_names_to_others_only_what_the_file_states(built: Built) -> None:
    for client in (Client(), signed_in_client(built.world.people["owner"])):
        html = page(client, built.data)
        assert "Period" not in html
        assert "is valid: report" not in html
        assert "Title that the file states" in html
        assert escape(built.report.title) in html


def test_the_command_names_customer_and_period(built: Built, tmp_path: Path) -> None:
    file, out = tmp_path / "report.pdf", StringIO()
    file.write_bytes(built.data)
    call_command("verify_report", str(file), stdout=out)
    assert f"  customer     {built.world.home.name}\n" in out.getvalue()
    assert f"  period       Assessment {built.report.assessment.number}, as of" in out.getvalue()


def test_the_command_without_a_database_names_what_the_file_states(built: Built, tmp_path: Path) -> None:
    file, out = tmp_path / "report.pdf", StringIO()
    file.write_bytes(built.data)
    own = ensure_signing_identity().fingerprint
    call_command("verify_report", str(file), fingerprint=[own], stdout=out)
    assert f"{built.report.title} (stated by the file)" in out.getvalue()
    assert "customer " not in out.getvalue()

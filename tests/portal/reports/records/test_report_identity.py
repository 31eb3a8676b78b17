"""Verification names the customer of a report only to people who may see the report."""

from __future__ import annotations

import re
from datetime import date
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
from portal.reports.records.report_identity import identity_facts
from tests import factories
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


def test_the_page_names_customer_and_assessment_to_people_of_the_customer(built: Built) -> None:
    html = page(signed_in_client(built.world.people["organization_engineer"]), built.data)
    assert escape(built.world.home.name) in html.partition('<h2 class="verdict-sentence">')[2]
    assert f"is valid: report {built.report.number} of" in html
    assert reverse("report", args=[built.world.home.slug, built.report.number]) in html
    assert "<dt>Assessment</dt>" in html
    assert f"{built.report.assessment.number}, as of {built.report.as_of:%Y-%m-%d %H:%M} UTC" in html


def test_each_fact_of_a_record_has_a_label_of_its_own(built: Built) -> None:
    client = signed_in_client(built.world.people["organization_engineer"])
    html = client.post(reverse("verify"), {"sha256": built.report.sha256}).content.decode()
    labels = re.findall(r"<dt>([^<]+)</dt>", html)
    assert {"Kind", "Document"} <= set(labels)
    assert len(labels) == len(set(labels))


def test_only_reports_that_have_them_name_a_framework_and_a_period(built: Built) -> None:
    report = built.report
    with factories.in_tenant(built.world.home):
        found = {}
        for kind in ("full", "exceptions", "period"):
            report.kind = kind
            if kind == "period":
                report.period_first, report.period_last = date(2026, 9, 1), date(2026, 11, 30)
            found[kind] = dict(identity_facts(report))
    assert {"Framework", "Period"} & found["full"].keys() == {"Framework"}
    assert not {"Framework", "Period"} & found["exceptions"].keys()
    assert found["period"]["Period"] == "2026-09-01 to 2026-11-30"


def test_the_page_names_to_others_only_what_the_file_states(built: Built) -> None:
    for client in (Client(), signed_in_client(built.world.people["owner"])):
        html = page(client, built.data)
        assert "<dt>Assessment</dt>" not in html
        assert "is valid: report" not in html
        assert "Title that the file states" in html
        assert escape(built.report.title) in html


def test_the_command_names_customer_and_assessment(built: Built, tmp_path: Path) -> None:
    file, out = tmp_path / "report.pdf", StringIO()
    file.write_bytes(built.data)
    call_command("verify_report", str(file), stdout=out)
    assert f"  customer     {built.world.home.name}\n" in out.getvalue()
    assert f"  assessment   {built.report.assessment.number}, as of" in out.getvalue()


def test_the_command_without_a_database_names_what_the_file_states(built: Built, tmp_path: Path) -> None:
    file, out = tmp_path / "report.pdf", StringIO()
    file.write_bytes(built.data)
    own = ensure_signing_identity().fingerprint
    call_command("verify_report", str(file), fingerprint=[own], stdout=out)
    assert f"{built.report.title} (stated by the file)" in out.getvalue()
    assert "customer " not in out.getvalue()

"""The reports page: building, progress and download."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.controls.registry import catalogue_hash
from assessments.models import Assessment, EvidenceItem, Finding
from portal.reports import edition
from portal.reports.actions import build_requested
from portal.reports.models import Report
from portal.reports.page_content import content_of_edition
from portal.reports.records.installation_trust import installation_trust
from portal.reports.verification.verify import verify_pdf
from portal.web.reports import contents
from portal.web.reports.forms import MAX_CHOICES
from tenants.models import JournalEntry
from tests import factories
from tests.portal.web.requests import page
from tests.portal.web.world import SignIn, World


def ask(client: Client, world: World, **given: Any) -> Any:
    own = world.of(world.home)
    data = {"assessment": own["assessment"].pk, "classification": "Internal", **given}
    return client.post(reverse("report-build", args=[world.home.slug]), data, follow=True)


@pytest.mark.slow
def test_requested_report_is_built_and_downloaded_as_signed(engineer: Client, world: World) -> None:
    html = ask(engineer, world).content.decode()
    assert 'data-run="waiting"' in html
    assert 'hx-trigger="every 2s"' in html
    with factories.in_tenant(world.home):
        report = Report.objects.get(tenant=world.home, number=2)
    build_requested(tenant_id=world.home.pk, report_id=report.pk)
    html = engineer.get(reverse("reports", args=[world.home.slug])).content.decode()
    assert "hx-trigger" not in html.split('id="reports"')[1].split(">")[0]
    answer = engineer.get(reverse("report-download", args=[world.home.slug, report.pk]))
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert answer.headers["Content-Type"] == "application/pdf"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert verify_pdf(content, installation_trust()).problems == []
    _page_says_what_the_file_says(engineer, world, report)


def check_bundle(engineer: Client, world: World, report: Report) -> None:
    address = reverse("report-bundle", args=[world.home.slug, report.pk])
    for other, stated in (("0" * 64, True), (catalogue_hash(), False)):
        with factories.in_tenant(world.home):
            rows = Assessment.objects.filter(pk=report.assessment_id)
            rows.update(catalogue_hash=other, product_version="0.0.9")
        page = engineer.get(reverse("report", args=[world.home.slug, report.number])).content.decode()
        assert f'href="{address}"' in page
        assert ("ask the operator for the program of Surety 0.0.9." in " ".join(page.split())) is stated
    answer = engineer.get(address)
    assert answer.headers["Content-Type"] == "application/zip"
    name = f"surety-{world.home.slug}-report-{report.number}-evidence.zip"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    with zipfile.ZipFile(io.BytesIO(content)) as archive, factories.in_tenant(world.home):
        entry = JournalEntry.objects.filter(tenant=world.home).latest("sequence")
        assert (entry.action, entry.details) == ("file.downloaded", {"file": name})
        assert archive.testzip() is None
        assert hashlib.sha256(archive.read("report.pdf")).hexdigest() == report.sha256
        lines = [json.loads(line) for line in archive.read("evidence.jsonl").splitlines()]
        cited = {
            sha for row in Finding.objects.filter(tenant=world.home, gone_at=None) for sha in row.evidence
        }
        stored = EvidenceItem.objects.filter(tenant=world.home, sha256__in=cited)
        assert {row.sha256: row.content for row in stored}.items() <= {
            line["sha256"]: line["content"] for line in lines
        }.items()
        entry = JournalEntry.objects.filter(tenant=world.home, action="report.evidence_exported").get()
        assert entry.details["items"] == len(lines) > 0


def _page_says_what_the_file_says(engineer: Client, world: World, report: Report) -> None:
    """Check the page of the report that the calling test has built: building another report would take seconds."""
    address = reverse("report", args=[world.home.slug, 2])
    html = engineer.get(address).content.decode()
    with factories.in_tenant(world.home):
        report = Report.objects.defer(None).get(pk=report.pk)
        assert report.page_content is not None
        failing = Finding.objects.filter(tenant=world.home, outcome="fail", gone_at=None)
        names = set(failing.values_list("subject_name", flat=True))
        numbers = failing.count()
    assert names
    assert all(name in html for name in names)
    assert f"<dd>{numbers}</dd>" in html
    assert report.sha256 in html
    assert 'hx-get="?checks"' in html
    summary = re.search(r'#page=(\d+)">\s*<span>Summary</span>', html)
    assert summary is not None
    assert 1 < int(summary[1]) < report.pages
    checked = engineer.get(address, {"checks": ""}, headers={"HX-Request": "true"}).content.decode()
    assert "Signed and unchanged" in checked
    assert "The record has the same SHA-256" in checked
    assert re.search(
        r"\d+ verdicts? unknown.*1 subscription or directory not read completely", checked, re.DOTALL
    )
    assert "<h1>" not in checked
    check_bundle(engineer, world, report)
    opened = engineer.get(reverse("report-download", args=[world.home.slug, report.pk]), {"open": ""})
    assert opened.headers["Content-Disposition"].startswith("inline")
    Path(report.file.path).write_bytes(b"%PDF-1.7 changed")
    answer = engineer.get(address, follow=True)
    assert answer.redirect_chain == [(reverse("reports", args=[world.home.slug]), 302)]
    assert "was changed after it was signed" in answer.content.decode()


def test_the_page_of_a_report_has_a_table_of_contents(engineer: Client, world: World) -> None:
    html = engineer.get(reverse("report", args=[world.home.slug, 1])).content.decode()
    wide, _, narrow = html.partition('<details class="outline-fold')
    contents = re.findall(r'<a href="#([a-z-]+)">([^<]+)</a>', wide.split('<nav class="outline"')[1])
    assert ("by-section", "Verdicts by section") in contents
    for anchor, title in contents:
        assert re.search(rf'<section id="{anchor}">\s*<h3>{title}</h3>', html), anchor
        assert f'href="#{anchor}"' in narrow
    headings = len(re.findall(r"<section id=", html))
    assert headings == len(contents) > 2
    assert "?open#page=" in narrow


def test_the_bars_by_section_show_manual_and_unknown_verdicts(
    engineer: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the bars, manual checks have a colour of their own: neither that of unknown checks nor that of passed ones."""
    sections = [
        {"name": "Function apps", "counts": {"pass": 5, "manual": 3}},
        {"name": "Operations", "counts": {"manual": 14, "unknown": 1, "not_applicable": 2}},
    ]
    total = {"pass": 5, "manual": 17, "unknown": 1, "not_applicable": 2}

    def of_sections(read: edition.Edition) -> dict[str, Any]:
        return {**content_of_edition(read), "sections": sections, "total": total}

    monkeypatch.setattr(contents, "content_of_edition", of_sections)
    html = page(engineer, "report", world.home.slug, 1)
    part = html.split('<section id="by-section">')[1].split("</section>")[0]
    bars = re.findall(r'<svg[^>]*aria-label="([^"]+)"(.*?)</svg>', part)
    drawn = {label: re.findall(r'class="(role-[^"]+)"', bar) for label, bar in bars}
    assert drawn == {
        "Function apps: 3 manual, 5 pass": ["role-manual", "role-pass"],
        "Operations: 14 manual, 1 unknown, 2 not applicable": [
            "role-manual",
            "role-unknown",
            "role-unknown rest",
        ],
    }
    legend = re.findall(r"<strong>(\d+)</strong>\s*([a-z ]+?)\s*</li>", part.split('<ul class="legend')[1])
    assert legend == [("17", "manual"), ("1", "unknown"), ("5", "pass"), ("2", "not applicable")]


def test_a_report_without_any_result_does_not_state_that_nothing_fails(
    engineer: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """“0 failing” would look as if all checks had passed."""
    nothing: dict[str, Any] = {
        "score": None, "adjusted": None, "coverage": 0.0, "total": {"unknown": 7}, "failing": 0, "open": 0,
        "acknowledged": 0, "excepted": 0, "controls": [],
    }  # fmt: skip
    monkeypatch.setattr(contents, "content_of_edition", lambda read: {**content_of_edition(read), **nothing})
    html = page(engineer, "report", world.home.slug, 1)
    assert "failing: no automatic check has a result</dt>" in html
    assert "failing: 0 open" not in html
    part = html.split('<section id="by-severity">')[1].split("</section>")[0]
    assert "Unknown, because no automatic check has a result." in part
    assert "<table" not in part


def test_the_permission_of_data_that_was_not_found_is_not_called_missing(
    engineer: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    gap = {
        "collection": "App settings",
        "unit": "Production",
        "permission": "Microsoft.Web/sites/config/read",
    }
    gaps = [{**gap, "reason": "not found in Azure"}]
    monkeypatch.setattr(
        contents, "content_of_edition", lambda read: {**content_of_edition(read), "gaps": gaps}
    )
    html = page(engineer, "report", world.home.slug, 1)
    part = html.split('<section id="not-read">')[1].split("</section>")[0]
    assert gap["permission"] in part
    assert ">Permission needed<" in part
    assert "missing" not in part.lower()


def test_the_page_of_an_older_report_with_very_large_results(
    engineer: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reports that older versions built have no stored page content. The report in the test data has none either."""
    address = reverse("report", args=[world.home.slug, 1])
    assert "Failing controls" in engineer.get(address).content.decode()
    monkeypatch.setattr(edition, "MAX_RESULTS", 100)
    answer = engineer.get(address)
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "This page cannot show the content of the report" in html
    assert "Download PDF" in html
    assert "Failing controls" not in html
    assert engineer.get(address, {"checks": ""}, headers={"HX-Request": "true"}).status_code == 200


def test_a_page_shows_the_progress_of_a_build_and_then_the_report(engineer: Client, world: World) -> None:
    ask(engineer, world)
    address = reverse("report", args=[world.home.slug, 2])
    polled = {"HX-Request": "true", "X-Surety-Refresh": "1"}
    html = engineer.get(address).content.decode()
    assert "Waiting for a worker" in html
    assert 'hx-trigger="every 2s"' in html
    with factories.in_tenant(world.home):
        Report.objects.filter(number=2).update(step="rendering")
    for page_address in (address, reverse("reports", args=[world.home.slug])):
        html = engineer.get(page_address, headers=polled).content.decode()
        assert "Step 2 of 4: Rendering pages" in html
        assert 'data-run="running"' in html
    with factories.in_tenant(world.home):
        Report.objects.filter(number=2).update(state="failed", error="The signing file cannot be read.")
    html = engineer.get(address, headers=polled).content.decode()
    assert "The signing file cannot be read." in html
    assert "hx-trigger" not in html.split('id="report-progress"')[1].split(">")[0]
    assert engineer.get(reverse("report", args=[world.home.slug, 99])).status_code == 404
    # When the report is ready, the page that shows the progress of its build is loaded again.
    finished = engineer.get(reverse("report", args=[world.home.slug, 1]), headers=polled)
    assert finished.headers["HX-Refresh"] == "true"


@pytest.mark.slow(seconds=1)
def test_a_build_is_cancelled_by_those_who_may_build(engineer: Client, world: World, sign_in: SignIn) -> None:
    ask(engineer, world)
    with factories.in_tenant(world.home):
        report = Report.objects.get(tenant=world.home, number=2)
    address = reverse("report-cancel", args=[world.home.slug, report.pk])
    pages = [reverse("reports", args=[world.home.slug]), reverse("report", args=[world.home.slug, 2])]
    auditor = sign_in(world.people["auditor"])
    for page_address in pages:
        assert address in engineer.get(page_address).content.decode()
    reader = auditor.get(pages[0]).content.decode()
    assert "Waiting for a worker" in reader
    assert address not in reader
    assert auditor.post(address).status_code == 403
    html = engineer.post(address, follow=True).content.decode()
    assert "Report 2 was cancelled." in html
    assert 'data-run="cancelled"' in html
    assert address not in html
    build_requested(tenant_id=world.home.pk, report_id=report.pk)
    with factories.in_tenant(world.home):
        report.refresh_from_db()
        entry = JournalEntry.objects.get(action="report.cancelled")
    assert (report.state, report.file.name, report.attempt) == ("cancelled", "", 0)
    assert entry.target == "report:2"
    again = engineer.post(address, follow=True).content.decode()
    assert "no longer being built" in again
    assert "no file was stored" in engineer.get(pages[1]).content.decode()


def test_report_in_progress_has_no_file(engineer: Client, world: World) -> None:
    ask(engineer, world)
    with factories.in_tenant(world.home):
        report = Report.objects.get(tenant=world.home, number=2)
    assert engineer.get(reverse("report-download", args=[world.home.slug, report.pk])).status_code == 404


def test_failed_report_shows_the_reason(engineer: Client, world: World) -> None:
    ask(engineer, world)
    with factories.in_tenant(world.home):
        Report.objects.filter(number=2).update(state="failed", error="The signing file cannot be read.")
    html = engineer.get(reverse("reports", args=[world.home.slug])).content.decode()
    assert "The signing file cannot be read." in html
    assert 'data-run="failed"' in html


@pytest.mark.parametrize(
    ("given", "stored", "name"),
    [
        ({}, "cis-6.0.0", "CIS Azure 6.0.0"),
        ({"framework": "nist-800-53-r5"}, "nist-800-53-r5", "NIST 800-53 r5"),
    ],
)
def test_a_report_is_about_the_chosen_framework(
    engineer: Client, world: World, given: dict[str, str], stored: str, name: str
) -> None:
    html = ask(engineer, world, **given).content.decode()
    with factories.in_tenant(world.home):
        assert Report.objects.get(tenant=world.home, number=2).framework == stored
    assert re.search(rf",\s+{re.escape(name)}\s*</span>", html)


def test_the_form_asks_for_what_the_chosen_kind_needs(engineer: Client, world: World) -> None:
    address = reverse("reports", args=[world.home.slug])
    full = engineer.get(address).content.decode()
    assert 'name="framework"' in full
    assert 'name="baseline"' not in full
    changes = engineer.get(address, {"kind": "changes", "classification": "Public"}).content.decode()
    assert 'name="framework"' not in changes
    assert 'name="baseline"' in changes
    assert '<option value="changes" selected>' in changes
    assert '<option value="Public" selected>' in changes
    assert "which results became better, worse or unknown" in changes


def test_a_report_has_the_chosen_kind_paper_and_language(engineer: Client, world: World) -> None:
    html = ask(engineer, world, kind="executive", paper="letter", language="de").content.decode()
    with factories.in_tenant(world.home):
        row = Report.objects.get(tenant=world.home, number=2)
        entry = JournalEntry.objects.get(action="report.requested", target="report:2")
    assert (row.kind, row.paper, row.language) == ("executive", "letter", "de")
    assert entry.details["kind"] == "executive"
    assert "Executive summary, assessment" in html


def test_a_later_assessment_is_no_baseline(engineer: Client, world: World) -> None:
    own = world.of(world.home)["assessment"]
    answer = ask(engineer, world, kind="changes", baseline=own.pk)
    assert answer.status_code == 400
    assert "Choose an assessment that is earlier" in answer.content.decode()


@pytest.mark.parametrize(
    "given",
    [
        {"assessment": ""},
        {"paper": "a9"},
        {"kind": "executive", "language": "fr"},
        {"assessment": "x"},
        {"classification": "Secret"},
        {"framework": "cis-9"},
        {"kind": "novel"},
    ],
)
def test_choices_that_are_not_offered_are_refused(
    engineer: Client, world: World, given: dict[str, str]
) -> None:
    assert ask(engineer, world, **given).status_code == 400


def test_a_foreign_assessment_cannot_be_reported(engineer: Client, world: World) -> None:
    assert ask(engineer, world, assessment=world.of(world.foreign)["assessment"].pk).status_code == 400
    with factories.in_tenant(world.home):
        assert Report.objects.count() == 1


def test_the_newest_assessment_of_everything_is_suggested(engineer: Client, world: World) -> None:
    with factories.in_tenant(world.home):
        number = Assessment.objects.order_by("-number").values_list("number", flat=True)[0]
        whole, _part = (
            Assessment.objects.create(
                tenant=world.home, number=number + step, state="finished", ended_at=timezone.now(), only=only,
                catalogue_hash="c" * 64, product_version="1", summary={"score": 1},
            )
            for step, only in ((1, []), (2, ["/subscriptions/one"]))
        )  # fmt: skip
    html = page(engineer, "reports", world.home.slug)
    choices = html.split('name="assessment"')[1]
    assert re.findall(r'<option value="([^"]+)" selected', choices)[0] == str(whole.pk)


@pytest.mark.parametrize("trigger", Assessment.BY_WATCH)
def test_the_watch_does_not_displace_other_assessments(
    engineer: Client, world: World, trigger: Assessment.Trigger
) -> None:
    with factories.in_tenant(world.home):
        others = {str(row.pk) for row in Assessment.objects.filter(tenant=world.home, state="finished")}
        last = Assessment.objects.filter(tenant=world.home).order_by("-number").first()
        assert last is not None
        Assessment.objects.bulk_create(
            Assessment(
                tenant=world.home, number=last.number + step, state="finished", ended_at=timezone.now(),
                trigger=trigger, only=["/subscriptions/one"], catalogue_hash="c" * 64,
                product_version="1", summary={"score": 1},
            )
            for step in range(1, MAX_CHOICES + 2)
        )  # fmt: skip
    choices = page(engineer, "reports", world.home.slug).split('name="assessment"')[1].split("</select>")[0]
    values = re.findall(r'<option value="([^"]+)"', choices)
    assert others <= set(values)
    assert len(values) == len(others) + MAX_CHOICES
    assert re.findall(r'<option value="([^"]+)" selected', choices) == [
        next(value for value in values if value in others)
    ]


def test_page_without_assessments_offers_to_start_one(engineer: Client, world: World) -> None:
    bare = factories.tenant(world.organization, "Bare Customer")
    html = engineer.get(reverse("reports", args=[bare.slug])).content.decode()
    assert "Start an assessment" in html
    assert "Build and sign" not in html


def test_form_requires_the_right_to_build_reports(world: World, sign_in: SignIn) -> None:
    auditor = sign_in(world.people["auditor"])
    html = auditor.get(reverse("reports", args=[world.home.slug])).content.decode()
    assert "Build and sign" not in html
    assert "Download" in html


@pytest.mark.parametrize("what", ["changed", "missing"])
def test_a_file_that_changed_on_the_disk_is_refused_and_journaled(
    engineer: Client, world: World, damage: Callable[[str, bytes | None], None], what: str
) -> None:
    report = world.of(world.home)["report"]
    with factories.in_tenant(world.home):
        path = Path(Report.objects.get(pk=report.pk).file.path)
    damage(str(path), None if what == "missing" else path.read_bytes() + b"\n")
    answer = engineer.get(reverse("report-download", args=[world.home.slug, report.pk]), follow=True)
    assert "was changed after it was signed, so it was not sent" in answer.content.decode()
    assert answer.headers["Content-Type"].startswith("text/html")
    with factories.in_tenant(world.home):
        entry = JournalEntry.objects.get(action="report.file_refused")
    assert entry.details["sha256"] == report.sha256
    assert (entry.details["found"] == "no file") == (what == "missing")

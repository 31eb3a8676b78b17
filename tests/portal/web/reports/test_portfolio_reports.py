"""The pages of portfolio reports: build, progress, cancel, download, revoke, verify."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from portal.portfolio_reports.actions import build_requested
from portal.portfolio_reports.models import PortfolioReport
from portal.reports.records.register import enter_supersession, standing
from tenants.models import OrganizationJournalEntry, ServicePrincipal
from tenants.scope import organization_scope
from tests import factories
from tests.portal.web.world import World
from tests.signed_in import signed_in_client

pytestmark = pytest.mark.django_db


@pytest.mark.slow(seconds=1)
def test_an_engineer_builds_reads_and_downloads_a_report(world: World) -> None:
    client = signed_in_client(world.people["organization_engineer"])
    slug = world.organization.slug
    page = client.get(reverse("portfolio-reports", args=[slug]))
    assert page.status_code == 200
    assert escape(world.home.name) in page.content.decode()
    answer = client.post(
        reverse("portfolio-report-build", args=[slug]),
        {"customers": [str(world.home.pk)], "classification": "Internal", "paper": "a4", "language": "de"},
    )
    assert answer.headers["Location"] == reverse("portfolio-reports", args=[slug])
    with organization_scope(world.organization):
        report = PortfolioReport.objects.get(state=PortfolioReport.State.BUILDING)
        assert (report.classification, report.customers) == ("Internal", [world.home.pk])
    url = reverse("portfolio-report", args=[slug, report.number])
    assert "Waiting for a worker" in client.get(url).content.decode()
    build_requested(organization_id=world.organization.pk, report_id=report.pk)
    assert client.get(url, headers={"X-Surety-Refresh": "1"}).headers["HX-Refresh"] == "true"
    shown = client.get(url).content.decode()
    assert escape(world.home.name) in shown
    assert '<span lang="de">Was nicht gelesen werden konnte</span>' in shown
    assert "Signed and unchanged" in client.get(url + "?checks").content.decode()
    file = client.get(reverse("portfolio-report-download", args=[slug, report.pk]))
    assert b"".join(file.streaming_content).startswith(b"%PDF-")  # type: ignore[attr-defined]
    with organization_scope(world.organization):
        entry = OrganizationJournalEntry.objects.get(action="file.downloaded")
        assert entry.details["file"] == report.file_name
        report.refresh_from_db()
    verified = client.post(reverse("verify"), {"sha256": report.sha256}).content.decode()
    assert escape(world.organization.name) in verified
    assert url in verified
    public = client.__class__().post(reverse("verify"), {"sha256": report.sha256}).content.decode()
    assert report.sha256 in public
    assert escape(world.organization.name) not in public


def test_every_finished_report_can_be_superseded(world: World) -> None:
    organization = world.organization
    with organization_scope(organization):
        PortfolioReport.objects.bulk_create(
            PortfolioReport(
                organization=organization, number=number, state="ready", customers=[world.home.pk],
                sha256=f"{number:064}", file=f"{organization.pk}/{number}.pdf", size=1, as_of=timezone.now(),
                classification="Internal", paper="a4",
            )
            for number in range(101, 162)
        )  # fmt: skip
        rows = {row.number: row for row in PortfolioReport.objects.all()}
        assert enter_supersession(rows[103], rows[104])
    client = signed_in_client(world.people["organization_engineer"])
    html = client.get(reverse("portfolio-reports", args=[organization.slug])).content.decode()
    choices = html.split('name="supersedes"')[1].split("</select>")[0]
    numbers = [int(number) for number in re.findall(r">Report (\d+),", choices)]
    assert [number for number in numbers if number > 100] == [*range(161, 103, -1), 102, 101]


def test_a_build_is_cancelled(world: World) -> None:
    client = signed_in_client(world.people["organization_engineer"])
    slug = world.organization.slug
    client.post(
        reverse("portfolio-report-build", args=[slug]),
        {"classification": "Internal", "paper": "a4", "language": "en"},
    )
    with organization_scope(world.organization):
        report = PortfolioReport.objects.get(state=PortfolioReport.State.BUILDING)
    client.post(reverse("portfolio-report-cancel", args=[slug, report.pk]))
    with organization_scope(world.organization):
        report.refresh_from_db()
    assert report.state == PortfolioReport.State.CANCELLED
    page = client.get(reverse("portfolio-report", args=[slug, report.number])).content.decode()
    assert "The build was cancelled, and no file was stored." in page


def test_a_choice_of_another_organization_is_refused(world: World) -> None:
    client = signed_in_client(world.people["organization_engineer"])
    answer = client.post(
        reverse("portfolio-report-build", args=[world.organization.slug]),
        {"customers": [str(world.foreign.pk)], "classification": "Internal", "paper": "a4", "language": "en"},
    )
    assert answer.status_code == 400
    with organization_scope(world.organization):
        assert not PortfolioReport.objects.filter(state=PortfolioReport.State.BUILDING).exists()


def test_an_administrator_revokes_a_report(world: World) -> None:
    client = signed_in_client(world.people["organization_administrator"])
    report = world.of(world.home)["portfolio_report"]
    slug = world.organization.slug
    url = reverse("portfolio-report-revoke", args=[slug, report.number])
    refused = client.post(url, {"reason": f"{world.home.name} was missing."})
    assert refused.status_code == 400
    assert "Do not name customers" in refused.content.decode()
    client.post(url, {"reason": "A customer was missing."})
    assert standing(report.pk).reason == "A customer was missing."
    page = client.get(reverse("portfolio-report", args=[slug, report.number])).content.decode()
    assert "Do not rely on this report" in page


@pytest.mark.slow(seconds=1)
def test_figures_of_a_customer_that_could_not_be_read_are_unknown(world: World) -> None:
    with factories.in_tenant(world.home):
        ServicePrincipal.objects.filter(tenant=world.home).update(last_error_code="AADSTS7000222")
    client = signed_in_client(world.people["organization_engineer"])
    slug = world.organization.slug
    client.post(
        reverse("portfolio-report-build", args=[slug]),
        {
            "customers": [str(world.home.pk)],
            "classification": "Internal",
            "paper": "a4",
            "language": "en",
        },
    )
    with organization_scope(world.organization):
        report = PortfolioReport.objects.get(state=PortfolioReport.State.BUILDING)
    build_requested(organization_id=world.organization.pk, report_id=report.pk)
    page = client.get(reverse("portfolio-report", args=[slug, report.number])).content.decode()
    row = re.search(r"<tbody.*?</tr>", page, re.DOTALL)
    assert row is not None
    assert escape(world.home.name) in row[0]
    cells = re.findall(r"<td [^>]*>\s*(.*?)\s*</td>", row[0], re.DOTALL)
    assert cells[1:] == ["Unknown", "Unknown", "Unknown"]

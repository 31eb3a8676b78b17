"""Two settings of an organization in configuration files: its time zone and the paper size of its reports."""

from __future__ import annotations

import pytest

from portal.configuration.yaml_text import read
from portal.reports.branding.actions import Look, save_branding
from portal.reports.branding.logos import read_logo
from portal.reports.branding.selectors import current
from tenants.models import Organization
from tenants.scope import organization_scope
from tests.portal.configuration.conftest import ConfiguredCustomer
from tests.portal.reports.branding.pictures import png

pytestmark = pytest.mark.django_db


def stored(configured: ConfiguredCustomer) -> tuple[str, str, str]:
    with organization_scope(configured.organization):
        row = Organization.objects.get(pk=configured.organization.pk)
        return row.timezone, row.report_paper, row.report_language


@pytest.mark.slow(seconds=1)
def test_time_zone_and_paper_are_planned_applied_and_exported(configured: ConfiguredCustomer) -> None:
    content = configured.file({}, time_zone="Europe/Berlin", report_paper="letter", report_language="de")
    steps = [
        "Time zone: UTC → Europe/Berlin",
        "Paper of reports: a4 → letter",
        "Language of reports: en → de",
    ]
    assert configured.apply(content) == steps
    assert stored(configured) == ("Europe/Berlin", "letter", "de")
    assert configured.apply(content) == []
    with organization_scope(configured.organization):
        configured.organization.refresh_from_db()
    exported = configured.export().encode()
    organization = read(exported).data["organization"]
    assert (organization["time_zone"], organization["report_paper"]) == ("Europe/Berlin", "letter")
    assert organization["report_language"] == "de"
    assert configured.apply(exported) == []
    assert configured.apply(configured.file({})) == [], "a missing key changes nothing"
    assert stored(configured) == ("Europe/Berlin", "letter", "de")


def test_unknown_time_zone_and_paper_are_named_with_their_line(configured: ConfiguredCustomer) -> None:
    (problem,) = configured.problems(configured.file({}, report_paper="a5"))
    assert problem.endswith("“report_paper” cannot be “a5”. Use one of: a4, letter.")
    (problem,) = configured.problems(configured.file({}, time_zone="Europe/Atlantis"))
    assert "Unknown time zone “Europe/Atlantis”. Enter the IANA name of a time zone" in problem
    assert stored(configured) == ("UTC", "a4", "en")


@pytest.mark.slow(seconds=1)
def test_the_validity_of_links_is_planned_applied_and_exported(configured: ConfiguredCustomer) -> None:
    content = configured.file({}, report_link_days=0)
    assert configured.apply(content) == ["Longest validity of links to reports: 14 days → 0 days"]
    assert configured.apply(content) == []
    with organization_scope(configured.organization):
        configured.organization.refresh_from_db()
    assert read(configured.export().encode()).data["organization"]["report_link_days"] == 0
    assert configured.apply(configured.file({})) == [], "a missing key changes nothing"
    (problem,) = configured.problems(configured.file({}, report_link_days=91))
    assert problem.endswith("“report_link_days” must be at most 90.")


@pytest.mark.slow(seconds=1)
def test_brandings_are_planned_applied_and_exported_without_their_logos(
    configured: ConfiguredCustomer,
) -> None:
    with organization_scope(configured.organization):
        look: Look = {"name": "Before", "logo": read_logo(png())}
        save_branding(organization=configured.organization, by=configured.admin, look=look)
    entries = [
        {"name": "Audit", "contact": "Ask us", "accent": "#8a1538"},
        {"label": "gold", "name": "Gold"},
    ]
    assert configured.apply(configured.file({}, report_branding=entries)) == [
        "Branding of reports: name Before → Audit; contact none → Ask us; accent colour #3350c8 → #8a1538",
        "Branding of reports for customers with label “gold”: name none → Gold; accent colour none → #3350c8",
    ]
    with organization_scope(configured.organization):
        row = current(configured.organization)
        assert row is not None
        assert (row.name, row.logo_kind) == ("Audit", "png")
    exported = read(configured.export().encode()).data["organization"]["report_branding"]
    assert [entry.get("label", "") for entry in exported] == ["", "gold"]
    assert configured.apply(configured.export().encode()) == []
    assert configured.apply(configured.file({})) == [], "a missing key changes nothing"
    assert configured.apply(configured.file({}, report_branding=exported[:1])) == [
        "Branding of reports for customers with label “gold”: removes the branding. Existing reports do not change."
    ]
    (problem,) = configured.problems(configured.file({}, report_branding=[{"accent": "#ffcc00"}]))
    assert "would be hard to read on white" in problem
    (problem,) = configured.problems(configured.file({}, report_branding=[{}, {"name": "x"}]))
    assert "has a branding for the same customers" in problem

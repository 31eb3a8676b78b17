"""The time zone of an organization and the paper of its reports in configuration files."""

from __future__ import annotations

import pytest

from portal.configuration.yaml_text import read
from tenants.models import Organization
from tenants.scope import organization_scope
from tests.portal.configuration.test_configuration import Place, place

pytestmark = pytest.mark.django_db
__all__ = ["place"]


def stored(place: Place) -> tuple[str, str]:
    with organization_scope(place.organization):
        row = Organization.objects.get(pk=place.organization.pk)
        return row.timezone, row.report_paper


def test_time_zone_and_paper_are_planned_applied_and_exported(place: Place) -> None:
    content = place.file({}, time_zone="Europe/Berlin", report_paper="letter")
    steps = ["Time zone: UTC → Europe/Berlin", "Paper of reports: a4 → letter"]
    assert place.apply(content) == steps
    assert stored(place) == ("Europe/Berlin", "letter")
    assert place.apply(content) == []
    with organization_scope(place.organization):
        place.organization.refresh_from_db()
    exported = place.export().encode()
    organization = read(exported).data["organization"]
    assert (organization["time_zone"], organization["report_paper"]) == ("Europe/Berlin", "letter")
    assert place.apply(exported) == []
    assert place.apply(place.file({})) == [], "a missing key changes nothing"
    assert stored(place) == ("Europe/Berlin", "letter")


def test_unknown_time_zone_and_paper_are_named_with_their_line(place: Place) -> None:
    (problem,) = place.problems(place.file({}, report_paper="a5"))
    assert problem.endswith("“report_paper” cannot be “a5”. Use one of: a4, letter.")
    (problem,) = place.problems(place.file({}, time_zone="Europe/Atlantis"))
    assert "Unknown time zone “Europe/Atlantis”. Enter an IANA name" in problem
    assert stored(place) == ("UTC", "a4")


def test_the_validity_of_links_is_planned_applied_and_exported(place: Place) -> None:
    content = place.file({}, report_link_days=0)
    assert place.apply(content) == ["Longest validity of links to reports: 14 → 0 days"]
    assert place.apply(content) == []
    with organization_scope(place.organization):
        place.organization.refresh_from_db()
    assert read(place.export().encode()).data["organization"]["report_link_days"] == 0
    assert place.apply(place.file({})) == [], "a missing key changes nothing"
    (problem,) = place.problems(place.file({}, report_link_days=91))
    assert problem.endswith("“report_link_days” must be at most 90.")

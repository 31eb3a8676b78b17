"""Report schedules in configuration files: planned, applied and exported, for a customer and an organization."""

from __future__ import annotations

from typing import Any

import pytest

from portal.configuration.yaml_text import read
from portal.distribution.models import OrganizationReportSchedule, ReportSchedule
from tenants.models import JournalEntry, OrganizationJournalEntry
from tenants.roles import Role
from tenants.scope import organization_scope
from tests import factories
from tests.portal.configuration.conftest import ConfiguredCustomer

pytestmark = pytest.mark.django_db
MONTHLY = {
    "name": "Monthly",
    "when": "monthly 1 06:00",
    "kind": "executive",
    "language": "de",
    "recipients": ["IT@contoso.example"],
}
WEEKLY = {
    "name": "Weekly",
    "when": "weekly Mon 06:00 within 0",
    "kind": "framework",
    "framework": "cis-3.0.0",
    "paper": "letter",
    "without_names": True,
    "enabled": False,
    "recipients": ["it@contoso.example"],
}


def rows(place: ConfiguredCustomer) -> dict[str, ReportSchedule]:
    with organization_scope(place.organization):
        found = ReportSchedule.objects.filter(tenant=place.tenant, origin=None)
        return {row.name: row for row in found}


def file(place: ConfiguredCustomer, *entries: dict[str, Any]) -> bytes:
    return place.file({"report_schedules": list(entries)})


def test_schedules_of_a_customer_are_added_changed_and_removed(place: ConfiguredCustomer) -> None:
    auditor = factories.member(Role.AUDITOR, place.tenant)
    with_auditor = {**MONTHLY, "recipients": [auditor.email, "IT@contoso.example"]}
    assert place.apply(file(place, with_auditor, WEEKLY)) == [
        f"Report schedule “Monthly”: executive, monthly 1 06:00 within 240, to it@contoso.example, {auditor.email}",
        "Report schedule “Weekly”: framework, weekly Mon 06:00 within 0, to it@contoso.example, paused",
    ]
    monthly, weekly = rows(place)["Monthly"], rows(place)["Weekly"]
    assert (monthly.language, weekly.language) == ("de", "")
    assert monthly.people == [auditor.pk]
    assert monthly.addresses == [{"address": "it@contoso.example", "confirmed_by": str(place.admin.pk)}]
    assert monthly.made_by_id == place.admin.pk
    assert (weekly.framework, weekly.paper, weekly.without_names, weekly.enabled) == (
        "cis-3.0.0",
        "letter",
        True,
        False,
    )
    assert place.apply(file(place, WEEKLY, with_auditor)) == [], "the order of the entries has no meaning"
    assert place.apply(place.file({})) == [], "a missing key changes nothing"

    changed = {**MONTHLY, "when": "after-assessment", "enabled": False}
    assert place.apply(file(place, changed)) == [
        "Report schedule “Weekly”: removes it. Its reports remain.",
        (
            "Report schedule “Monthly”: when monthly 1 06:00 within 240 → after-assessment; recipients"
            f" it@contoso.example, {auditor.email} → it@contoso.example"
        ),
        "Report schedule “Monthly”: pauses it",
    ]
    (row,) = rows(place).values()
    assert (row.pk, row.timetable, row.people, row.enabled) == (monthly.pk, "after-assessment", [], False)
    with organization_scope(place.organization):
        entries = JournalEntry.objects.filter(tenant=place.tenant, action__startswith="report_schedule.")
        assert list(entries.order_by("sequence").values_list("action", flat=True)) == [
            "report_schedule.added",
            "report_schedule.added",
            "report_schedule.paused",
            "report_schedule.removed",
            "report_schedule.changed",
            "report_schedule.paused",
        ]
    assert place.apply(file(place, {**changed, "enabled": True})) == ["Report schedule “Monthly”: resumes it"]
    assert place.apply(place.file({"report_schedules": []})) == [
        "Report schedule “Monthly”: removes it. Its reports remain."
    ]
    assert rows(place) == {}


def test_schedules_of_an_organization_are_copied_to_customers_and_exported_once(
    place: ConfiguredCustomer,
) -> None:
    with organization_scope(place.organization):
        place.tenant.labels = ["gold"]
        place.tenant.save(update_fields=["labels"])
    gold = {**MONTHLY, "label": "gold"}
    assert place.apply(place.file({}, report_schedules=[gold])) == [
        (
            "Report schedule “Monthly”: executive, monthly 1 06:00 within 240, to it@contoso.example,"
            " customers with label gold"
        )
    ]
    with organization_scope(place.organization):
        assert (
            ReportSchedule.objects.get(tenant=place.tenant).origin == OrganizationReportSchedule.objects.get()
        )
        assert OrganizationJournalEntry.objects.filter(action="report_schedule.added").count() == 1
    exported = place.export().encode()
    data = read(exported).data
    assert data["organization"]["report_schedules"] == [
        {
            "name": "Monthly",
            "when": "monthly 1 06:00 within 240",
            "kind": "executive",
            "language": "de",
            "classification": "Confidential",
            "without_names": False,
            "recipients": ["it@contoso.example"],
            "enabled": True,
            "label": "gold",
        }
    ]
    assert data["customers"][0]["report_schedules"] == []
    assert place.apply(exported) == []
    assert place.apply(place.file({}, report_schedules=[MONTHLY])) == [
        "Report schedule “Monthly”: label gold → none"
    ]
    assert place.apply(place.file({}, report_schedules=[])) == [
        "Report schedule “Monthly”: removes it. Its reports remain."
    ]
    with organization_scope(place.organization):
        assert not ReportSchedule.objects.filter(tenant=place.tenant).exists()


def test_a_schedule_of_portfolio_reports_has_people_of_the_whole_organization(
    place: ConfiguredCustomer,
) -> None:
    board = {**MONTHLY, "name": "Board", "kind": "portfolio", "without_names": True}
    (added,) = place.apply(place.file({}, report_schedules=[board]))
    assert added.startswith("Report schedule “Board”: portfolio, monthly 1 06:00 within 240")
    with organization_scope(place.organization):
        assert OrganizationReportSchedule.objects.get().is_portfolio
        assert not ReportSchedule.objects.exists()
    assert place.apply(place.export().encode()) == []
    assert place.apply(place.file({}, report_schedules=[board])) == []  # `without_names` has no effect here
    (problem,) = place.problems(place.file({}, report_schedules=[{**board, "when": "after-assessment"}]))
    assert "Choose weekly or monthly" in problem


@pytest.mark.parametrize(
    ("entries", "problem"),
    [
        ([{**MONTHLY, "when": "daily 06:00"}], "daily 06:00"),
        ([MONTHLY, {**WEEKLY, "name": " Monthly "}], "has a report schedule with the same name"),
        ([{**MONTHLY, "recipients": []}], "is an empty list"),
        ([{**MONTHLY, "recipients": ["it"]}], "“it” is not an email address."),
        ([{**MONTHLY, "kind": "weather"}], "“kind” cannot be “weather”"),
        ([{**MONTHLY, "label": "gold"}], "“label” is not a key"),
    ],
)
def test_wrong_schedules_are_named_with_their_line(
    place: ConfiguredCustomer, entries: list[dict[str, Any]], problem: str
) -> None:
    (found,) = place.problems(file(place, *entries))
    assert problem in found
    assert rows(place) == {}

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


def rows(configured: ConfiguredCustomer) -> dict[str, ReportSchedule]:
    with organization_scope(configured.organization):
        found = ReportSchedule.objects.filter(tenant=configured.tenant, origin=None)
        return {row.name: row for row in found}


def file(configured: ConfiguredCustomer, *entries: dict[str, Any]) -> bytes:
    return configured.file({"report_schedules": list(entries)})


@pytest.mark.slow(seconds=1)
def test_schedules_of_a_customer_are_added_changed_and_removed(configured: ConfiguredCustomer) -> None:
    auditor = factories.member(Role.AUDITOR, configured.tenant)
    with_auditor = {**MONTHLY, "recipients": [auditor.email, "IT@contoso.example"]}
    assert configured.apply(file(configured, with_auditor, WEEKLY)) == [
        (
            f"Report schedule “Monthly”: executive, monthly 1 06:00 within 240, to it@contoso.example, {auditor.email},"
            " Confidential, language de"
        ),
        (
            "Report schedule “Weekly”: framework, cis-3.0.0, weekly Mon 06:00 within 0, to it@contoso.example,"
            " Confidential, paper letter, without names, paused"
        ),
    ]
    monthly, weekly = rows(configured)["Monthly"], rows(configured)["Weekly"]
    assert (monthly.language, weekly.language) == ("de", "")
    assert monthly.people == [auditor.pk]
    assert monthly.addresses == [{"address": "it@contoso.example", "confirmed_by": str(configured.admin.pk)}]
    assert monthly.made_by_id == configured.admin.pk
    assert (weekly.framework, weekly.paper, weekly.without_names, weekly.enabled) == (
        "cis-3.0.0",
        "letter",
        True,
        False,
    )
    assert configured.apply(file(configured, WEEKLY, with_auditor)) == [], (
        "the order of the entries has no meaning"
    )
    assert configured.apply(configured.file({})) == [], "a missing key changes nothing"

    changed = {**MONTHLY, "when": "after-assessment", "enabled": False}
    assert configured.apply(file(configured, changed)) == [
        "Report schedule “Weekly”: removes the schedule. Its reports remain.",
        (
            "Report schedule “Monthly”: when monthly 1 06:00 within 240 → after-assessment; recipients"
            f" it@contoso.example, {auditor.email} → it@contoso.example"
        ),
        "Report schedule “Monthly”: pauses it",
    ]
    (row,) = rows(configured).values()
    assert (row.pk, row.timetable, row.people, row.enabled) == (monthly.pk, "after-assessment", [], False)
    with organization_scope(configured.organization):
        entries = JournalEntry.objects.filter(tenant=configured.tenant, action__startswith="report_schedule.")
        assert list(entries.order_by("sequence").values_list("action", flat=True)) == [
            "report_schedule.added",
            "report_schedule.added",
            "report_schedule.paused",
            "report_schedule.removed",
            "report_schedule.changed",
            "report_schedule.paused",
        ]
    assert configured.apply(file(configured, {**changed, "enabled": True})) == [
        "Report schedule “Monthly”: resumes it"
    ]
    assert configured.apply(configured.file({"report_schedules": []})) == [
        "Report schedule “Monthly”: removes the schedule. Its reports remain."
    ]
    assert rows(configured) == {}


def test_a_framework_of_a_kind_that_uses_none_changes_nothing(configured: ConfiguredCustomer) -> None:
    content = file(configured, {**MONTHLY, "framework": "cis-3.0.0"})
    assert len(configured.apply(content)) == 1
    assert configured.apply(content) == []


@pytest.mark.slow(seconds=1)
def test_schedules_of_an_organization_are_copied_to_customers_and_exported_once(
    configured: ConfiguredCustomer,
) -> None:
    with organization_scope(configured.organization):
        configured.tenant.labels = ["gold"]
        configured.tenant.save(update_fields=["labels"])
    gold = {**MONTHLY, "label": "gold"}
    assert configured.apply(configured.file({}, report_schedules=[gold])) == [
        (
            "Report schedule “Monthly”: executive, monthly 1 06:00 within 240, to it@contoso.example,"
            " customers with label gold, Confidential, language de"
        )
    ]
    with organization_scope(configured.organization):
        assert (
            ReportSchedule.objects.get(tenant=configured.tenant).origin
            == OrganizationReportSchedule.objects.get()
        )
        assert OrganizationJournalEntry.objects.filter(action="report_schedule.added").count() == 1
    exported = configured.export().encode()
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
    assert configured.apply(exported) == []
    assert configured.apply(configured.file({}, report_schedules=[MONTHLY])) == [
        "Report schedule “Monthly”: label gold → none"
    ]
    assert configured.apply(configured.file({}, report_schedules=[])) == [
        "Report schedule “Monthly”: removes the schedule. Its reports remain."
    ]
    with organization_scope(configured.organization):
        assert not ReportSchedule.objects.filter(tenant=configured.tenant).exists()


@pytest.mark.slow(seconds=1)
def test_a_schedule_of_portfolio_reports_has_people_of_the_whole_organization(
    configured: ConfiguredCustomer,
) -> None:
    board = {**MONTHLY, "name": "Board", "kind": "portfolio", "without_names": True}
    (added,) = configured.apply(configured.file({}, report_schedules=[board]))
    assert added.startswith("Report schedule “Board”: portfolio, monthly 1 06:00 within 240")
    with organization_scope(configured.organization):
        assert OrganizationReportSchedule.objects.get().is_portfolio
        assert not ReportSchedule.objects.exists()
    assert configured.apply(configured.export().encode()) == []
    # Portfolio reports do not use `without_names`, so setting it in the file changes nothing.
    assert configured.apply(configured.file({}, report_schedules=[board])) == []
    (problem,) = configured.problems(
        configured.file({}, report_schedules=[{**board, "when": "after-assessment"}])
    )
    assert "Choose a weekly or monthly schedule" in problem


@pytest.mark.parametrize(
    ("entries", "problem"),
    [
        ([{**MONTHLY, "when": "daily 06:00"}], "daily 06:00"),
        ([MONTHLY, {**WEEKLY, "name": " Monthly "}], "has a report schedule with the same name"),
        ([{**MONTHLY, "recipients": []}], "is an empty list"),
        ([{**MONTHLY, "recipients": ["it"]}], "“it” cannot be a recipient. Enter an email address"),
        ([{**MONTHLY, "kind": "weather"}], "“kind” cannot be “weather”"),
        ([{**MONTHLY, "label": "gold"}], "“label” is not a key"),
    ],
)
def test_wrong_schedules_are_named_with_their_line(
    configured: ConfiguredCustomer, entries: list[dict[str, Any]], problem: str
) -> None:
    (found,) = configured.problems(file(configured, *entries))
    assert problem in found
    assert rows(configured) == {}

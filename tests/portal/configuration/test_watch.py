"""Settings of the watch in configuration files, for an organization and for a customer."""

from __future__ import annotations

import pytest

from assessments.models import Schedule
from assessments.timing.watching import WatchSetting, watch_setting
from portal.configuration.yaml_text import read
from tenants.models import JournalEntry, OrganizationJournalEntry
from tenants.scope import person_scope
from tests.portal.configuration.conftest import ConfiguredCustomer

pytestmark = pytest.mark.django_db


def stored(configured: ConfiguredCustomer) -> WatchSetting:
    with person_scope(configured.admin):
        return watch_setting(configured.tenant)


@pytest.mark.slow(seconds=1)
def test_the_watch_is_planned_applied_and_exported(configured: ConfiguredCustomer) -> None:
    content = configured.file({"watch": "off"}, watch="on")
    assert configured.apply(content) == [
        "Watch between assessments by default: off → on",
        "Watch between assessments: default → off",
    ]
    assert stored(configured) == WatchSetting(own=False, default=True, is_archived=False)
    assert configured.apply(content) == [], "applying a file again changes nothing"
    with person_scope(configured.admin):
        configured.organization.refresh_from_db()
        entry = JournalEntry.objects.get(tenant=configured.tenant, action="watch.changed")
        assert (entry.actor.startswith(configured.admin.email), entry.details) == (
            True,
            {"from": "default", "to": "off"},
        )
        assert OrganizationJournalEntry.objects.filter(action="organization.default_watch_changed").exists()
    exported = configured.export().encode()
    data = read(exported).data
    assert (data["organization"]["watch"], data["customers"][0]["watch"]) == ("on", "off")
    assert configured.apply(exported) == []
    assert configured.apply(configured.file({})) == [], "a missing key changes nothing"
    assert configured.apply(configured.file({"watch": "default"})) == [
        "Watch between assessments: off → default"
    ]
    assert stored(configured).is_on


def test_the_schedule_stays_when_only_the_watch_is_in_the_file(configured: ConfiguredCustomer) -> None:
    configured.apply(configured.file({"schedule": "daily 03:00"}))
    configured.apply(configured.file({"watch": "on"}))
    with person_scope(configured.admin):
        row = Schedule.objects.get(tenant=configured.tenant)
        assert (row.rule, row.watch) == ("daily 03:00 within 120", True)


def test_other_values_of_the_watch_are_named_with_the_possible_ones(configured: ConfiguredCustomer) -> None:
    (problem,) = configured.problems(configured.file({}, watch="default"))
    assert problem.endswith("“watch” cannot be “default”. Use one of: on, off.")
    (problem,) = configured.problems(configured.file({"watch": True}))
    assert problem.endswith("“watch” cannot be “true”. Use one of: default, on, off.")
    assert not stored(configured).is_on

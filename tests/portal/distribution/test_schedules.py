"""Schedules of reports: refused values, confirmed addresses, and copies for an organization's customers."""

from __future__ import annotations

import pytest
from django.db import transaction

from portal.distribution.actions.schedules import (
    add_schedule,
    change_schedule,
    confirm_addresses,
    remove_schedule,
    set_schedule_enabled,
    sync_copies,
)
from portal.distribution.models import OrganizationReportSchedule, ReportSchedule
from portal.distribution.recipients import seen_digest
from tenants.actions import archive_tenant
from tenants.errors import Conflict, InvalidInput, PermissionDenied
from tenants.models import JournalEntry, OrganizationJournalEntry, Tenant
from tenants.roles import Role
from tenants.scope import organization_scope, person_scope
from tests import factories
from tests.portal.distribution.schedules import add, choices
from tests.portal.web.world import World


def entries(tenant: Tenant) -> list[str]:
    with factories.in_tenant(tenant):
        rows = JournalEntry.objects.filter(tenant=tenant, action__startswith="report_schedule.")
        # Omit the first entry, which is about the schedule that the fixture `world` contains.
        return list(rows.order_by("sequence").values_list("action", flat=True))[1:]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "), ("name", "x" * 101), ("timetable", "daily"), ("kind", "no"), ("framework", "no"),
        ("paper", "a5"), ("language", "fr"), ("classification", ""), ("addresses", ["not an address"]),
        ("addresses", [f"a{n}@x.example" for n in range(21)]), ("addresses", []),
    ],
)  # fmt: skip
def test_choices_that_do_not_exist_are_refused(world: World, field: str, value: object) -> None:
    with factories.in_tenant(world.home), pytest.raises(InvalidInput) as refused:
        add_schedule(place=world.home, by=factories.BY, choices=choices(**{field: value}))
    assert list(refused.value.fields) == [field if field != "addresses" or value else "people"]
    assert entries(world.home) == []


def test_only_people_who_may_read_the_reports_are_recipients(world: World) -> None:
    stranger = factories.member(Role.TENANT_ADMINISTRATOR, world.foreign)
    for who in (world.people["owner"], stranger, factories.person()):
        with factories.in_tenant(world.home), pytest.raises(InvalidInput, match="may read the reports"):
            add_schedule(place=world.home, by=factories.BY, choices=choices(people=[who.pk]))
    row = add(world.home, people=[world.people["auditor"].pk, world.people["organization_engineer"].pk])
    assert set(row.people) == {world.people["auditor"].pk, world.people["organization_engineer"].pk}


def test_addresses_wait_until_an_administrator_confirms_them(world: World) -> None:
    engineer, administrator = world.people["organization_engineer"], world.people["tenant_administrator"]
    with person_scope(engineer):
        row = add_schedule(
            place=world.home, by=engineer, choices=choices(addresses=[" IT@contoso.example", ""])
        )
        assert (row.confirmed_addresses, row.unconfirmed_addresses) == ([], ["it@contoso.example"])
        with pytest.raises(PermissionDenied, match="Only an administrator"), transaction.atomic():
            confirm_addresses(schedule=row, by=engineer, seen=seen_digest(row))
    with person_scope(administrator):
        row = confirm_addresses(schedule=row, by=administrator, seen=seen_digest(row))
        assert row.addresses == [{"address": "it@contoso.example", "confirmed_by": str(administrator.pk)}]
    with person_scope(engineer):
        row = change_schedule(
            schedule=row,
            by=engineer,
            choices=choices(addresses=["it@contoso.example", "new@contoso.example"]),
        )
        assert row.confirmed_addresses == ["it@contoso.example"]
        assert row.unconfirmed_addresses == ["new@contoso.example"]
    with person_scope(administrator):
        # A person who administers access confirms an address by entering it.
        other = add_schedule(place=world.home, by=administrator, choices=choices(name="Other"))
        assert other.confirmed_addresses == ["it@contoso.example"]
    assert entries(world.home) == [
        "report_schedule.added",
        "report_schedule.addresses_confirmed",
        "report_schedule.changed",
        "report_schedule.added",
    ]


def test_a_name_is_used_once_and_every_change_is_in_the_journal(world: World) -> None:
    row = add(world.home)
    with factories.in_tenant(world.home):
        with pytest.raises(InvalidInput, match="already a schedule"):
            add_schedule(place=world.home, by=factories.BY, choices=choices())
        change_schedule(schedule=row, by=factories.BY, choices=choices())
        change_schedule(schedule=row, by=factories.BY, choices=choices(timetable="weekly Fri 06:00"))
        entry = JournalEntry.objects.get(tenant=world.home, action="report_schedule.changed")
        assert entry.details == {
            "name": "Monthly report",
            "timetable": {"from": "monthly 1 06:00 within 0", "to": "weekly Fri 06:00 within 240"},
        }
        set_schedule_enabled(schedule=row, by=factories.BY, enabled=False)
        set_schedule_enabled(schedule=row, by=factories.BY, enabled=False)
        set_schedule_enabled(schedule=row, by=factories.BY, enabled=True)
        remove_schedule(schedule=row, by=factories.BY)
        with pytest.raises(Conflict, match="removed"):
            remove_schedule(schedule=row, by=factories.BY)
    assert [action.partition(".")[2] for action in entries(world.home)] == [
        "added", "changed", "paused", "resumed", "removed",
    ]  # fmt: skip


def test_customers_with_the_label_get_the_schedule_of_the_organization(world: World) -> None:
    provider = world.organization
    gold, silver = factories.tenant(provider, "Gold", labels=["Gold"]), factories.tenant(provider, "Silver")
    with organization_scope(provider):
        origin = add_schedule(place=provider, by=factories.BY, choices=choices(label="gold"))
        assert isinstance(origin, OrganizationReportSchedule)
        # The label of world.home is “gold”.
        assert names(origin) == {world.home.name, "Gold"}
        Tenant.objects.filter(pk=silver.pk).update(labels=["GOLD"])
        sync_copies(origin)
        assert names(origin) == {world.home.name, "Gold", "Silver"}
        archive_tenant(tenant=Tenant.objects.get(pk=gold.pk), by=factories.BY, reason="Left")
        sync_copies(origin)
        assert names(origin) == {world.home.name, "Silver"}
        change_schedule(
            schedule=origin, by=factories.BY, choices=choices(label="gold", timetable="weekly Fri 06:00")
        )
        copy = ReportSchedule.objects.get(origin=origin, tenant=silver)
        assert copy.timetable == "weekly Fri 06:00 within 240"
        with pytest.raises(Conflict, match="belongs to the organization"):
            set_schedule_enabled(schedule=copy, by=factories.BY, enabled=False)
        set_schedule_enabled(schedule=origin, by=factories.BY, enabled=False)
        assert not ReportSchedule.objects.filter(origin=origin, enabled=True).exists()
        remove_schedule(schedule=origin, by=factories.BY)
        assert not ReportSchedule.objects.exists()
        actions = OrganizationJournalEntry.objects.filter(action__startswith="report_schedule.")
        assert [row.action.partition(".")[2] for row in actions.order_by("sequence")][1:] == [
            "added", "changed", "paused", "removed",
        ]  # fmt: skip


def names(origin: OrganizationReportSchedule) -> set[str]:
    return {row.tenant.name for row in ReportSchedule.objects.filter(origin=origin).select_related("tenant")}


def test_customers_see_their_own_schedules_only(world: World) -> None:
    add(world.home)
    add(world.foreign)
    with organization_scope(world.organization):
        add_schedule(place=world.organization, by=factories.BY, choices=choices(name="All"))
    with factories.in_tenant(world.home):
        assert {row.tenant_id for row in ReportSchedule._base_manager.all()} == {world.home.pk}
        # Row-level security hides the schedule of the organization, which can name other customers' recipients.
        assert not OrganizationReportSchedule._base_manager.exists()

"""Attacks on confirmed addresses: use a confirmation for other addresses, reports or customers."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from portal.distribution.actions.schedules import (
    Schedule,
    add_schedule,
    change_schedule,
    sync_copies,
)
from portal.distribution.models import OrganizationReportSchedule, ReportSchedule
from tenants.errors import InvalidInput
from tenants.models import Tenant
from tenants.scope import organization_scope, person_scope
from tests import factories
from tests.portal.distribution.organization_schedules import CFO, all_customers, copy_of
from tests.portal.distribution.schedules import add, choices
from tests.portal.web.requests import page
from tests.portal.web.world import World
from tests.signed_in import signed_in_client


def seen_on(shown: str) -> str:
    """Return the field `seen` of the form “Confirm addresses” on a page with one schedule."""
    found = re.search(r'name="seen" value="(\w+)"', shown)
    return found[1] if found else ""


def change(world: World, row: Any, who: str = "organization_engineer", **given: Any) -> Any:
    with person_scope(world.people[who]):
        return change_schedule(schedule=row, by=world.people[who], choices=choices(**given))


def test_an_address_that_was_added_while_the_page_was_open_is_not_confirmed(world: World) -> None:
    engineer = world.people["organization_engineer"]
    with person_scope(engineer):
        row = add_schedule(place=world.home, by=engineer, choices=choices())
    client = signed_in_client(world.people["organization_administrator"])
    seen = seen_on(page(client, "report-schedules", world.home.slug))
    change(world, row, addresses=["it@contoso.example", "me@mail.example"])
    confirm = reverse("report-schedule-confirm", args=[world.home.slug, row.pk])
    for sent in ({"seen": seen}, {}):
        answer = client.post(confirm, sent)
        assert answer.status_code == 409
        assert "have changed since you opened the page" in answer.content.decode()
        with factories.in_tenant(world.home):
            assert ReportSchedule.objects.get(pk=row.pk).confirmed_addresses == []
    shown = answer.content.decode()
    assert "me@mail.example (not confirmed)" in shown
    assert client.post(confirm, {"seen": seen_on(shown)}).status_code == 302
    with factories.in_tenant(world.home):
        confirmed = ReportSchedule.objects.get(pk=row.pk).confirmed_addresses
    assert confirmed == ["it@contoso.example", "me@mail.example"]


LOOK_ALIKE = "it@\u0441ontoso.example"
"""The first letter of the domain is the Cyrillic letter Es (U+0441), which looks like the Latin letter c."""


@pytest.mark.parametrize(
    "address",
    [
        LOOK_ALIKE,
        "it@conto\u202eso.example",
        "=?utf-8?q?it?=@contoso.example",
        f"{'a' * 243}@contoso.example",
    ],
)
@pytest.mark.parametrize("who", ["organization_engineer", "organization_administrator"])
def test_an_address_that_looks_like_another_one_is_no_recipient(world: World, who: str, address: str) -> None:
    by = world.people[who]
    with person_scope(by), pytest.raises(InvalidInput, match="cannot be a recipient") as refused:
        add_schedule(place=world.home, by=by, choices=choices(addresses=["it@contoso.example", address]))
    assert list(refused.value.fields) == ["addresses"]


def test_a_stored_address_stays_when_a_schedule_is_changed(world: World) -> None:
    row = add(world.home)
    with factories.in_tenant(world.home):
        # Earlier versions accepted look-alike addresses, so the database may contain some.
        row.addresses = [{"address": LOOK_ALIKE, "confirmed_by": "operator"}]
        row.save(update_fields=["addresses"])
        for changed in (choices(addresses=[LOOK_ALIKE]), choices(addresses=[LOOK_ALIKE], without_names=True)):
            saved = change_schedule(schedule=row, by=factories.BY, choices=changed)
            assert saved.addresses == [{"address": LOOK_ALIKE, "confirmed_by": "operator"}]


def test_the_organizations_confirmation_is_about_the_customers_that_the_page_named(world: World) -> None:
    engineer = world.people["organization_engineer"]
    with person_scope(engineer):
        chosen = choices(label="gold", without_names=True)
        row = add_schedule(place=world.organization, by=engineer, choices=chosen)
    client = signed_in_client(world.people["organization_administrator"])
    shown = page(client, "organization-report-schedules", world.organization.slug)
    assert '<span class="sub">Alder &amp; Finch Clinics</span>' in shown
    assert "Without names of people" in shown
    other = factories.tenant(world.organization, "Fabrikam", labels=["gold"])
    confirm = reverse("organization-report-schedule-confirm", args=[world.organization.slug, row.pk])
    answer = client.post(confirm, {"seen": seen_on(shown)})
    assert answer.status_code == 409
    assert '<span class="sub">Fabrikam</span>' in answer.content.decode()
    assert client.post(confirm, {"seen": seen_on(answer.content.decode())}).status_code == 302
    assert isinstance(row, OrganizationReportSchedule)
    for tenant in (world.home, other):
        assert copy_of(row, tenant).confirmed_addresses == ["it@contoso.example"]


@pytest.mark.parametrize(
    "other", [{"kind": "executive"}, {"framework": "mcsb-1"}, {"without_names": False}, {"label": ""}]
)
@pytest.mark.parametrize("who", ["organization_engineer", "organization_administrator"])
def test_addresses_wait_again_if_other_reports_would_be_sent_to_them(
    world: World, who: str, other: dict[str, Any]
) -> None:
    fabrikam = factories.tenant(world.organization, "Fabrikam", labels=["fabrikam"])
    before = {"label": "fabrikam", "addresses": [CFO], "kind": "full", "without_names": True}
    origin = all_customers(world, **before)
    assert copy_of(origin, fabrikam).confirmed_addresses == [CFO]
    origin = change(world, origin, who, **before, timetable="weekly Fri 06:00")
    assert copy_of(origin, fabrikam).confirmed_addresses == [CFO]
    origin = change(world, origin, who, **{**before, **other}, timetable="weekly Fri 06:00")
    assert (origin.confirmed_addresses, origin.unconfirmed_addresses) == ([], [CFO])
    with organization_scope(world.organization):
        copies = ReportSchedule.objects.filter(origin=origin)
        assert [address for row in copies for address in row.confirmed_addresses] == []


def test_a_customers_own_addresses_wait_again_too(world: World) -> None:
    administrator = world.people["tenant_administrator"]
    with person_scope(administrator):
        row = add_schedule(place=world.home, by=administrator, choices=choices())
    assert row.confirmed_addresses == ["it@contoso.example"]
    assert change(world, row, kind="full").confirmed_addresses == []


def test_a_command_confirms_only_again_what_was_confirmed(world: World) -> None:
    engineer = world.people["organization_engineer"]
    with person_scope(engineer):
        add_schedule(place=world.home, by=engineer, choices=choices(addresses=["me@mail.example"]))
    with factories.in_tenant(world.home):
        row: Schedule = ReportSchedule.objects.get()
        row = change_schedule(
            schedule=row, by=factories.BY, choices=choices(addresses=[CFO, "me@mail.example"])
        )
        assert (row.confirmed_addresses, row.unconfirmed_addresses) == ([CFO], ["me@mail.example"])
        row = change_schedule(
            schedule=row, by=factories.BY, choices=choices(kind="full", addresses=[CFO, "me@mail.example"])
        )
    assert (row.confirmed_addresses, row.unconfirmed_addresses) == ([CFO], ["me@mail.example"])


def test_a_confirmed_address_gets_no_reports_of_customers_who_came_later(world: World) -> None:
    origin = all_customers(world, label="gold", addresses=[CFO])
    other = factories.tenant(world.organization, "Fabrikam")
    with organization_scope(world.organization):
        Tenant.objects.filter(pk=other.pk).update(labels=["gold"])
        sync_copies(OrganizationReportSchedule.objects.get(pk=origin.pk))
    assert copy_of(origin, world.home).confirmed_addresses == [CFO]
    assert copy_of(origin, other).addresses == []
    client = signed_in_client(world.people["organization_administrator"])
    shown = page(client, "organization-report-schedules", world.organization.slug)
    assert f"{CFO} (not confirmed)" in shown
    confirm = reverse("organization-report-schedule-confirm", args=[world.organization.slug, origin.pk])
    assert client.post(confirm, {"seen": seen_on(shown)}).status_code == 302
    assert copy_of(origin, other).confirmed_addresses == [CFO]


def test_people_are_limited_also_if_they_are_added_one_after_the_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.distribution.recipients.MAX_PEOPLE", 1)
    monkeypatch.setattr("portal.distribution.actions.schedules.MAX_PEOPLE", 1)
    ours, engineer = world.people["auditor"].pk, world.people["organization_engineer"].pk
    row = add(world.home, people=[ours])
    with factories.in_tenant(world.home), pytest.raises(InvalidInput, match="at most 1 people"):
        change_schedule(schedule=row, by=factories.BY, choices=choices(people=[ours, engineer]))


def store(row: Any, **values: Any) -> None:
    """Update the row directly, as the application's database role can. A trigger of the database must refuse it."""
    rows = type(row)._base_manager.filter(pk=row.pk)
    with pytest.raises(IntegrityError, match="distribution_confirmation_guard"), transaction.atomic():
        rows.update(**values)


def test_sql_of_an_engineer_confirms_no_addresses(world: World) -> None:
    engineer, administrator = (
        world.people["organization_engineer"],
        world.people["organization_administrator"],
    )
    other = factories.tenant(world.organization, "Fabrikam")
    origin = all_customers(world, addresses=[CFO], label="gold")
    with person_scope(engineer):
        own = add_schedule(place=world.home, by=engineer, choices=choices())
        copy = ReportSchedule.objects.get(origin=origin, tenant=world.home)
        customers = [str(world.home.pk), str(other.pk)]
        for name in (str(engineer.pk), str(administrator.pk), "operator", "x"):
            entry = {"address": "me@mail.example", "confirmed_by": name}
            store(own, addresses=[entry])
            store(copy, addresses=[entry])
            store(origin, addresses=[{**entry, "customers": customers}])
        # The confirmed address cannot be used for more customers, or for another kind of report.
        (given,) = OrganizationReportSchedule.objects.get(pk=origin.pk).addresses
        store(origin, addresses=[{**given, "customers": customers}])
        store(origin, kind="full")
        store(origin, label="")
        with pytest.raises(IntegrityError, match="guard"), transaction.atomic():
            ReportSchedule.objects.create(
                tenant=other,
                organization=world.organization,
                origin=origin,
                name="Copy",
                timetable=origin.timetable,
                kind="full",
                addresses=[{"address": CFO, "confirmed_by": str(administrator.pk)}],
            )
    with person_scope(administrator), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE distribution_reportschedule SET addresses = jsonb_build_array(jsonb_build_object("
            "'address', 'it@contoso.example', 'confirmed_by', %s::text)) WHERE id = %s",
            [str(administrator.pk), str(own.pk)],
        )
        assert cursor.rowcount == 1


def test_a_framework_that_the_report_does_not_use_ends_no_confirmation(world: World) -> None:
    administrator = world.people["tenant_administrator"]
    with person_scope(administrator):
        row = add_schedule(place=world.home, by=administrator, choices=choices())
    row = change(world, row, name="Other name", framework="mcsb-1")
    assert (row.name, row.confirmed_addresses) == ("Other name", ["it@contoso.example"])

"""Two actions that change the same customer at the same moment wait for one another without a deadlock.

Each test pauses a real transaction after its first lock, until another transaction waits for that lock.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from assessments.actions import schedules
from assessments.actions import start as starting
from assessments.actions.schedules import set_default_schedule
from assessments.models import Assessment, Schedule
from portal.accounts.actions.disable import set_account_active
from portal.imports.actions import start_import, upload
from portal.imports.run import run_import
from tenants import journal
from tenants.actions import change_tenant
from tenants.actions.organizations import rename_organization
from tenants.models import Directory, Person, Tenant
from tenants.roles import Role
from tenants.scope import organization_scope, person_scope, tenant_scope
from tests import factories
from tests.assessments.actions.schedule_steps import (
    journaled,
    refuse_sign_in,
    run_tick,
    set_daily_schedule,
    stored_schedule,
)
from tests.assessments.sandboxed_customer import Customer
from tests.concurrency import run_in_the_middle
from tests.factories import BY

HOUR = timedelta(hours=1)


def pausing(monkeypatch: pytest.MonkeyPatch, module: Any, pause: Callable[[], None]) -> None:
    """Let the module call `pause` once, before it writes its first journal entry."""

    def record(**values: Any) -> Any:
        monkeypatch.setattr(module, "journal", journal)
        pause()
        return journal.record(**values)

    monkeypatch.setattr(module, "journal", SimpleNamespace(record=record))


def test_scheduled_start_after_missed_ones_waits_for_a_manual_start(
    customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_daily_schedule(customer, due=HOUR)

    def start_by_hand(pause: Callable[[], None]) -> Assessment:
        pausing(monkeypatch, starting, pause)
        return customer.start()

    by_hand, by_schedule = run_in_the_middle(start_by_hand, lambda: run_tick(customer))
    assert (by_hand.trigger, by_schedule) == ("manual", None)
    assert stored_schedule(customer).last_outcome == "running"
    assert [name for name, _ in journaled(customer)] == ["schedule.changed", "schedule.missed"]


def test_resumption_of_a_schedule_waits_for_a_change_of_the_schedule(
    customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_daily_schedule(customer, due=timedelta(minutes=1))
    refuse_sign_in(customer)
    assert run_tick(customer) is None
    assert stored_schedule(customer).last_outcome == "paused"

    def turn_off(pause: Callable[[], None]) -> None:
        pausing(monkeypatch, schedules, pause)
        set_daily_schedule(customer, "off")

    assert run_in_the_middle(turn_off, lambda: schedules.resume(tenant_id=customer.tenant.pk)) == (None, None)
    assert stored_schedule(customer).enabled is False


def test_import_of_a_customer_waits_for_a_change_of_its_schedule(
    customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_daily_schedule(customer)
    organization = customer.tenant.organization
    by = factories.member(Role.ORGANIZATION_ADMINISTRATOR, organization)
    with tenant_scope(customer.tenant.pk):
        directory = Directory.objects.get().directory_id
    text = f"name,directory_id,labels,schedule\n{customer.tenant.name},{directory},gold,Mon 03:00\n"
    with person_scope(by):
        found = upload(organization=organization, by=by, file_name="customers.csv", content=text.encode())
        start_import(customer_import=found, by=by)

    def change(pause: Callable[[], None]) -> None:
        pausing(monkeypatch, schedules, pause)
        set_daily_schedule(customer, "Tue 04:00")

    run_in_the_middle(change, lambda: run_import(organization_id=organization.pk, import_id=found.pk))
    with organization_scope(organization):
        assert list(found.lines.values_list("state", flat=True)) == ["changed"]
    with tenant_scope(customer.tenant.pk):
        assert Schedule.objects.get().rule == "Mon 03:00 within 120"
        assert Tenant.objects.get(pk=customer.tenant.pk).labels == ["gold"]


def change_customer(tenant: Tenant, _person: Person) -> None:
    with tenant_scope(tenant.pk):
        change_tenant(by=BY, tenant=tenant, name="Another name")


def change_name(tenant: Tenant, _person: Person) -> None:
    with organization_scope(tenant.organization):
        rename_organization(by=BY, organization=tenant.organization, name="Another name")


def change_default(tenant: Tenant, _person: Person) -> None:
    with organization_scope(tenant.organization):
        set_default_schedule(organization=tenant.organization, by=BY, wanted="daily 02:00")


def disable(tenant: Tenant, person: Person) -> None:
    administrator = factories.member(Role.ORGANIZATION_ADMINISTRATOR, tenant.organization)
    with person_scope(administrator):
        set_account_active(by=administrator, organization=tenant.organization, person=person, active=False)


@pytest.mark.parametrize("change", [change_customer, change_name, change_default, disable])
def test_change_of_a_row_waits_for_an_action_that_refers_to_the_row(
    customer: Customer, change: Callable[[Tenant, Person], None]
) -> None:
    """A transaction that writes a journal entry locks the journal at once. It locks the row of the entry's tenant or
    organization only at its commit, when PostgreSQL checks deferred foreign keys.

    A change that has locked the row, and waits for the journal, must permit this second lock. Otherwise, the two
    transactions would deadlock.
    """
    tenant = customer.tenant
    person = factories.member(Role.ORGANIZATION_ENGINEER, tenant.organization)

    def other_action(pause: Callable[[], None]) -> None:
        with organization_scope(tenant.organization):
            for owner in ({"tenant": tenant}, {"organization": tenant.organization}):
                journal.record(actor=BY, action="tenant.changed", target=tenant, **owner)
            Assessment.objects.create(
                tenant=tenant, number=77, requested_by=person, state="finished", ended_at=timezone.now()
            )
            pause()

    run_in_the_middle(other_action, lambda: change(tenant, person))

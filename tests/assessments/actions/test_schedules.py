"""Scheduled assessments start once, follow changes of the schedule, catch up once after an outage, and pause
when credentials are refused.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from assessments.actions import schedules
from assessments.actions.schedules import resume, set_default_schedule
from assessments.models import Assessment, Schedule
from assessments.timing.schedules import planned
from tenants.actions import change_tenant
from tenants.azure import credentials
from tenants.azure.credentials import Credential, CredentialResult
from tenants.errors import InvalidInput
from tenants.models import (
    Directory,
    Organization,
    OrganizationJournalEntry,
    ServicePrincipal,
)
from tenants.scope import organization_scope, tenant_scope
from tests import factories
from tests.assessments.actions.schedule_steps import (
    journaled,
    record_check,
    refuse_sign_in,
    run_tick,
    set_daily_schedule,
    stored_schedule,
)
from tests.assessments.actions.unit_leases import PREPARE
from tests.assessments.sandboxed_customer import Customer, sent, work
from tests.concurrency import run_concurrently
from tests.factories import BY

RESUME = "assessments.tasks.resume_schedule"
REFRESH = "portal.treatment.tasks.refresh"


@pytest.mark.slow(seconds=1)
def test_due_schedule_starts_one_assessment(customer: Customer) -> None:
    set_daily_schedule(customer)
    assert run_tick(customer) is None  # The next start is in the future.
    set_daily_schedule(customer, due=timedelta(minutes=1))
    due_at = stored_schedule(customer).next_at
    started = run_tick(customer)
    assert (started.trigger, started.number) == ("schedule", 1)
    after = stored_schedule(customer)
    assert after.last_due_at == due_at
    assert (after.last_outcome, after.missed_count) == ("started", 0)
    assert timezone.now() < after.next_at <= timezone.now() + timedelta(days=1, hours=2)
    assert run_tick(customer) is None
    # While an assessment is running, a scheduled assessment is skipped, so that assessments do not pile up.
    set_daily_schedule(customer, due=timedelta(minutes=1))
    assert run_tick(customer) is None
    assert stored_schedule(customer).last_outcome == "running"
    assert stored_schedule(customer).next_at > timezone.now()
    work()
    assert customer.read(started).state == "finished"


def test_changes_move_the_next_start_and_start_nothing(customer: Customer) -> None:
    set_daily_schedule(customer, due=timedelta(minutes=1))
    set_daily_schedule(customer, "Mon 05:00")
    assert stored_schedule(customer).next_at > timezone.now()
    assert run_tick(customer) is None
    before = stored_schedule(customer)
    with tenant_scope(customer.tenant.pk):
        change_tenant(by=BY, tenant=customer.tenant, timezone="Asia/Kathmandu")
        # Let the start that was computed for the old zone be due. The next tick starts nothing, and moves the start to
        # the local time in the new zone.
        Schedule.objects.update(next_at=timezone.now() - timedelta(minutes=1))
    assert run_tick(customer) is None
    after = stored_schedule(customer)
    assert after.computed_for == "Mon 05:00 within 120 Asia/Kathmandu"
    assert after.next_at not in (before.next_at, None)
    set_daily_schedule(customer, "off")
    assert stored_schedule(customer).next_at is None
    assert run_tick(customer) is None
    assert [details for _, details in journaled(customer)] == [
        {"from": "default", "to": "daily 02:00 within 120"},
        {"from": "daily 02:00 within 120", "to": "Mon 05:00 within 120"},
        {"from": "Mon 05:00 within 120", "to": "off"},
    ]


@time_machine.travel(datetime(2026, 11, 25, 12, 0, tzinfo=UTC), tick=True)
def test_customers_follow_the_default_of_their_organization(customer: Customer) -> None:
    assert run_tick(customer) is None
    with tenant_scope(customer.tenant.pk):
        assert not Schedule.objects.exists()
    organization = customer.tenant.organization

    def set_default(wanted: str) -> None:
        with organization_scope(organization):
            set_default_schedule(organization=organization, by=BY, wanted=wanted)

    set_default("Mon-Fri 02:00")
    assert run_tick(customer) is None  # This tick creates the row of the schedule.
    assert run_tick(customer) is None
    first = stored_schedule(customer)
    assert (first.rule, first.computed_for) == ("", "Mon-Fri 02:00 within 120 UTC")
    set_default("Mon-Fri 03:00 within 120")
    assert run_tick(customer) is None
    assert stored_schedule(customer).next_at == first.next_at + timedelta(hours=1)
    # A customer's own schedule stays when the default changes. “default” makes the customer follow the default again.
    set_daily_schedule(customer, "Sat 12:00")
    set_default("off")
    assert run_tick(customer) is None
    assert stored_schedule(customer).computed_for == "Sat 12:00 within 120 UTC"
    set_daily_schedule(customer, "default")
    assert stored_schedule(customer).next_at is None
    with organization_scope(organization):
        assert Organization.objects.get(pk=organization.pk).default_schedule == ""
        entries = OrganizationJournalEntry.objects.filter(action="organization.default_schedule_changed")
        assert [entry.details["to"] for entry in entries.order_by("sequence")] == [
            "Mon-Fri 02:00 within 120",
            "Mon-Fri 03:00 within 120",
            "off",
        ]


@pytest.mark.parametrize("wanted", ["", "sometimes", "daily 25:00", "off off", "daily 02:00 within 9999"])
def test_wrong_schedule_changes_nothing(customer: Customer, wanted: str) -> None:
    set_daily_schedule(customer)
    with pytest.raises(InvalidInput, match="You can also enter “off” or “default”"):
        set_daily_schedule(customer, wanted)
    assert stored_schedule(customer).rule == "daily 02:00 within 120"
    with organization_scope(customer.tenant.organization), pytest.raises(InvalidInput):
        set_default_schedule(organization=customer.tenant.organization, by=BY, wanted="default")


def test_missed_starts_are_counted_and_made_up_for_once(customer: Customer) -> None:
    set_daily_schedule(customer, "daily 02:00,14:00 within 0", due=timedelta(days=3))
    started = run_tick(customer)
    after = stored_schedule(customer)
    assert (started.trigger, after.last_outcome) == ("schedule", "caught_up")
    assert 6 <= after.missed_count <= 7
    assert after.missed_from == after.last_due_at
    assert after.missed_from < after.missed_until < after.missed_at
    assert [task for task, _ in sent()] == [PREPARE, REFRESH]
    assert run_tick(customer) is None
    (action, details) = journaled(customer)[-1]
    assert (action, details["count"]) == ("schedule.missed", after.missed_count)


def test_start_that_is_a_few_minutes_late_was_not_missed(customer: Customer) -> None:
    set_daily_schedule(customer, due=schedules.LATE_AFTER - timedelta(seconds=20))
    assert run_tick(customer) is not None
    assert (stored_schedule(customer).last_outcome, stored_schedule(customer).missed_count) == ("started", 0)


def test_very_long_outage_is_counted_up_to_a_limit(
    customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedules, "MAX_MISSED", 5)
    set_daily_schedule(customer, "daily 02:00", due=timedelta(days=30))
    assert run_tick(customer) is not None
    assert stored_schedule(customer).missed_count == 5


def test_without_a_principal_nothing_starts(customer: Customer) -> None:
    lonely = Customer(customer.azure)
    set_daily_schedule(lonely, due=timedelta(minutes=1))
    assert run_tick(lonely) is None
    assert stored_schedule(lonely).last_outcome == "no_principal"
    with tenant_scope(lonely.tenant.pk):
        assert not Assessment.objects.exists()


def test_refused_credential_pauses_the_schedule_until_it_signs_in(customer: Customer) -> None:
    refuse_sign_in(customer)
    set_daily_schedule(customer, due=timedelta(minutes=1))
    assert run_tick(customer) is None
    paused = stored_schedule(customer)
    assert (paused.last_outcome, paused.paused_since is not None) == ("paused", True)
    assert paused.next_at > timezone.now()
    assert [task for task, _ in sent()] == [RESUME, REFRESH]
    with tenant_scope(customer.tenant.pk):
        assert planned(customer.tenant, timezone.now()).is_paused

    answers = [
        CredentialResult(error_code="AADSTS7000222", error="The secret has expired."),
        CredentialResult(),
    ]

    def check(credential: Credential) -> CredentialResult:
        return answers.pop(0)

    remove = credentials.register(check)
    try:
        assert resume(tenant_id=customer.tenant.pk) is None
        assert stored_schedule(customer).paused_since == paused.paused_since
        started = resume(tenant_id=customer.tenant.pk)
        assert started.trigger == "schedule"
        assert (stored_schedule(customer).paused_since, stored_schedule(customer).last_outcome) == (
            None,
            "started",
        )
        assert resume(tenant_id=customer.tenant.pk) is None  # The message arrives a second time.
    finally:
        remove()
    assert answers == []
    with tenant_scope(customer.tenant.pk):
        assert not planned(customer.tenant, timezone.now()).is_paused


def test_one_accepted_principal_or_a_broken_network_does_not_pause(customer: Customer) -> None:
    refuse_sign_in(customer, "connection")
    set_daily_schedule(customer, due=timedelta(minutes=1))
    assert run_tick(customer) is not None


def test_disabled_principals_neither_pause_a_schedule_nor_keep_it_running(customer: Customer) -> None:
    """Assessments do not use a disabled principal, so its last sign-in says nothing about the next assessment."""
    with tenant_scope(customer.tenant.pk):
        ServicePrincipal.objects.update(disabled_at=timezone.now())
        directory = Directory.objects.get()
        second = factories.service_principal(directory)
    refuse_sign_in(customer)
    with tenant_scope(customer.tenant.pk):
        # The disabled principal signs in, but assessments do not use it, so the schedule stays paused.
        record_check(ServicePrincipal.objects.get(disabled_at__isnull=False))
    set_daily_schedule(customer, due=timedelta(minutes=1))
    assert run_tick(customer) is None
    assert stored_schedule(customer).last_outcome == "paused"
    with tenant_scope(customer.tenant.pk):
        assert planned(customer.tenant, timezone.now()).refused == (second,)
        # Now the enabled principal signs in, and only the disabled principal is refused.
        record_check(ServicePrincipal.objects.get(disabled_at__isnull=False), "AADSTS7000222")
        record_check(ServicePrincipal.objects.get(disabled_at=None))
        assert not planned(customer.tenant, timezone.now()).is_paused
    set_daily_schedule(customer, due=timedelta(minutes=1))
    assert run_tick(customer) is not None


def test_concurrent_ticks_start_one_assessment(customer: Customer) -> None:
    set_daily_schedule(customer, due=timedelta(minutes=1))
    results = run_concurrently(*[lambda: run_tick(customer)] * 4)
    assert sum(isinstance(result, Assessment) for result in results) == 1, results
    assert sum(result is None for result in results) == 3, results
    assert [task for task, _ in sent()] == [PREPARE]


def test_concurrent_first_ticks_create_one_row(customer: Customer) -> None:
    organization = customer.tenant.organization
    with organization_scope(organization):
        set_default_schedule(organization=organization, by=BY, wanted="daily 02:00")
    assert run_concurrently(*[lambda: run_tick(customer)] * 4) == [None] * 4
    assert isinstance(stored_schedule(customer).next_at, datetime)

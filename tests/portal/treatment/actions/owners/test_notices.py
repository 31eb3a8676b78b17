"""Notices to owners about overdue and reopened findings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from assessments.models import Finding
from portal.notify.models import Notice
from portal.treatment.actions.owners.assign import assign
from portal.treatment.actions.owners.notices import notify_overdue, notify_reopened
from portal.treatment.models import Treatment
from tests import factories
from tests.portal.treatment.actions.owners.ended_assessments import assess_change
from tests.portal.treatment.findings import DAY
from tests.portal.treatment.owner_cases import CustomerWithOwners, customer_with_owners

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture
def customer(db: None) -> CustomerWithOwners:
    return customer_with_owners()


def late(customer: CustomerWithOwners, number: int, days: int = 40) -> Finding:
    """An overdue finding of high severity (due after 30 days) with an owner."""
    row = customer.failing(number=number, failing_since=NOW - days * DAY)
    assign(
        tenant=customer.tenant,
        findings=Finding.objects.filter(pk=row.pk),
        owner=customer.owner,
        by=customer.engineer,
    )
    Notice.objects.filter(kind="assigned").delete()
    return row


def test_overdue_findings_are_announced_once_in_one_notice(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        for number in range(3):
            late(customer, number)
        late(customer, 4, days=10)
        assert notify_overdue(tenant=customer.tenant, now=NOW) == 1
        notice = Notice.objects.get()
        assert (notice.person, notice.title) == (customer.owner, "3 findings you own are overdue")
        assert "Due since 2026-11-15" in notice.body
        for later in (NOW, NOW + 3 * DAY):
            assert notify_overdue(tenant=customer.tenant, now=later) == 0


def test_further_overdue_findings_wait_for_the_next_day(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        late(customer, 1)
        notify_overdue(tenant=customer.tenant, now=NOW)
        row = late(customer, 2)
        assert notify_overdue(tenant=customer.tenant, now=NOW + timedelta(hours=11)) == 0
        assert notify_overdue(tenant=customer.tenant, now=NOW + timedelta(hours=12)) == 1
        notice = Notice.objects.latest("created_at")
        assert notice.finding == row
        assert "\nHow to fix it: " in notice.body


def test_a_new_failure_is_announced_again(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        row = late(customer, 1)
        notify_overdue(tenant=customer.tenant, now=NOW)
        Finding.objects.filter(pk=row.pk).update(failing_since=NOW - 35 * DAY)
        assert notify_overdue(tenant=customer.tenant, now=NOW + DAY) == 1


def test_covered_and_unassigned_findings_are_not_announced(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        row = late(customer, 1)
        customer.failing(number=2, failing_since=NOW - 90 * DAY)
        Treatment.objects.filter(finding=row).update(
            excepted_sha256=row.observed_sha256, excepted_from=NOW - DAY, excepted_until=NOW + DAY
        )
        assert notify_overdue(tenant=customer.tenant, now=NOW) == 0
        assert notify_overdue(tenant=customer.tenant, now=NOW + 2 * DAY) == 1


@pytest.mark.parametrize(
    ("before", "told"), [("pass", 1), ("gone", 1), ("not_applicable", 1), ("fail", 0), ("", 0)]
)
def test_owners_are_notified_of_reopened_findings(
    customer: CustomerWithOwners, before: str, told: int
) -> None:
    with factories.in_tenant(customer.tenant):
        row = late(customer, 1)
        now = timezone.now()
        assessment = assess_change(customer, row, before, now)
        Finding.objects.filter(pk=row.pk).update(failing_since=now)
        assert notify_reopened(tenant=customer.tenant, assessment=assessment) == told
        assert notify_reopened(tenant=customer.tenant, assessment=assessment) == 0


def test_findings_unknown_for_a_while_are_not_reopened(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        row = late(customer, 1)
        assessment = assess_change(customer, row, "unknown", timezone.now())
        assert notify_reopened(tenant=customer.tenant, assessment=assessment) == 0

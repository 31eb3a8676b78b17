"""A refresh after an assessment notifies the right people, even after interruptions and concurrent events."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from assessments.models import Assessment, Finding, FindingChange
from portal.notify.models import Notice
from portal.treatment.actions.exceptions import approve, request_exception
from portal.treatment.actions.owners.assign import assign
from portal.treatment.actions.owners.notices import notify_overdue
from portal.treatment.actions.owners.rules import apply_rules, change_rule, create_rule
from portal.treatment.actions.refresh import refresh_treatments
from portal.treatment.models import FindingException, Snapshot, Treatment
from portal.treatment.selectors.refresh_triggers import missed_assessments
from tenants import journal
from tenants.actors import System
from tenants.roles import Role
from tests import factories
from tests.portal.treatment.owner_cases import CustomerWithOwners, customer_with_owners

RULES = System("treatment")


@pytest.fixture
def customer(db: None) -> CustomerWithOwners:
    return customer_with_owners()


def ended(customer: CustomerWithOwners, number: int, *again: Finding) -> Assessment:
    """An ended assessment in which these findings began to fail again."""
    now = timezone.now()
    with factories.in_tenant(customer.tenant):
        assessment = Assessment.objects.create(
            tenant=customer.tenant, number=number, catalogue_hash="0" * 64, product_version="1",
            state=Assessment.State.FINISHED, ended_at=now,
        )  # fmt: skip
        for row in again:
            Finding.objects.filter(pk=row.pk).update(failing_since=now)
            FindingChange.objects.create(
                tenant=customer.tenant, finding=row, assessment=assessment, at=now, before_outcome="pass",
                after_outcome="fail", reason="r",
            )  # fmt: skip
        return assessment


def owned(customer: CustomerWithOwners, number: int) -> Finding:
    with factories.in_tenant(customer.tenant):
        row = customer.failing(number=number, failing_since=timezone.now() - timedelta(days=3))
        assign(
            tenant=customer.tenant,
            findings=Finding.objects.filter(pk=row.pk),
            owner=customer.owner,
            by=customer.engineer,
        )
        Notice.objects.all().delete()
        return row


def told(customer: CustomerWithOwners) -> list[tuple[str, Any]]:
    with factories.in_tenant(customer.tenant):
        return sorted(Notice.objects.values_list("kind", "person__email"))


@pytest.mark.slow(seconds=1)
def test_an_owner_assigned_just_now_gets_no_notice_of_reopening(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        free = customer.failing(number=1)
        create_rule(tenant=customer.tenant, by=customer.engineer, name="All", owner=customer.owner)
    assessment = ended(customer, 1, free)
    for _ in range(2):
        refresh_treatments(tenant_id=customer.tenant.pk, assessment_id=assessment.pk)
        assert told(customer) == [("assigned", customer.owner.email)]


@pytest.mark.slow(seconds=1)
def test_an_owner_from_before_is_notified_of_reopening(customer: CustomerWithOwners) -> None:
    assessment = ended(customer, 1, owned(customer, 1))
    for _ in range(2):
        refresh_treatments(tenant_id=customer.tenant.pk, assessment_id=assessment.pk)
        assert told(customer) == [("reopened", customer.owner.email)]


@pytest.mark.slow(seconds=1)
def test_another_rule_with_the_same_owner_is_not_a_new_assignment(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        row = customer.failing(number=1, failing_since=timezone.now() - timedelta(days=3))
        first = create_rule(tenant=customer.tenant, by=customer.engineer, name="First", owner=customer.owner)
        create_rule(tenant=customer.tenant, by=customer.engineer, name="Second", owner=customer.owner)
        apply_rules(tenant=customer.tenant, by=RULES)
        since = Treatment.objects.get(finding=row).owned_at
        change_rule(rule=first, by=customer.engineer, enabled=False)
        Notice.objects.all().delete()
    assessment = ended(customer, 1, row)
    refresh_treatments(tenant_id=customer.tenant.pk, assessment_id=assessment.pk)
    assert told(customer) == [("reopened", customer.owner.email)]
    with factories.in_tenant(customer.tenant):
        held = Treatment.objects.select_related("owner_rule").get(finding=row)
        assert held.owner_rule is not None
        assert (held.owner_rule.name, held.owned_at) == ("Second", since)


@pytest.mark.slow(seconds=1)
def test_the_next_refresh_publishes_missed_assessments(customer: CustomerWithOwners) -> None:
    """A refresh also publishes the notices of assessments whose own refresh has not run. Its snapshot includes these
    assessments, so no later task would publish their notices.
    """
    row = owned(customer, 1)
    refresh_treatments(tenant_id=customer.tenant.pk, assessment_id=ended(customer, 1).pk)
    ended(customer, 2, row)
    refresh_treatments(tenant_id=customer.tenant.pk)  # A decision enqueues a refresh without an assessment.
    assert told(customer) == [("reopened", customer.owner.email)]
    with factories.in_tenant(customer.tenant):
        assert Snapshot.objects.get().through == 2


@pytest.mark.slow(seconds=1)
def test_an_assessment_ending_during_a_refresh_is_left_to_the_next(
    customer: CustomerWithOwners, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portal.treatment.actions import refresh as module

    row = owned(customer, 1)
    refresh_treatments(tenant_id=customer.tenant.pk, assessment_id=ended(customer, 1).pk)

    def meanwhile(**given: Any) -> int:
        ended(customer, 2, row)
        return notify_overdue(**given)

    monkeypatch.setattr(module, "notify_overdue", meanwhile)
    refresh_treatments(tenant_id=customer.tenant.pk)
    monkeypatch.undo()
    with factories.in_tenant(customer.tenant):
        assert Snapshot.objects.get().through == 1
    assert told(customer) == []
    refresh_treatments(tenant_id=customer.tenant.pk)
    assert told(customer) == [("reopened", customer.owner.email)]


@pytest.mark.slow(seconds=3)
@pytest.mark.parametrize("step", ["apply_transitions", "notify_reopened", "notify_overdue", "take_snapshot"])
def test_an_interrupted_refresh_is_repeated_and_notifies_once(
    customer: CustomerWithOwners, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """The tick finds the assessment until a snapshot includes it, no matter where the first task stopped."""
    from portal.treatment.actions import refresh as module

    class Died(Exception):
        pass

    def die(**_: Any) -> None:
        raise Died

    row = owned(customer, 1)
    refresh_treatments(tenant_id=customer.tenant.pk, assessment_id=ended(customer, 1).pk)
    with factories.in_tenant(customer.tenant):
        free = customer.failing(number=2)
        create_rule(tenant=customer.tenant, by=customer.engineer, name="All", owner=customer.other)
    assessment = ended(customer, 2, row, free)
    later = timezone.now() + timedelta(minutes=10)
    monkeypatch.setattr(module, step, die)
    with pytest.raises(Died):
        refresh_treatments(tenant_id=customer.tenant.pk, assessment_id=assessment.pk)
    monkeypatch.undo()
    with factories.in_tenant(customer.tenant):
        assert missed_assessments(customer.tenant, later) == [assessment.pk]
    for _ in range(2):
        refresh_treatments(tenant_id=customer.tenant.pk, assessment_id=assessment.pk)
    assert told(customer) == [("assigned", customer.other.email), ("reopened", customer.owner.email)]
    with factories.in_tenant(customer.tenant):
        assert missed_assessments(customer.tenant, later) == []
        assert [entry.action for entry in journal.entries(customer.tenant)].count("owner_rules.applied") == 1


@pytest.mark.slow(seconds=1)
def test_covered_findings_that_fail_again_are_not_announced(customer: CustomerWithOwners) -> None:
    row, other = owned(customer, 1), owned(customer, 2)
    approver = factories.member(Role.APPROVER, customer.tenant)
    with factories.in_tenant(customer.tenant):
        exception = request_exception(
            tenant=customer.tenant,
            by=customer.engineer,
            scope=FindingException.Scope.FINDING,
            findings=Finding.objects.filter(pk=row.pk),
            reason="It is needed like this.",
            ends_at=timezone.now() + timedelta(days=30),
        )
        approve(exception=exception, by=approver)
        Notice.objects.all().delete()
    refresh_treatments(tenant_id=customer.tenant.pk, assessment_id=ended(customer, 1, row, other).pk)
    with factories.in_tenant(customer.tenant):
        notice = Notice.objects.get(kind="reopened")
        assert (notice.finding, notice.person) == (other, customer.owner)

"""Undo restores the previous values of findings that have not changed since the bulk action."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from assessments.models import Finding
from portal.notify.models import Notice
from portal.treatment.actions.acknowledge import acknowledge, withdraw_acknowledgement
from portal.treatment.actions.owners.assign import assign
from portal.treatment.actions.owners.rules import apply_rules, create_rule, delete_rule
from portal.treatment.errors import WrongState
from portal.treatment.models import Batch, Treatment, TreatmentEvent
from tenants.actors import System
from tenants.errors import PermissionDenied
from tenants.models import JournalEntry, Membership, Person
from tests import factories
from tests.portal.treatment.owner_cases import CustomerWithOwners, customer_with_owners
from tests.portal.treatment.undo import undo


@pytest.fixture
def customer(db: None) -> CustomerWithOwners:
    return customer_with_owners()


def give(customer: CustomerWithOwners, owner: Person | None) -> Batch:
    return assign(tenant=customer.tenant, findings=Finding.objects.all(), owner=owner, by=customer.engineer)


def owners(customer: CustomerWithOwners) -> list[Person | None]:
    return [row.owner for row in Treatment.objects.order_by("finding__subject_key")]


def test_undo_restores_the_previous_owners(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        first = customer.failing(number=1)
        give(customer, customer.owner)
        customer.failing(number=2)
        batch = give(customer, customer.other)
        assert owners(customer) == [customer.other, customer.other]
        assert undo(batch=batch, by=customer.engineer) == 2
        assert owners(customer) == [customer.owner, None]
        assert Treatment.objects.get(finding=first).owner_source == "hand"
        event = TreatmentEvent.objects.filter(finding=first).first()
        assert event is not None
        assert (event.before, event.after, event.note) == ("Noor Haddad", "Lin Baker", "Undone")
        entry = JournalEntry.objects.get(action="finding.undone")
        assert (entry.details["count"], entry.details["left"]) == (2, 0)


def test_undo_skips_findings_changed_since(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        first = customer.failing(number=1)
        customer.failing(number=2)
        batch = give(customer, customer.owner)
        assign(
            tenant=customer.tenant,
            findings=Finding.objects.filter(pk=first.pk),
            owner=customer.other,
            by=customer.engineer,
        )
        assert undo(batch=batch, by=customer.engineer) == 1
        assert owners(customer) == [customer.other, None]


def test_assigning_away_and_back_counts_as_a_change(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        customer.failing()
        batch = give(customer, customer.owner)
        give(customer, customer.other)
        give(customer, customer.owner)
        assert undo(batch=batch, by=customer.engineer) == 0
        assert owners(customer) == [customer.owner]


def test_undoing_an_unassignment_restores_the_owner(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        customer.failing()
        give(customer, customer.owner)
        batch = give(customer, None)
        assert undo(batch=batch, by=customer.engineer) == 1
        assert owners(customer) == [customer.owner]


def test_undo_skips_findings_that_others_assigned_and_unassigned(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        customer.failing()
        customer.failing(1)
        first = Finding.objects.order_by("subject_key")[:1]
        give(customer, customer.owner)
        batch = give(customer, None)
        for owner in (customer.other, None):
            assign(tenant=customer.tenant, findings=first, owner=owner, by=customer.owner)
        assert undo(batch=batch, by=customer.engineer) == 1
        assert owners(customer) == [None, customer.owner]


def test_several_batches_are_undone_in_turn(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        customer.failing()
        give(customer, customer.owner)
        batches = [give(customer, None), give(customer, customer.other)]
        assert [undo(batch=batch, by=customer.engineer) for batch in reversed(batches)] == [1, 1]
        assert owners(customer) == [customer.owner]


def test_an_owner_by_a_deleted_rule_is_restored(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        customer.failing()
        rule = create_rule(tenant=customer.tenant, by=customer.engineer, name="All", owner=customer.owner)
        apply_rules(tenant=customer.tenant, by=System("tests"))
        batch = give(customer, customer.other)
        delete_rule(rule=rule, by=customer.engineer)
        undo(batch=batch, by=customer.engineer)
        held = Treatment.objects.get()
        assert (held.owner, held.owner_source, held.owner_rule) == (customer.owner, "rule", None)


def test_undo_restores_acknowledgements(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        first, second = customer.failing(number=1), customer.failing(number=2)
        one = Finding.objects.filter(pk=first.pk)
        acknowledge(tenant=customer.tenant, findings=one, by=customer.owner, plan="First")
        both = acknowledge(
            tenant=customer.tenant, findings=Finding.objects.all(), by=customer.engineer, plan="All"
        )
        assert both.count == 2
        assert undo(batch=both, by=customer.engineer) == 2
        held = Treatment.objects.get(finding=first)
        assert (held.acknowledged_by, held.plan) == (customer.owner, "First")
        assert held.acknowledged_failing_since == first.failing_since
        assert Treatment.objects.get(finding=second).acknowledged_at is None


def test_undo_skips_withdrawn_acknowledgements(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        row = customer.failing()
        batch = acknowledge(tenant=customer.tenant, findings=Finding.objects.all(), by=customer.owner)
        withdraw_acknowledgement(finding=row, by=customer.engineer)
        assert undo(batch=batch, by=customer.owner) == 0


def test_undo_is_limited_to_the_author_once_and_in_time(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        customer.failing()
        batch = give(customer, customer.owner)
        with pytest.raises(PermissionDenied):
            undo(batch=batch, by=customer.owner)
        done = batch.at
        Batch.objects.filter(pk=batch.pk).update(at=timezone.now() - timedelta(minutes=31))
        with pytest.raises(WrongState, match="30 minutes"):
            undo(batch=batch, by=customer.engineer)
        Batch.objects.filter(pk=batch.pk).update(at=done)
        assert undo(batch=batch, by=customer.engineer) == 1
        with pytest.raises(WrongState, match="already"):
            undo(batch=batch, by=customer.engineer)


@pytest.mark.parametrize("read", [False, True])
def test_undo_retracts_the_notice_to_the_new_owner(customer: CustomerWithOwners, read: bool) -> None:
    """The notice waits for the next digest. If the person has read it in the portal, it is kept."""
    with factories.in_tenant(customer.tenant):
        customer.failing(number=1)
        customer.failing(number=2)
        batch = give(customer, customer.owner)
        if read:
            Notice.objects.update(read_at=timezone.now())
        assert undo(batch=batch, by=customer.engineer) == 2
        assert Notice.objects.filter(person=customer.owner, kind="assigned").count() == int(read)


def test_a_partial_undo_keeps_the_notice(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        first, second = customer.failing(number=1), customer.failing(number=2)
        batch = give(customer, customer.owner)
        for who in (customer.other, customer.owner):
            one = Finding.objects.filter(pk=first.pk)
            assign(tenant=customer.tenant, findings=one, owner=who, by=customer.engineer)
        assert undo(batch=batch, by=customer.engineer) == 1
        assert Treatment.objects.get(finding=second).owner is None
        assert Treatment.objects.get(finding=first).owner == customer.owner
        assert Notice.objects.filter(person=customer.owner, key__startswith=f"batch:{batch.pk}").count() == 1


def test_undo_does_not_restore_an_owner_without_access(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        row = customer.failing(number=1)
        give(customer, customer.owner)
        batch = give(customer, customer.other)
        Membership.objects.filter(person=customer.owner).update(valid_until=timezone.now())
        assert undo(batch=batch, by=customer.engineer) == 1
        held = Treatment.objects.get(finding=row)
        assert (held.owner, held.owner_source, held.owned_at) == (None, "", None)
        event = TreatmentEvent.objects.filter(finding=row).first()
        assert event is not None
        assert (event.before, event.after, event.note) == ("Noor Haddad", "Unassigned", "Undone")

"""Undo restores the previous values of findings that have not changed since then."""

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
def place(db: None) -> CustomerWithOwners:
    return customer_with_owners()


def give(place: CustomerWithOwners, owner: Person | None) -> Batch:
    return assign(tenant=place.tenant, findings=Finding.objects.all(), owner=owner, by=place.engineer)


def owners(place: CustomerWithOwners) -> list[Person | None]:
    return [row.owner for row in Treatment.objects.order_by("finding__subject_key")]


def test_undo_restores_the_previous_owners(place: CustomerWithOwners) -> None:
    with factories.in_tenant(place.tenant):
        first = place.failing(number=1)
        give(place, place.owner)
        place.failing(number=2)
        batch = give(place, place.other)
        assert owners(place) == [place.other, place.other]
        assert undo(batch=batch, by=place.engineer) == 2
        assert owners(place) == [place.owner, None]
        assert Treatment.objects.get(finding=first).owner_source == "hand"
        event = TreatmentEvent.objects.filter(finding=first).first()
        assert event is not None
        assert (event.before, event.after, event.note) == ("Noor Haddad", "Lin Baker", "Undone")
        entry = JournalEntry.objects.get(action="finding.undone")
        assert (entry.details["count"], entry.details["left"]) == (2, 0)


def test_undo_skips_findings_changed_since(place: CustomerWithOwners) -> None:
    with factories.in_tenant(place.tenant):
        first = place.failing(number=1)
        place.failing(number=2)
        batch = give(place, place.owner)
        assign(
            tenant=place.tenant,
            findings=Finding.objects.filter(pk=first.pk),
            owner=place.other,
            by=place.engineer,
        )
        assert undo(batch=batch, by=place.engineer) == 1
        assert owners(place) == [place.other, None]


def test_assigning_away_and_back_counts_as_a_change(place: CustomerWithOwners) -> None:
    with factories.in_tenant(place.tenant):
        place.failing()
        batch = give(place, place.owner)
        give(place, place.other)
        give(place, place.owner)
        assert undo(batch=batch, by=place.engineer) == 0
        assert owners(place) == [place.owner]


def test_undoing_an_unassignment_restores_the_owner(place: CustomerWithOwners) -> None:
    with factories.in_tenant(place.tenant):
        place.failing()
        give(place, place.owner)
        batch = give(place, None)
        assert undo(batch=batch, by=place.engineer) == 1
        assert owners(place) == [place.owner]


def test_undo_skips_findings_that_others_assigned_and_unassigned(place: CustomerWithOwners) -> None:
    with factories.in_tenant(place.tenant):
        place.failing()
        place.failing(1)
        first = Finding.objects.order_by("subject_key")[:1]
        give(place, place.owner)
        batch = give(place, None)
        for owner in (place.other, None):
            assign(tenant=place.tenant, findings=first, owner=owner, by=place.owner)
        assert undo(batch=batch, by=place.engineer) == 1
        assert owners(place) == [None, place.owner]


def test_several_batches_are_undone_in_turn(place: CustomerWithOwners) -> None:
    with factories.in_tenant(place.tenant):
        place.failing()
        give(place, place.owner)
        batches = [give(place, None), give(place, place.other)]
        assert [undo(batch=batch, by=place.engineer) for batch in reversed(batches)] == [1, 1]
        assert owners(place) == [place.owner]


def test_an_owner_by_a_deleted_rule_is_restored(place: CustomerWithOwners) -> None:
    with factories.in_tenant(place.tenant):
        place.failing()
        rule = create_rule(tenant=place.tenant, by=place.engineer, name="All", owner=place.owner)
        apply_rules(tenant=place.tenant, by=System("tests"))
        batch = give(place, place.other)
        delete_rule(rule=rule, by=place.engineer)
        undo(batch=batch, by=place.engineer)
        held = Treatment.objects.get()
        assert (held.owner, held.owner_source, held.owner_rule) == (place.owner, "rule", None)


def test_undo_restores_acknowledgements(place: CustomerWithOwners) -> None:
    with factories.in_tenant(place.tenant):
        first, second = place.failing(number=1), place.failing(number=2)
        one = Finding.objects.filter(pk=first.pk)
        acknowledge(tenant=place.tenant, findings=one, by=place.owner, plan="First")
        both = acknowledge(tenant=place.tenant, findings=Finding.objects.all(), by=place.engineer, plan="All")
        assert both.count == 2
        assert undo(batch=both, by=place.engineer) == 2
        held = Treatment.objects.get(finding=first)
        assert (held.acknowledged_by, held.plan) == (place.owner, "First")
        assert held.acknowledged_failing_since == first.failing_since
        assert Treatment.objects.get(finding=second).acknowledged_at is None


def test_undo_skips_withdrawn_acknowledgements(place: CustomerWithOwners) -> None:
    with factories.in_tenant(place.tenant):
        row = place.failing()
        batch = acknowledge(tenant=place.tenant, findings=Finding.objects.all(), by=place.owner)
        withdraw_acknowledgement(finding=row, by=place.engineer)
        assert undo(batch=batch, by=place.owner) == 0


def test_undo_is_limited_to_the_author_once_and_in_time(place: CustomerWithOwners) -> None:
    with factories.in_tenant(place.tenant):
        place.failing()
        batch = give(place, place.owner)
        with pytest.raises(PermissionDenied):
            undo(batch=batch, by=place.owner)
        done = batch.at
        Batch.objects.filter(pk=batch.pk).update(at=timezone.now() - timedelta(minutes=31))
        with pytest.raises(WrongState, match="30 minutes"):
            undo(batch=batch, by=place.engineer)
        Batch.objects.filter(pk=batch.pk).update(at=done)
        assert undo(batch=batch, by=place.engineer) == 1
        with pytest.raises(WrongState, match="already"):
            undo(batch=batch, by=place.engineer)


@pytest.mark.parametrize("read", [False, True])
def test_undo_retracts_the_notice_to_the_new_owner(place: CustomerWithOwners, read: bool) -> None:
    """The notice waits for the next digest; notices already read are kept."""
    with factories.in_tenant(place.tenant):
        place.failing(number=1)
        place.failing(number=2)
        batch = give(place, place.owner)
        if read:
            Notice.objects.update(read_at=timezone.now())
        assert undo(batch=batch, by=place.engineer) == 2
        assert Notice.objects.filter(person=place.owner, kind="assigned").count() == int(read)


def test_a_partial_undo_keeps_the_notice(place: CustomerWithOwners) -> None:
    with factories.in_tenant(place.tenant):
        first, second = place.failing(number=1), place.failing(number=2)
        batch = give(place, place.owner)
        for who in (place.other, place.owner):
            one = Finding.objects.filter(pk=first.pk)
            assign(tenant=place.tenant, findings=one, owner=who, by=place.engineer)
        assert undo(batch=batch, by=place.engineer) == 1
        assert Treatment.objects.get(finding=second).owner is None
        assert Treatment.objects.get(finding=first).owner == place.owner
        assert Notice.objects.filter(person=place.owner, key__startswith=f"batch:{batch.pk}").count() == 1


def test_undo_does_not_restore_an_owner_without_access(place: CustomerWithOwners) -> None:
    with factories.in_tenant(place.tenant):
        row = place.failing(number=1)
        give(place, place.owner)
        batch = give(place, place.other)
        Membership.objects.filter(person=place.owner).update(valid_until=timezone.now())
        assert undo(batch=batch, by=place.engineer) == 1
        held = Treatment.objects.get(finding=row)
        assert (held.owner, held.owner_source, held.owned_at) == (None, "", None)
        event = TreatmentEvent.objects.filter(finding=row).first()
        assert event is not None
        assert (event.before, event.after, event.note) == ("Noor Haddad", "Unassigned", "Undone")

"""Assigning owners to findings."""

from __future__ import annotations

import pytest

from assessments.models import Finding
from portal.notify.models import Notice
from portal.treatment.actions.owners.assign import assign, claim
from portal.treatment.actions.owners.rules import create_rule
from portal.treatment.errors import WrongState
from portal.treatment.models import Batch, Treatment, TreatmentEvent
from portal.treatment.selectors.owners import eligible_owners, people_who_see
from tenants import journal
from tenants.errors import InvalidInput
from tenants.models import JournalEntry, Person
from tenants.roles import CAPABILITIES, ORGANIZATION_ROLES, Capability, Role
from tests import factories
from tests.portal.treatment.owner_cases import CustomerWithOwners, customer_with_owners


@pytest.fixture
def place(db: None) -> CustomerWithOwners:
    return customer_with_owners()


def give(place: CustomerWithOwners, *findings: Finding, to: str | None = "owner") -> Batch:
    rows = Finding.objects.filter(pk__in=[row.pk for row in findings])
    owner = getattr(place, to) if to else None
    return assign(tenant=place.tenant, findings=rows, owner=owner, by=place.engineer)


def give_to(place: CustomerWithOwners, finding: Finding, owner: Person) -> Batch:
    rows = Finding.objects.filter(pk=finding.pk)
    return assign(tenant=place.tenant, findings=rows, owner=owner, by=place.engineer)


def test_assigning_many_makes_one_batch_journal_entry_and_notice(place: CustomerWithOwners) -> None:
    with factories.in_tenant(place.tenant):
        rows = [place.failing(number=number) for number in range(5)]
        batch = give(place, *rows)
        held = Treatment.objects.all()
        assert {row.owner for row in held} == {place.owner}
        assert {row.owner_source for row in held} == {"hand"}
        assert batch.count == 5
        assert batch.events.count() == 5
        entry = JournalEntry.objects.get(action="finding.assigned")
        assert entry.details["count"] == 5
        assert journal.verify(place.tenant) == []
        notice = Notice.objects.get()
        assert (notice.person, notice.kind, notice.title) == (
            place.owner,
            "assigned",
            "5 findings were assigned to you",
        )


def test_the_timeline_names_previous_and_new_owner(place: CustomerWithOwners) -> None:
    with factories.in_tenant(place.tenant):
        row = place.failing()
        give(place, row)
        give(place, row, to="other")
        give(place, row, to=None)
        events = TreatmentEvent.objects.order_by("at", "id").values_list("before", "after")
        assert list(events) == [
            ("Unassigned", "Lin Baker"),
            ("Lin Baker", "Noor Haddad"),
            ("Noor Haddad", "Unassigned"),
        ]
        held = Treatment.objects.get()
        assert (held.owner, held.owner_source, held.owned_at) == (None, "", None)


def test_assigning_to_the_present_owner_changes_nothing(place: CustomerWithOwners) -> None:
    with factories.in_tenant(place.tenant):
        first, second = place.failing(number=1), place.failing(number=2)
        give(place, first)
        batch = give(place, first, second)
        assert batch.count == 1
        assert give(place, first, second).count == 0
        assert JournalEntry.objects.filter(action="finding.assigned").count() == 2


def test_a_notice_of_one_finding_links_to_it(place: CustomerWithOwners) -> None:
    with factories.in_tenant(place.tenant):
        row = place.failing()
        give(place, row)
        notice = Notice.objects.get()
        assert notice.finding == row
        assert notice.path == f"/t/{place.tenant.slug}/findings/{row.pk}/"


def test_assigning_keeps_the_other_columns(place: CustomerWithOwners) -> None:
    with factories.in_tenant(place.tenant):
        row = place.failing()
        Treatment.objects.create(
            tenant=place.tenant,
            finding=row,
            acknowledged_by=place.engineer,
            acknowledged_at=row.first_seen_at,
            acknowledged_failing_since=row.failing_since,
            plan="soon",
        )
        give(place, row)
        held = Treatment.objects.get()
        assert (held.owner, held.plan, held.acknowledged_by) == (place.owner, "soon", place.engineer)


def test_any_query_can_select_the_findings(place: CustomerWithOwners) -> None:
    """The query may be sorted, joined and sliced."""
    with factories.in_tenant(place.tenant):
        rows = [place.failing(number=number) for number in range(3)]
        give(place, rows[0], to="other")
        chosen = Finding.objects.filter(treatment__owner=place.other).order_by("-treatment__owned_at")
        assert assign(tenant=place.tenant, findings=chosen, owner=place.owner, by=place.engineer).count == 1
        cut = Finding.objects.order_by("subject_key")[:2]
        assert assign(tenant=place.tenant, findings=cut, owner=place.other, by=place.engineer).count == 2


def test_a_person_without_access_cannot_own(place: CustomerWithOwners) -> None:
    with factories.in_tenant(place.tenant):
        row = place.failing()
        with pytest.raises(InvalidInput) as caught:
            give(place, row, to="stranger")
        assert list(caught.value.fields) == ["owner"]
        assert not Treatment.objects.exists()


@pytest.mark.parametrize("role", Role)
def test_only_people_who_may_treat_findings_can_own(place: CustomerWithOwners, role: Role) -> None:
    """The picker, assignment and owner rules accept the same roles as owners, never an auditor or approver."""
    scope = place.tenant.organization if role in ORGANIZATION_ROLES else place.tenant
    who = factories.member(role, scope)
    may_own = Capability.TREAT in CAPABILITIES[role]
    with factories.in_tenant(place.tenant):
        row = place.failing()
        assert (who in eligible_owners(place.tenant)) is may_own
        if may_own:
            give_to(place, row, who)
            assert Treatment.objects.get(finding=row).owner == who
        else:
            with pytest.raises(InvalidInput, match="but not work on its findings") as caught:
                give_to(place, row, who)
            assert caught.value.code == "cannot_act"
            with pytest.raises(InvalidInput, match="Choose someone else"):
                create_rule(tenant=place.tenant, by=place.engineer, name="Storage", owner=who)
            assert not Treatment.objects.exists()


def test_findings_of_another_tenant_are_skipped(place: CustomerWithOwners) -> None:
    other = customer_with_owners()
    with factories.in_tenant(other.tenant):
        theirs = other.failing()
    with factories.in_tenant(place.tenant):
        assert give(place, theirs).count == 0


def test_an_unassigned_finding_can_be_claimed(place: CustomerWithOwners) -> None:
    with factories.in_tenant(place.tenant):
        row = place.failing()
        batch = claim(finding=row, by=place.engineer)
        assert batch.count == 1
        held = Treatment.objects.get()
        assert (held.owner, held.owner_source) == (place.engineer, "claim")
        assert claim(finding=row, by=place.engineer).count == 0
        with pytest.raises(WrongState, match="Mira Okafor owns"):
            claim(finding=row, by=place.other)
        assert not Notice.objects.exists()
        assert JournalEntry.objects.filter(action="finding.claimed").count() == 1


def test_eligible_owners_and_people_who_see_a_finding(place: CustomerWithOwners) -> None:
    with factories.in_tenant(place.tenant):
        row = place.failing()
        assert {place.engineer, place.owner, place.other} == set(eligible_owners(place.tenant))
        assert set(people_who_see(row)) == {place.engineer, place.auditor}
        give(place, row)
        assert set(people_who_see(row)) == {place.engineer, place.auditor, place.owner}

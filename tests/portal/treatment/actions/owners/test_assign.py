"""Assigning owners to findings."""

from __future__ import annotations

import pytest

from assessments.models import Finding
from portal.notify.models import Notice
from portal.treatment.actions.owners.assign import assign, claim
from portal.treatment.actions.owners.messages import MAX_LISTED
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
def customer(db: None) -> CustomerWithOwners:
    return customer_with_owners()


def give(customer: CustomerWithOwners, *findings: Finding, to: str | None = "owner") -> Batch:
    rows = Finding.objects.filter(pk__in=[row.pk for row in findings])
    owner = getattr(customer, to) if to else None
    return assign(tenant=customer.tenant, findings=rows, owner=owner, by=customer.engineer)


def give_to(customer: CustomerWithOwners, finding: Finding, owner: Person) -> Batch:
    rows = Finding.objects.filter(pk=finding.pk)
    return assign(tenant=customer.tenant, findings=rows, owner=owner, by=customer.engineer)


def test_assigning_many_makes_one_batch_journal_entry_and_notice(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        rows = [customer.failing(number=number) for number in range(5)]
        batch = give(customer, *rows)
        held = Treatment.objects.all()
        assert {row.owner for row in held} == {customer.owner}
        assert {row.owner_source for row in held} == {"hand"}
        assert batch.count == 5
        assert batch.events.count() == 5
        entry = JournalEntry.objects.get(action="finding.assigned")
        assert entry.details["count"] == 5
        assert journal.verify(customer.tenant) == []
        notice = Notice.objects.get()
        assert (notice.person, notice.kind, notice.title) == (
            customer.owner,
            "assigned",
            "5 findings were assigned to you",
        )


def test_the_notice_names_the_most_severe_findings(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        rows = [
            customer.failing(number=number, severity="low", severity_rank=3) for number in range(MAX_LISTED)
        ]
        last = customer.failing(
            number=MAX_LISTED, severity="critical", severity_rank=0, subject_name="the-critical-one"
        )
        give(customer, *rows, last)
        listed = Notice.objects.get().body.splitlines()
    assert "the-critical-one" in listed[0]
    assert listed[-1] == "and 1 more"


def test_the_timeline_names_previous_and_new_owner(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        row = customer.failing()
        give(customer, row)
        give(customer, row, to="other")
        give(customer, row, to=None)
        events = TreatmentEvent.objects.order_by("at", "id").values_list("before", "after")
        assert list(events) == [
            ("Unassigned", "Lin Baker"),
            ("Lin Baker", "Noor Haddad"),
            ("Noor Haddad", "Unassigned"),
        ]
        held = Treatment.objects.get()
        assert (held.owner, held.owner_source, held.owned_at) == (None, "", None)


def test_assigning_to_the_present_owner_changes_nothing(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        first, second = customer.failing(number=1), customer.failing(number=2)
        give(customer, first)
        batch = give(customer, first, second)
        assert batch.count == 1
        assert give(customer, first, second).count == 0
        assert JournalEntry.objects.filter(action="finding.assigned").count() == 2


def test_a_notice_of_one_finding_links_to_it(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        row = customer.failing()
        give(customer, row)
        notice = Notice.objects.get()
        assert notice.finding == row
        assert notice.path == f"/t/{customer.tenant.slug}/findings/{row.pk}/"


def test_assigning_keeps_the_other_columns(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        row = customer.failing()
        Treatment.objects.create(
            tenant=customer.tenant,
            finding=row,
            acknowledged_by=customer.engineer,
            acknowledged_at=row.first_seen_at,
            acknowledged_failing_since=row.failing_since,
            plan="soon",
        )
        give(customer, row)
        held = Treatment.objects.get()
        assert (held.owner, held.plan, held.acknowledged_by) == (customer.owner, "soon", customer.engineer)


def test_any_query_can_select_the_findings(customer: CustomerWithOwners) -> None:
    """The query may be sorted, joined and sliced."""
    with factories.in_tenant(customer.tenant):
        rows = [customer.failing(number=number) for number in range(3)]
        give(customer, rows[0], to="other")
        chosen = Finding.objects.filter(treatment__owner=customer.other).order_by("-treatment__owned_at")
        assert (
            assign(tenant=customer.tenant, findings=chosen, owner=customer.owner, by=customer.engineer).count
            == 1
        )
        cut = Finding.objects.order_by("subject_key")[:2]
        assert (
            assign(tenant=customer.tenant, findings=cut, owner=customer.other, by=customer.engineer).count
            == 2
        )


def test_a_person_without_access_cannot_own(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        row = customer.failing()
        with pytest.raises(InvalidInput) as caught:
            give(customer, row, to="stranger")
        assert list(caught.value.fields) == ["owner"]
        assert not Treatment.objects.exists()


@pytest.mark.parametrize("role", Role)
def test_only_people_who_may_treat_findings_can_own(customer: CustomerWithOwners, role: Role) -> None:
    """The picker, assignment and owner rules accept only an owner whose role may treat findings. So they refuse
    auditors and approvers.
    """
    scope = customer.tenant.organization if role in ORGANIZATION_ROLES else customer.tenant
    who = factories.member(role, scope)
    may_own = Capability.TREAT in CAPABILITIES[role]
    with factories.in_tenant(customer.tenant):
        row = customer.failing()
        assert (who in eligible_owners(customer.tenant)) is may_own
        if may_own:
            give_to(customer, row, who)
            assert Treatment.objects.get(finding=row).owner == who
        else:
            with pytest.raises(InvalidInput, match="but may not work on its findings") as caught:
                give_to(customer, row, who)
            assert caught.value.code == "cannot_act"
            with pytest.raises(InvalidInput, match="Choose another person"):
                create_rule(tenant=customer.tenant, by=customer.engineer, name="Storage", owner=who)
            assert not Treatment.objects.exists()


def test_findings_of_another_tenant_are_skipped(customer: CustomerWithOwners) -> None:
    other = customer_with_owners()
    with factories.in_tenant(other.tenant):
        theirs = other.failing()
    with factories.in_tenant(customer.tenant):
        assert give(customer, theirs).count == 0


def test_an_unassigned_finding_can_be_claimed(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        row = customer.failing()
        batch = claim(finding=row, by=customer.engineer)
        assert batch.count == 1
        held = Treatment.objects.get()
        assert (held.owner, held.owner_source) == (customer.engineer, "claim")
        assert claim(finding=row, by=customer.engineer).count == 0
        with pytest.raises(WrongState, match="Mira Okafor owns"):
            claim(finding=row, by=customer.other)
        assert not Notice.objects.exists()
        assert JournalEntry.objects.filter(action="finding.claimed").count() == 1


def test_eligible_owners_and_people_who_see_a_finding(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        row = customer.failing()
        assert {customer.engineer, customer.owner, customer.other} == set(eligible_owners(customer.tenant))
        assert set(people_who_see(row)) == {customer.engineer, customer.auditor}
        give(customer, row)
        assert set(people_who_see(row)) == {customer.engineer, customer.auditor, customer.owner}

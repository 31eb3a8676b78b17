"""Owner rules: the first match assigns, and manual assignments are kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from assessments.models import Finding
from portal.notify.models import Notice
from portal.treatment.actions.owners.assign import assign, claim
from portal.treatment.actions.owners.rules import (
    apply_rules,
    change_rule,
    check_rule,
    create_rule,
    delete_rule,
    move_rule,
)
from portal.treatment.models import OwnerRule, Treatment, TreatmentEvent
from portal.treatment.selectors.owners import preview, rules
from tenants.actors import System
from tenants.errors import InvalidInput
from tenants.models import JournalEntry, Membership, Person
from tests import factories
from tests.portal.treatment.owner_cases import CustomerWithOwners, customer_with_owners
from tests.portal.treatment.undo import undo

ENGINE = System("owner rules")


@pytest.fixture
def customer(db: None) -> CustomerWithOwners:
    return customer_with_owners()


def rule(customer: CustomerWithOwners, owner: Person, name: str = "Rule", **conditions: Any) -> OwnerRule:
    return create_rule(tenant=customer.tenant, by=customer.engineer, name=name, owner=owner, **conditions)


def apply(customer: CustomerWithOwners) -> int:
    return apply_rules(tenant=customer.tenant, by=ENGINE)


def owner(finding: Finding) -> Person | None:
    held = Treatment.objects.filter(finding=finding).select_related("owner").first()
    return held.owner if held else None


def test_the_first_matching_rule_assigns(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        high, low = customer.failing(number=1), customer.failing(number=2, severity="low")
        rule(customer, customer.owner, "High", severity="high")
        rule(customer, customer.other, "The rest")
        assert apply(customer) == 2
        assert (owner(high), owner(low)) == (customer.owner, customer.other)
        assert apply(customer) == 0
        event = TreatmentEvent.objects.get(finding=low)
        assert (event.before, event.after, event.note) == (
            "Unassigned",
            "Noor Haddad",
            "Assigned by owner rule “The rest”",
        )
        assert event.actor == "Surety (owner rules)"
        entry = JournalEntry.objects.get(action="owner_rules.applied")
        assert entry.details["count"] == 2
        assert Notice.objects.filter(kind="assigned").count() == 2


def test_rules_assign_failing_and_manual_findings_only(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        customer.failing(number=1, outcome="pass", state="passing", failing_since=None)
        customer.failing(number=2, state="gone", gone_at=timezone.now())
        manual = customer.manual(number=3)
        rule(customer, customer.owner)
        assert apply(customer) == 1
        assert owner(manual) == customer.owner


def test_rules_keep_manually_assigned_owners(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        row = customer.failing()
        assign(
            tenant=customer.tenant, findings=Finding.objects.all(), owner=customer.other, by=customer.engineer
        )
        rule(customer, customer.owner)
        assert apply(customer) == 0
        assert owner(row) == customer.other


@pytest.mark.parametrize("way", ["hand", "claim"])
def test_an_owner_confirmed_by_a_person_is_kept(customer: CustomerWithOwners, way: str) -> None:
    with factories.in_tenant(customer.tenant):
        row = customer.failing()
        first = rule(customer, customer.owner)
        apply_rules(tenant=customer.tenant, by=ENGINE)
        Notice.objects.all().delete()
        if way == "hand":
            rows = Finding.objects.filter(pk=row.pk)
            batch = assign(tenant=customer.tenant, findings=rows, owner=customer.owner, by=customer.engineer)
        else:
            batch = claim(finding=row, by=customer.owner)
        assert batch.count == 1
        line = TreatmentEvent.objects.filter(finding=row).latest("at")
        assert (line.before, line.after) == ("Lin Baker", "Lin Baker")
        # The owner is the same as before, so there is nothing to notify.
        assert not Notice.objects.exists()
        change_rule(rule=first, by=customer.engineer, owner=customer.other)
        assert apply_rules(tenant=customer.tenant, by=ENGINE) == 0
        held = Treatment.objects.get()
        assert (held.owner, held.owner_source, held.owner_rule) == (customer.owner, way, None)
        undo(batch=batch, by=customer.engineer if way == "hand" else customer.owner)
        assert apply_rules(tenant=customer.tenant, by=ENGINE) == 1
        assert Treatment.objects.get().owner == customer.other


def test_reordering_rules_reassigns_findings(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        row = customer.failing()
        rule(customer, customer.owner, "First")
        second = rule(customer, customer.other, "Second")
        apply(customer)
        assert owner(row) == customer.owner
        move_rule(rule=second, by=customer.engineer, position=1)
        assert [found.name for found in rules(customer.tenant)] == ["Second", "First"]
        assert apply(customer) == 1
        assert owner(row) == customer.other
        change_rule(rule=second, by=customer.engineer, enabled=False)
        assert apply(customer) == 1
        assert owner(row) == customer.owner
        delete_rule(rule=OwnerRule.objects.get(name="First"), by=customer.engineer)
        assert apply(customer) == 0
        assert owner(row) == customer.owner
        assert [found.position for found in rules(customer.tenant)] == [1]


def test_rules_of_owners_without_access_are_ignored(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        row = customer.failing()
        rule(customer, customer.owner, "First")
        rule(customer, customer.other, "Second")
        now = timezone.now()
        Membership.objects.filter(person=customer.owner).update(
            valid_from=now - timedelta(days=2), valid_until=now - timedelta(days=1)
        )
        assert apply(customer) == 1
        assert owner(row) == customer.other


@pytest.mark.parametrize(
    ("position", "order"), [(-5, "cab"), (1, "cab"), (2, "acb"), (3, "abc"), (99, "abc")]
)
def test_a_rule_moves_to_a_position(customer: CustomerWithOwners, position: int, order: str) -> None:
    with factories.in_tenant(customer.tenant):
        made = [rule(customer, customer.owner, name) for name in "abc"]
        move_rule(rule=made[2], by=customer.engineer, position=position)
        assert "".join(found.name for found in rules(customer.tenant)) == order
        assert [found.position for found in rules(customer.tenant)] == [1, 2, 3]


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("name", {"name": " "}),
        ("name", {"name": "x" * 121}),
        ("control", {"control": "no-such-control"}),
        ("section", {"section": "nowhere"}),
        ("severity", {"severity": "grave"}),
        ("unit", {"unit": "/subscriptions/elsewhere"}),
        ("unit", {"unit": "rubbish"}),
        ("tag_name", {"tag_value": "prod"}),
        ("resource_pattern", {"resource_pattern": "x" * 501}),
    ],
)
def test_bad_input_names_its_field(customer: CustomerWithOwners, field: str, given: dict[str, str]) -> None:
    with factories.in_tenant(customer.tenant):
        with pytest.raises(InvalidInput) as caught:
            rule(customer, customer.owner, **given)
        assert list(caught.value.fields) == [field]
        assert not OwnerRule.objects.exists()


def test_an_owner_of_a_rule_needs_access(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant), pytest.raises(InvalidInput) as caught:
        rule(customer, customer.stranger)
    assert list(caught.value.fields) == ["owner"]


def test_a_change_keeps_the_other_fields(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        made = rule(customer, customer.owner, severity="high", resource_group="rg-*")
        changed = change_rule(rule=made, by=customer.engineer, severity="low")
        assert (changed.severity, changed.resource_group, changed.owner) == ("low", "rg-*", customer.owner)
        change_rule(rule=made, by=customer.engineer, severity="low")
        entry = JournalEntry.objects.get(action="owner_rule.changed")
        assert entry.details["before"]["means"] != entry.details["after"]["means"]


def test_the_preview_agrees_with_applying(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        for number in range(6):
            customer.failing(number=number, severity="high" if number < 4 else "low")
        assign(
            tenant=customer.tenant,
            findings=Finding.objects.filter(subject_key=f"{0:064}"),
            owner=customer.other,
            by=customer.engineer,
        )
        rule(customer, customer.owner, "Low", severity="low")
        apply(customer)
        draft = OwnerRule(tenant=customer.tenant)
        check_rule(draft, name="All", owner=customer.other, enabled=True)
        seen = preview(customer.tenant, draft)
        assert (seen.count, seen.taken_from_others, seen.kept, seen.earlier) == (3, 0, 1, 2)
        saved = rule(customer, customer.other, "All")
        move_rule(rule=saved, by=customer.engineer, position=1)
        saved.refresh_from_db()
        seen = preview(customer.tenant, saved)
        assert (seen.count, seen.taken_from_others, seen.kept, seen.earlier) == (5, 2, 1, 0)
        assert len(seen.sample) == 5
        assert apply(customer) == 5
        assert preview(customer.tenant, saved).taken_from_others == 0

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
def place(db: None) -> CustomerWithOwners:
    return customer_with_owners()


def rule(place: CustomerWithOwners, owner: Person, name: str = "Rule", **conditions: Any) -> OwnerRule:
    return create_rule(tenant=place.tenant, by=place.engineer, name=name, owner=owner, **conditions)


def apply(place: CustomerWithOwners) -> int:
    return apply_rules(tenant=place.tenant, by=ENGINE)


def owner(finding: Finding) -> Person | None:
    held = Treatment.objects.filter(finding=finding).select_related("owner").first()
    return held.owner if held else None


def test_the_first_matching_rule_assigns(place: CustomerWithOwners) -> None:
    with factories.in_tenant(place.tenant):
        high, low = place.failing(number=1), place.failing(number=2, severity="low")
        rule(place, place.owner, "High", severity="high")
        rule(place, place.other, "The rest")
        assert apply(place) == 2
        assert (owner(high), owner(low)) == (place.owner, place.other)
        assert apply(place) == 0
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


def test_rules_assign_failing_and_manual_findings_only(place: CustomerWithOwners) -> None:
    with factories.in_tenant(place.tenant):
        place.failing(number=1, outcome="pass", state="passing", failing_since=None)
        place.failing(number=2, state="gone", gone_at=timezone.now())
        manual = place.manual(number=3)
        rule(place, place.owner)
        assert apply(place) == 1
        assert owner(manual) == place.owner


def test_rules_keep_manually_assigned_owners(place: CustomerWithOwners) -> None:
    with factories.in_tenant(place.tenant):
        row = place.failing()
        assign(tenant=place.tenant, findings=Finding.objects.all(), owner=place.other, by=place.engineer)
        rule(place, place.owner)
        assert apply(place) == 0
        assert owner(row) == place.other


@pytest.mark.parametrize("way", ["hand", "claim"])
def test_an_owner_confirmed_by_a_person_is_kept(place: CustomerWithOwners, way: str) -> None:
    with factories.in_tenant(place.tenant):
        row = place.failing()
        first = rule(place, place.owner)
        apply_rules(tenant=place.tenant, by=ENGINE)
        Notice.objects.all().delete()
        if way == "hand":
            rows = Finding.objects.filter(pk=row.pk)
            batch = assign(tenant=place.tenant, findings=rows, owner=place.owner, by=place.engineer)
        else:
            batch = claim(finding=row, by=place.owner)
        assert batch.count == 1
        line = TreatmentEvent.objects.filter(finding=row).latest("at")
        assert (line.before, line.after) == ("Lin Baker", "Lin Baker")
        # The owner is the same as before, so there is nothing to notify.
        assert not Notice.objects.exists()
        change_rule(rule=first, by=place.engineer, owner=place.other)
        assert apply_rules(tenant=place.tenant, by=ENGINE) == 0
        held = Treatment.objects.get()
        assert (held.owner, held.owner_source, held.owner_rule) == (place.owner, way, None)
        undo(batch=batch, by=place.engineer if way == "hand" else place.owner)
        assert apply_rules(tenant=place.tenant, by=ENGINE) == 1
        assert Treatment.objects.get().owner == place.other


def test_reordering_rules_reassigns_findings(place: CustomerWithOwners) -> None:
    with factories.in_tenant(place.tenant):
        row = place.failing()
        rule(place, place.owner, "First")
        second = rule(place, place.other, "Second")
        apply(place)
        assert owner(row) == place.owner
        move_rule(rule=second, by=place.engineer, position=1)
        assert [found.name for found in rules(place.tenant)] == ["Second", "First"]
        assert apply(place) == 1
        assert owner(row) == place.other
        change_rule(rule=second, by=place.engineer, enabled=False)
        assert apply(place) == 1
        assert owner(row) == place.owner
        delete_rule(rule=OwnerRule.objects.get(name="First"), by=place.engineer)
        assert apply(place) == 0
        assert owner(row) == place.owner
        assert [found.position for found in rules(place.tenant)] == [1]


def test_rules_of_owners_without_access_are_ignored(place: CustomerWithOwners) -> None:
    with factories.in_tenant(place.tenant):
        row = place.failing()
        rule(place, place.owner, "First")
        rule(place, place.other, "Second")
        now = timezone.now()
        Membership.objects.filter(person=place.owner).update(
            valid_from=now - timedelta(days=2), valid_until=now - timedelta(days=1)
        )
        assert apply(place) == 1
        assert owner(row) == place.other


@pytest.mark.parametrize(
    ("position", "order"), [(-5, "cab"), (1, "cab"), (2, "acb"), (3, "abc"), (99, "abc")]
)
def test_a_rule_moves_to_a_position(place: CustomerWithOwners, position: int, order: str) -> None:
    with factories.in_tenant(place.tenant):
        made = [rule(place, place.owner, name) for name in "abc"]
        move_rule(rule=made[2], by=place.engineer, position=position)
        assert "".join(found.name for found in rules(place.tenant)) == order
        assert [found.position for found in rules(place.tenant)] == [1, 2, 3]


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
def test_bad_input_names_its_field(place: CustomerWithOwners, field: str, given: dict[str, str]) -> None:
    with factories.in_tenant(place.tenant):
        with pytest.raises(InvalidInput) as caught:
            rule(place, place.owner, **given)
        assert list(caught.value.fields) == [field]
        assert not OwnerRule.objects.exists()


def test_an_owner_of_a_rule_needs_access(place: CustomerWithOwners) -> None:
    with factories.in_tenant(place.tenant), pytest.raises(InvalidInput) as caught:
        rule(place, place.stranger)
    assert list(caught.value.fields) == ["owner"]


def test_a_change_keeps_the_other_fields(place: CustomerWithOwners) -> None:
    with factories.in_tenant(place.tenant):
        made = rule(place, place.owner, severity="high", resource_group="rg-*")
        changed = change_rule(rule=made, by=place.engineer, severity="low")
        assert (changed.severity, changed.resource_group, changed.owner) == ("low", "rg-*", place.owner)
        change_rule(rule=made, by=place.engineer, severity="low")
        entry = JournalEntry.objects.get(action="owner_rule.changed")
        assert entry.details["before"]["means"] != entry.details["after"]["means"]


def test_the_preview_agrees_with_applying(place: CustomerWithOwners) -> None:
    with factories.in_tenant(place.tenant):
        for number in range(6):
            place.failing(number=number, severity="high" if number < 4 else "low")
        assign(
            tenant=place.tenant,
            findings=Finding.objects.filter(subject_key=f"{0:064}"),
            owner=place.other,
            by=place.engineer,
        )
        rule(place, place.owner, "Low", severity="low")
        apply(place)
        draft = OwnerRule(tenant=place.tenant)
        check_rule(draft, name="All", owner=place.other, enabled=True)
        seen = preview(place.tenant, draft)
        assert (seen.count, seen.taken_from_others, seen.kept, seen.earlier) == (3, 0, 1, 2)
        saved = rule(place, place.other, "All")
        move_rule(rule=saved, by=place.engineer, position=1)
        saved.refresh_from_db()
        seen = preview(place.tenant, saved)
        assert (seen.count, seen.taken_from_others, seen.kept, seen.earlier) == (5, 2, 1, 0)
        assert len(seen.sample) == 5
        assert apply(place) == 5
        assert preview(place.tenant, saved).taken_from_others == 0

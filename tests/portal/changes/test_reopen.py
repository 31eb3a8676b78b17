"""Operations that are read later reopen reviews that they contradict."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connections, transaction
from django.utils import timezone

from assessments.models import ActivityEvent, ActivityReading
from portal.changes.actions.catch import CUT, catch
from portal.changes.actions.record import record_changes
from portal.changes.actions.review import accept, mark_rolled_back, reject
from portal.changes.errors import OwnChange
from portal.changes.globs import Budget
from portal.changes.models import ChangesCursor, PlannedChange, ResourceChange, ReviewEvent
from portal.notify.models import Post
from tenants.errors import Conflict
from tenants.models import JournalEntry, Person, Tenant
from tenants.roles import Role
from tenants.scope import person_scope
from tests import factories
from tests.portal.changes.programs import program_of
from tests.portal.notify.outbox import add_channel

UNIT = "/subscriptions/00000000-0000-0000-0000-000000000001"
NSG = f"{UNIT}/resourceGroups/rg-web/providers/Microsoft.Network/networkSecurityGroups/web"
ANNA, MALLORY = "anna@contoso.com", "mallory@contoso.com"
GUEST = "ada_partner.example#EXT#@contoso.onmicrosoft.com"


class ChangedGroup:
    """A changed security group whose operations arrive one after the other."""

    def __init__(self) -> None:
        self.now = timezone.now()
        self.tenant: Tenant = factories.tenant()
        self.reviewer: Person = factories.member(
            Role.TENANT_ADMINISTRATOR, self.tenant, factories.person("ada@partner.example")
        )
        add_channel(self.tenant, "https://hooks.example.com/", kinds=["change_caught"])
        with factories.in_tenant(self.tenant):
            self.change = ResourceChange.objects.create(
                tenant=self.tenant,
                key="1" * 64,
                kind="changed",
                since=self.at(10),
                at=self.at(5),
                azure_id=NSG,
                name="web",
                type="microsoft.network/networksecuritygroups",
                unit=UNIT,
                resource_group="rg-web",
                properties=["properties.securityRules.ssh"],
            )

    def at(self, minutes: int) -> datetime:
        return self.now - timedelta(minutes=minutes)

    def plan(self, **given: Any) -> PlannedChange:
        with factories.in_tenant(self.tenant):
            return PlannedChange.objects.create(
                tenant=self.tenant,
                name="Open the site",
                ticket="CHG-7",
                starts_at=self.at(60),
                ends_at=self.at(-60),
                created_at=self.at(60),
                created_by=self.reviewer,
                **given,
            )

    def read(self, actor: str = "", minutes: int = 8) -> ResourceChange:
        """Store an operation of the actor (if given) and a reading of the log, and record the changes."""
        with factories.in_tenant(self.tenant):
            if actor:
                ActivityEvent.objects.create(
                    tenant=self.tenant,
                    unit=UNIT,
                    event_id=f"{actor}-{minutes}",
                    at=self.at(minutes),
                    resource_id=NSG,
                    operation="Microsoft.Network/networkSecurityGroups/write",
                    status="Succeeded",
                    actor_kind="person",
                    actor=actor,
                )
            readings = ActivityReading.objects.count()
            ActivityReading.objects.create(
                tenant=self.tenant, unit=UNIT, since=self.at(60), until=self.at(4 - readings)
            )
        record_changes(tenant_id=self.tenant.pk)
        return self.current()

    def current(self) -> ResourceChange:
        with factories.in_tenant(self.tenant):
            return ResourceChange.objects.select_related("plan", "reviewed_by").get(pk=self.change.pk)

    def timeline(self) -> list[tuple[str, str]]:
        with factories.in_tenant(self.tenant):
            return list(
                ReviewEvent.objects.filter(change=self.change)
                .order_by("at", "id")
                .values_list("kind", "text")
            )

    def posts(self) -> int:
        """Return the number of posts to the channel about this change."""
        with factories.in_tenant(self.tenant):
            rows = Post.objects.filter(kind="change_caught").values_list("payload", flat=True)
            return sum(str(self.change.pk) in str(payload) for payload in rows)


@pytest.fixture
def case(db: None) -> ChangedGroup:
    return ChangedGroup()


def test_an_unplanned_operation_reopens_what_a_plan_expected(case: ChangedGroup) -> None:
    plan = case.plan(actors=[ANNA])
    found = case.read(ANNA)
    assert (found.state, found.plan, found.ticket, found.is_attributed) == ("expected", plan, "CHG-7", False)
    assert case.posts() == 0
    found = case.read(ANNA, minutes=7)
    assert (found.state, found.plan) == ("expected", plan), "planned too"
    found = case.read(MALLORY, minutes=9)
    assert found.actors == [ANNA, MALLORY]
    assert (found.state, found.plan, found.ticket, found.reviewed_at) == ("waiting", None, "", None)
    assert case.timeline()[-1] == (
        "caught",
        "Reopened: the planned change “Open the site” does not cover all operations that may have made this change.",
    )
    assert case.posts() == 1
    with factories.in_tenant(case.tenant):
        entry = JournalEntry.objects.get(tenant=case.tenant, action="change.reopened")
    assert entry.details["changes"] == [str(case.change.pk)]


def test_a_plan_expects_a_waiting_change_when_its_operations_are_read(case: ChangedGroup) -> None:
    plan = case.plan(actors=[ANNA])
    assert case.read().state == "waiting", "the log has no operation yet"
    assert case.posts() == 1
    found = case.read(ANNA)
    assert (found.state, found.plan, found.ticket) == ("expected", plan, "CHG-7")
    assert found.reviewed_at is not None
    assert case.timeline()[-1] == ("planned", "Open the site")
    with factories.in_tenant(case.tenant):
        entry = JournalEntry.objects.get(tenant=case.tenant, action="change.expected")
    assert entry.details["changes"] == [str(case.change.pk)]
    assert entry.details["reason"] == "Expected by the planned change “Open the site”."
    assert case.posts() == 1
    assert case.read(MALLORY, minutes=9).state == "waiting", "the plan does not expect this operation"


def test_a_plan_does_not_change_what_a_person_reviewed_as_unexpected(case: ChangedGroup) -> None:
    case.plan(actors=[ANNA])
    found = case.read()
    with factories.in_tenant(case.tenant):
        due_at = case.now + timedelta(days=1)
        reject(
            tenant=case.tenant,
            changes=[found],
            by=case.reviewer,
            reason="Why?",
            owner=case.reviewer,
            due_at=due_at,
        )
    assert case.read(ANNA).state == "unexpected"


def test_a_person_who_reviewed_a_planned_change_keeps_the_review(case: ChangedGroup) -> None:
    case.plan(actors=[ANNA])
    found = case.read(ANNA)
    with factories.in_tenant(case.tenant):
        accept(tenant=case.tenant, changes=[found], by=case.reviewer, reason="Asked Anna")
    assert case.read(MALLORY, minutes=9).state == "expected"


@pytest.mark.parametrize("actor", [GUEST, "Ada@partner.example"])
def test_the_log_reopens_what_the_only_actor_reviewed(case: ChangedGroup, actor: str) -> None:
    found = case.read()
    assert (found.state, found.actors) == ("waiting", [])
    told = case.posts()
    with factories.in_tenant(case.tenant):
        accept(tenant=case.tenant, changes=[found], by=case.reviewer, reason="Fine", ticket="CHG-1")
    found = case.read(actor)
    assert (found.state, found.reviewed_by, found.reason, found.ticket) == ("waiting", None, "", "")
    assert case.timeline()[-1][1].startswith(
        "Reopened: according to the activity log, the change was made only"
    )
    assert case.posts() == told + 1, "published again"
    with factories.in_tenant(case.tenant):
        for action in (accept, mark_rolled_back):
            with pytest.raises(OwnChange):
                action(tenant=case.tenant, changes=[found], by=case.reviewer, reason="Fine")


@pytest.mark.slow(seconds=1)
def test_a_service_account_reviews_nothing_that_only_people_who_control_it_changed(
    case: ChangedGroup,
) -> None:
    program = program_of(case.tenant, case.reviewer)
    found = case.read()
    with person_scope(program):
        accept(tenant=case.tenant, changes=[found], by=program, reason="Ordered by phone")
    found = case.read(GUEST)
    assert (found.state, found.reviewed_by) == ("waiting", None)
    assert "only by people who control the service account" in case.timeline()[-1][1]
    with person_scope(program):
        for action in (accept, mark_rolled_back):
            with pytest.raises(OwnChange, match="Only people who control this service account"):
                action(tenant=case.tenant, changes=[found], by=program, reason="Fine")
    found = case.read(MALLORY, minutes=9)
    with person_scope(program):
        accept(tenant=case.tenant, changes=[found], by=program, reason="Fine")


def test_the_log_keeps_a_review_if_somebody_else_may_have_made_the_change(case: ChangedGroup) -> None:
    found = case.read()
    with factories.in_tenant(case.tenant):
        mark_rolled_back(tenant=case.tenant, changes=[found], by=case.reviewer)
    assert case.read(MALLORY).state == "rolled_back"
    assert case.read(GUEST, minutes=9).state == "rolled_back"


def test_rules_that_could_not_be_compared_catch_the_change_and_the_timeline_says_so(
    case: ChangedGroup,
) -> None:
    with factories.in_tenant(case.tenant):
        catch(
            tenant=case.tenant,
            changes=[case.change],
            since=case.at(60),
            now=case.now,
            budget=Budget(0),
        )
    assert "Locks removed" in case.current().rules
    assert case.current().severity == "high"
    assert case.timeline()[0][1].endswith(CUT)


@pytest.fixture
def committed_case(committed: None) -> ChangedGroup:
    return ChangedGroup()


def test_a_recording_does_not_wait_for_another_one(committed_case: ChangedGroup) -> None:
    case = committed_case
    case.read()
    is_locked, may_end = threading.Event(), threading.Event()

    def record_slowly() -> None:
        try:
            with factories.in_tenant(case.tenant), transaction.atomic():
                ChangesCursor.objects.select_for_update().get(tenant=case.tenant)
                is_locked.set()
                may_end.wait(60)
        finally:
            connections["default"].close()

    other = threading.Thread(target=record_slowly)
    other.start()
    try:
        assert is_locked.wait(60)
        assert case.read(ANNA).actors == [], "the other recording has the cursor"
    finally:
        may_end.set()
        other.join()
    assert case.read().actors == [ANNA], "the next recording finds what was left"


def test_a_change_that_was_deleted_meanwhile_is_not_reviewed(case: ChangedGroup) -> None:
    found, gone = case.read(), ResourceChange(tenant=case.tenant)
    with factories.in_tenant(case.tenant):
        for changes in ([gone], [found, gone]):
            with pytest.raises(Conflict, match="retention policy"):
                accept(tenant=case.tenant, changes=changes, by=case.reviewer, reason="Fine")
    assert case.current().state == "waiting"

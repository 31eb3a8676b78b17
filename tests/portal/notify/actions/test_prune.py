"""Pruning deletes old rows at the right time. Events whose rows were deleted are not published again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from assessments.controls.registry import catalogue, is_bound
from assessments.models import Assessment, Finding, FindingChange, Schedule
from portal.notify.actions import prune as pruning
from portal.notify.actions.prune import prune
from portal.notify.kinds import KINDS, Delivery
from portal.notify.models import Channel, DedupKey, Notice, Post
from portal.retention.actions.policy import set_periods
from portal.retention.tasks import announce
from portal.treatment.actions.attestations.attest import attest
from portal.treatment.actions.campaign_notices import announce_campaign
from portal.treatment.actions.campaigns import start_campaign
from portal.treatment.actions.exceptions import approve, request_exception
from portal.treatment.actions.owners.assign import assign
from portal.treatment.actions.refresh import refresh_treatments
from portal.treatment.actions.transitions import apply_transitions
from portal.treatment.models import Attestation, FindingException
from tenants.actions import revoke_membership
from tenants.locks import Lock, lock
from tenants.models import Membership, Person, ServicePrincipal, Tenant
from tenants.roles import Role
from tenants.scope import organization_scope
from tests import factories
from tests.factories import BY
from tests.portal.notify.outbox import add_channel
from tests.portal.treatment.owner_cases import CustomerWithOwners, customer_with_owners

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
BOUND = next(slug for slug in sorted(catalogue()) if is_bound(slug))


def notice(tenant: Tenant, person: Person, days: float, **given: Any) -> Notice:
    at = timezone.now() - days * DAY
    values = {"state": "sent", "kind": "mentioned", "delivery": Delivery.IMMEDIATE, **given}
    return Notice.objects.create(
        tenant=tenant, person=person, key=f"{days}:{given}"[:200], title="t", path="/x/", created_at=at,
        due_at=at, **values,
    )  # fmt: skip


def post(channel: Channel, days: float, **given: Any) -> Post:
    at = timezone.now() - days * DAY
    return Post.objects.create(
        tenant=channel.tenant, channel=channel, kind="mentioned", key=f"{days}:{given}"[:200], payload={},
        created_at=at, due_at=at, **given,
    )  # fmt: skip


def test_only_rows_past_their_retention_are_deleted(settings: Any) -> None:
    settings.SURETY_NOTICE_DAYS, settings.SURETY_POST_DAYS, settings.SURETY_DEAD_LETTER_DAYS = 180, 90, 365
    tenant = factories.tenant()
    who = factories.member(Role.AUDITOR, tenant)
    channel, _ = add_channel(tenant, "https://hooks.example.com/")
    with factories.in_tenant(tenant):
        now = timezone.now()
        stays: list[Notice | Post] = [
            notice(tenant, who, 179.9),
            notice(tenant, who, 179.9, state="kept"),
            notice(
                tenant, who, 900, state="waiting"
            ),  # The mail server has been unreachable for a long time.
            notice(tenant, who, 364.9, state="failed"),
            post(channel, 400, state="delivered", delivered_at=now - 89.9 * DAY),
            post(channel, 89.9, state="dropped"),
            post(channel, 364.9, state="dead"),
            post(channel, 900, state="waiting"),
        ]
        goes: list[Notice | Post] = [
            notice(tenant, who, 180.1),
            notice(tenant, who, 180.1, read_at=now),
            notice(tenant, who, 180.1, state="kept"),
            notice(tenant, who, 365.1, state="failed"),
            post(channel, 91, state="delivered", delivered_at=now - 90.1 * DAY),
            post(channel, 90.1, state="dropped"),
            post(channel, 365.1, state="dead"),
        ]
    done = prune(tenant_id=tenant.pk)
    assert (done.notices, done.posts) == (4, 3)
    with factories.in_tenant(tenant):
        left: set[UUID] = {*Notice.objects.values_list("pk", flat=True)}
        left |= {*Post.objects.values_list("pk", flat=True)}
        assert left == {row.pk for row in stays}
        assert left.isdisjoint(row.pk for row in goes)
        assert not DedupKey.objects.exists()
    assert prune(tenant_id=str(tenant.pk)) == pruning.Pruned()


def test_each_batch_is_committed_separately(monkeypatch: pytest.MonkeyPatch) -> None:
    tenant = factories.tenant()
    who = factories.member(Role.AUDITOR, tenant)
    monkeypatch.setattr(pruning, "BATCH", 4)
    with factories.in_tenant(tenant):
        for number in range(10):
            notice(tenant, who, 200 + number)
    calls: list[UUID] = []

    def fail_in_third_batch(which: Lock, tenant_id: UUID) -> None:
        calls.append(tenant_id)
        if len(calls) == 3:
            raise RuntimeError("killed")
        lock(which, tenant_id)

    monkeypatch.setattr("portal.notify.actions.prune.lock", fail_in_third_batch)
    with pytest.raises(RuntimeError):
        prune(tenant_id=tenant.pk)
    with factories.in_tenant(tenant):
        assert Notice.objects.count() == 2
    assert prune(tenant_id=tenant.pk).notices == 2


def test_a_run_deletes_a_limited_number_of_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    tenant = factories.tenant()
    who = factories.member(Role.AUDITOR, tenant)
    monkeypatch.setattr(pruning, "MAX_ROWS", 3)
    with factories.in_tenant(tenant):
        for number in range(5):
            notice(tenant, who, 200 + number)
    assert [prune(tenant_id=tenant.pk).notices for _ in range(3)] == [3, 2, 0]


def test_a_post_retried_during_the_run_is_not_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    tenant = factories.tenant()
    channel, _ = add_channel(tenant, "https://hooks.example.com/")
    with factories.in_tenant(tenant):
        retried, other = post(channel, 400, state="dead"), post(channel, 401, state="dead")

    def retry_before_lock(which: Lock, tenant_id: UUID) -> None:
        Post.objects.filter(pk=retried.pk).update(state="waiting")
        lock(which, tenant_id)

    monkeypatch.setattr("portal.notify.actions.prune.lock", retry_before_lock)
    assert prune(tenant_id=tenant.pk).posts == 1
    with factories.in_tenant(tenant):
        assert Post.objects.get() == retried
        assert not Post.objects.filter(pk=other.pk).exists()


def test_a_post_is_never_deleted_without_storing_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A post that is retried and fails again while it is being pruned is kept until the next run."""
    tenant = factories.tenant()
    channel, _ = add_channel(tenant, "https://hooks.example.com/")
    with factories.in_tenant(tenant):
        row = post(channel, 400, state="dead")
        Post.objects.filter(pk=row.pk).update(standing=True)
    keep_dedup_keys = pruning._keep_dedup_keys

    def retry_before_lock(which: Lock, tenant_id: UUID) -> None:
        Post.objects.filter(pk=row.pk).update(state="waiting")
        lock(which, tenant_id)

    def fail_after_keys(tenant_id: UUID, standing: Any, whom: str) -> None:
        keep_dedup_keys(tenant_id, standing, whom)
        Post.objects.filter(pk=row.pk).update(state="dead")

    monkeypatch.setattr(pruning, "lock", retry_before_lock)
    monkeypatch.setattr(pruning, "_keep_dedup_keys", fail_after_keys)
    assert prune(tenant_id=tenant.pk).posts == 0
    monkeypatch.undo()
    assert prune(tenant_id=tenant.pk).posts == 1
    with factories.in_tenant(tenant):
        assert DedupKey.objects.filter(key=row.key, channel=channel).count() == 1


def test_only_rows_of_the_given_tenant_are_deleted() -> None:
    tenant, other = factories.tenant(), factories.tenant()
    for customer in (tenant, other):
        who = factories.member(Role.AUDITOR, customer)
        with factories.in_tenant(customer):
            notice(customer, who, 300)
    assert prune(tenant_id=tenant.pk).notices == 1
    with factories.in_tenant(other):
        assert Notice.objects.count() == 1


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """``later(days)`` sets the clock forward by that many days from now."""
    real = timezone.now

    def set_clock(days: float) -> datetime:
        monkeypatch.setattr(timezone, "now", lambda: real() + days * DAY)
        return timezone.now()

    return set_clock  # type: ignore[return-value]


def prune_all_rows(tenant: Tenant) -> int:
    """Mark all rows as delivered, and prune them at a time when their retention is over. Return the number of rows."""
    with factories.in_tenant(tenant):
        Notice.objects.update(state="sent")
        Post.objects.update(state="delivered", delivered_at=timezone.now())
    done = prune(tenant_id=tenant.pk, now=timezone.now() + 1000 * DAY)
    with factories.in_tenant(tenant):
        assert not Notice.objects.exists()
        assert not Post.objects.exists()
    return done.notices + done.posts


def published(tenant: Tenant) -> list[tuple[str, str]]:
    with factories.in_tenant(tenant):
        people = Notice.objects.values_list("kind", "person__email")
        return sorted([*people, *((kind, "channel") for kind in Post.objects.values_list("kind", flat=True))])


def answer_with_changed_value(customer: CustomerWithOwners) -> Attestation:
    """Answer a manual control and change the observed value afterwards."""
    row = customer.manual(50, control=BOUND)
    answer = attest(
        finding=row,
        by=customer.engineer,
        met=True,
        statement="Looked.",
        valid_until=timezone.now() + 300 * DAY,
    )
    Finding.objects.filter(pk=row.pk).update(observed_sha256="b" * 64)
    return answer


@pytest.mark.slow(seconds=1)
def test_a_standing_event_is_not_published_again_after_pruning(later: Any) -> None:
    customer = customer_with_owners()
    add_channel(customer.tenant, "https://hooks.example.com/", kinds=["attestation_lapsed"])
    with factories.in_tenant(customer.tenant):
        answer = answer_with_changed_value(customer)
        apply_transitions(tenant=customer.tenant)
    first = [("attestation_lapsed", "channel"), ("attestation_lapsed", customer.engineer.email)]
    assert published(customer.tenant) == sorted(first)
    for days in (0, 200, 280):
        later(days)
        with factories.in_tenant(customer.tenant):
            apply_transitions(tenant=customer.tenant)
        assert published(customer.tenant) == (sorted(first) if days == 0 else [])
        assert prune_all_rows(customer.tenant) == (2 if days == 0 else 0)
    with factories.in_tenant(customer.tenant):
        assert DedupKey.objects.count() == 2
        # The new owner gets a notice of the event. The channel does not get the event again.
        assign(
            tenant=customer.tenant,
            findings=Finding.objects.filter(pk=answer.finding_id),
            owner=customer.owner,
            by=customer.engineer,
        )
        Notice.objects.filter(kind="assigned").delete()
        apply_transitions(tenant=customer.tenant)
    assert published(customer.tenant) == [("attestation_lapsed", customer.owner.email)]


@pytest.mark.slow(seconds=2)
def test_no_automatic_event_is_published_again_after_pruning(later: Any) -> None:
    """Publish an event of every automatic kind, prune everything, and run the tasks again while the causes exist."""
    customer = customer_with_owners()
    tenant = customer.tenant
    approver = factories.member(Role.APPROVER, tenant)
    add_channel(tenant, "https://hooks.example.com/", kinds=list(KINDS))
    now = timezone.now()
    with factories.in_tenant(tenant):
        rows = [
            customer.failing(number, failing_since=now - 90 * DAY, resource_group=f"rg-{number}")
            for number in range(6)
        ]
        soon = customer.manual(20)
        attest(finding=soon, by=customer.engineer, met=True, statement="s", valid_until=now + 40 * DAY)
        answer_with_changed_value(customer)
        for row, days in ((rows[0], 10), (rows[1], 30), (rows[2], 120)):
            exception = request_exception(
                tenant=tenant,
                by=customer.engineer,
                scope=FindingException.Scope.FINDING,
                reason="Until the migration.",
                findings=Finding.objects.filter(pk=row.pk),
                ends_at=now + days * DAY,
            )
            approve(exception=exception, by=approver)
        request_exception(
            tenant=tenant, by=customer.engineer, scope=FindingException.Scope.FINDING, reason="Until the migration.",
            findings=Finding.objects.filter(pk=rows[3].pk), ends_at=now + 100 * DAY,
        )  # fmt: skip
        # The approved value changes, so this exception is returned.
        Finding.objects.filter(pk=rows[2].pk).update(observed_sha256="c" * 64)
        principal = factories.service_principal(factories.directory(tenant))
        ServicePrincipal.objects.filter(pk=principal.pk).update(
            last_error_code="AADSTS7000222", refused_since=now
        )
        Schedule.objects.create(
            tenant=tenant,
            rule="daily 02:00 within 120",
            missed_count=1,
            missed_from=now - DAY,
            missed_until=now - DAY,
            missed_at=now,
            paused_since=now,
        )
        assign(tenant=tenant, findings=Finding.objects.all(), owner=customer.owner, by=customer.engineer)
        assign(
            tenant=tenant,
            findings=Finding.objects.filter(pk=rows[5].pk),
            owner=customer.other,
            by=customer.engineer,
        )
        run = Assessment.objects.create(
            tenant=tenant, number=1, state="finished", ended_at=now, catalogue_hash="c" * 64,
            product_version="1",
        )  # fmt: skip
        Finding.objects.filter(pk=rows[4].pk).update(failing_since=now + 50 * DAY)
        FindingChange.objects.create(
            tenant=tenant, finding=rows[4], assessment=run, at=now + 50 * DAY, before_outcome="pass",
            after_outcome="fail", reason="r",
        )  # fmt: skip
        set_periods(tenant=tenant, by=customer.engineer, wanted={"evidence": 100})
    with organization_scope(tenant.organization):
        leader = factories.member(Role.ORGANIZATION_ENGINEER, tenant.organization)
        campaign = start_campaign(
            organization=tenant.organization,
            by=leader,
            control=rows[5].control,
            tenants=[tenant],
            owner=leader,
            due_on=now.date() + 30 * DAY,
        )
        revoke_membership(by=BY, membership=Membership.objects.get(person=customer.other))
    announce_campaign(organization_id=tenant.organization_id, campaign_id=campaign.pk)
    kinds: set[str] = set()
    for days in (0, 20, 35, 60, 130):
        later(days)
        refresh_treatments(tenant_id=tenant.pk, assessment_id=run.pk if days == 60 else None)
        announce(str(tenant.pk))
        kinds |= {kind for kind, _ in published(tenant)}
        prune_all_rows(tenant)
        for again in (0, 0.02):
            later(days + again)
            refresh_treatments(tenant_id=tenant.pk)
            announce(str(tenant.pk))
            assert published(tenant) == [], days
    automatic = {key for key, kind in KINDS.items() if kind.automatic}
    assert kinds == automatic | {"assigned", "campaign_started", "exception_requested", "exception_decided"}

"""Sending lost work again, and starting an assessment exactly once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from structlog.testing import capture_logs

from assessments.actions.cancel import cancel
from assessments.actions.prepare import prepare
from assessments.actions.profiles import overrides_of, switch_off
from assessments.actions.recover import recover
from assessments.actions.units.dispatch import LOST_AFTER
from assessments.actions.units.lease import Busy
from assessments.actions.units.run import run_unit
from assessments.controls.registry import catalogue_hash
from assessments.errors import AlreadyRunning
from assessments.models import Assessment, Unit
from assessments.version import VERSION
from tenants.actions.service_principals import set_principal_enabled
from tenants.models import ServicePrincipal
from tenants.scope import tenant_scope
from tests.as_owner import change_as_owner
from tests.assessments.actions.unit_leases import PREPARE, RUN, SCOPE, expire, take
from tests.assessments.sandboxed_customer import BY, Customer, ids, sent, work
from tests.concurrency import run_concurrently


def age(customer: Customer) -> None:
    """Make every assessment old enough that its messages count as lost."""
    seconds = LOST_AFTER.total_seconds() + 1
    change_as_owner(
        "assessments_assessment",
        customer.tenant,
        f"UPDATE assessments_assessment SET created_at = created_at - interval '{seconds} s',"
        f" started_at = started_at - interval '{seconds} s'",
    )
    with tenant_scope(customer.tenant.pk):
        waiting = Unit.objects.filter(state=Unit.State.WAITING, lease_until__isnull=False)
        waiting.update(lease_until=timezone.now() - timedelta(seconds=1))


def recovered(customer: Customer) -> list[str]:
    with tenant_scope(customer.tenant.pk):
        count = recover(tenant=customer.tenant)
    messages = [task for task, _ in sent()]
    assert len(messages) == count
    return messages


@pytest.mark.slow(seconds=1)
def test_recover_resends_lost_messages(customer: Customer) -> None:
    assessment = customer.start()
    sent()  # Remove the messages, as if the broker had lost them.
    assert recovered(customer) == []  # The messages are too recent to count as lost.
    age(customer)
    assert recovered(customer) == [PREPARE]
    prepare(**ids(assessment))
    sent()
    assert recovered(customer) == []
    age(customer)
    assert recovered(customer) == [RUN, RUN]
    assert recovered(customer) == []
    take(customer, assessment)
    age(customer)
    assert recovered(customer) == [RUN]  # Only the unit that is still waiting is sent again.
    expire(customer)
    age(customer)
    assert recovered(customer) == [RUN, RUN]
    age(customer)
    with tenant_scope(customer.tenant.pk):
        recover(tenant=customer.tenant)
    work()
    assert customer.read(assessment).state == "finished"
    assert recovered(customer) == []


def upgrade(customer: Customer, assessment: Assessment) -> None:
    """Let the assessment look as if a release with other controls had started it."""
    with tenant_scope(customer.tenant.pk):
        Assessment.objects.filter(pk=assessment.pk).update(catalogue_hash="0" * 64, product_version="0.0.1")


def read_directory(customer: Customer, assessment: Assessment) -> None:
    (unit,) = [unit for unit in customer.units(assessment).values() if unit.kind == Unit.Kind.DIRECTORY]
    run_unit(tenant_id=customer.tenant.pk, unit_id=unit.pk, worker="w")
    sent()


def prepares(customer: Customer) -> tuple[int, int]:
    """Call `recover`. Return the number of messages that it reports, and the number of sent messages PREPARE.

    The end of an assessment sends further messages, which `recover` does not report.
    """
    with tenant_scope(customer.tenant.pk):
        count = recover(tenant=customer.tenant)
    return count, [task for task, _ in sent()].count(PREPARE)


def test_assessment_without_verdicts_is_judged_by_the_new_release(
    customer: Customer, prepared: Assessment
) -> None:
    with tenant_scope(customer.tenant.pk):
        switch_off(tenant=customer.tenant, by=BY, slug="storage-secure-transfer", reason="Checked by hand")
        wanted = overrides_of(customer.tenant)
    take(customer, prepared)
    before = customer.units(prepared)[SCOPE].started_at
    upgrade(customer, prepared)
    with pytest.raises(Busy):
        read_directory(customer, prepared)
    expire(customer)
    assert take(customer, prepared) is not None
    found = customer.read(prepared)
    assert (found.catalogue_hash, found.product_version) == (catalogue_hash(), VERSION)
    assert found.parameters == wanted
    assert "storage-secure-transfer" in wanted
    again = customer.units(prepared)[SCOPE].started_at
    assert before is not None
    assert again is not None
    assert again > before, "the verdicts are judged as of the second attempt"


@pytest.mark.slow(seconds=2)
def test_assessment_with_verdicts_of_another_release_starts_again(
    customer: Customer, prepared: Assessment
) -> None:
    read_directory(customer, prepared)
    take(customer, prepared)
    upgrade(customer, prepared)
    assert recovered(customer) == [], "a worker of the earlier release still runs the unit"
    expire(customer)
    assert take(customer, prepared) is None
    assert prepares(customer) == (1, 1)
    ended = customer.read(prepared)
    assert (ended.state, ended.product_version, ended.cancel_requested_at) == ("cancelled", "0.0.1", None)
    assert sorted(unit.state for unit in customer.units(prepared).values()) == ["cancelled", "done"]
    with tenant_scope(customer.tenant.pk):
        newest = Assessment.objects.get(number=2)
    assert (newest.state, newest.trigger, newest.only) == ("queued", prepared.trigger, [])
    assert newest.catalogue_hash == catalogue_hash()
    prepare(**ids(newest))
    work()
    assert customer.read(newest).state == "finished"
    assert recovered(customer) == []


@pytest.mark.slow(seconds=1)
def test_cancelled_assessment_of_another_release_does_not_start_again(
    customer: Customer, prepared: Assessment
) -> None:
    read_directory(customer, prepared)
    take(customer, prepared)
    upgrade(customer, prepared)
    with tenant_scope(customer.tenant.pk):
        cancel(assessment=customer.read(prepared), by=BY)
    expire(customer)
    assert recovered(customer) == [RUN]
    assert take(customer, prepared) is None
    assert customer.read(prepared).state == "cancelled"
    assert prepares(customer) == (0, 0)


@pytest.mark.slow(seconds=1)
def test_assessment_of_another_release_only_ends_if_no_principal_is_enabled(
    customer: Customer, prepared: Assessment
) -> None:
    read_directory(customer, prepared)
    upgrade(customer, prepared)
    with tenant_scope(customer.tenant.pk):
        for principal in ServicePrincipal.objects.all():
            set_principal_enabled(by=BY, service_principal=principal, enabled=False)
    with capture_logs() as logs:
        assert prepares(customer) == (0, 0)
    (line,) = [one for one in logs if one["event"] == "assessment not started again"]
    assert line["assessment"] == str(prepared.pk)
    assert customer.read(prepared).state == "cancelled"
    with tenant_scope(customer.tenant.pk):
        assert Assessment.objects.count() == 1


def test_concurrent_starts_start_one_assessment(customer: Customer) -> None:
    results = run_concurrently(*[customer.start] * 4, caught=(AlreadyRunning,))
    assert sorted(type(result).__name__ for result in results) == ["AlreadyRunning"] * 3 + ["Assessment"]
    assert [task for task, _ in sent()] == [PREPARE]

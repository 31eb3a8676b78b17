"""Exceptions whose findings or policy change before a decision, and the maximum size of batches and journal entries."""

from __future__ import annotations

import pytest
from django.db import transaction

from assessments.models import Finding
from portal.treatment.actions.acknowledge import acknowledge
from portal.treatment.actions.exceptions import approve
from portal.treatment.actions.owners.assign import assign
from portal.treatment.actions.transitions import apply_transitions
from portal.treatment.models import Batch
from tenants import journal
from tenants.errors import InvalidInput
from tenants.models import Tenant
from tests import factories
from tests.portal.treatment.exception_cases import DAY, NOW, CustomerWithApprovers

LATER = NOW + DAY


@pytest.fixture
def customer(db: None) -> CustomerWithApprovers:
    return CustomerWithApprovers()


def test_a_finding_that_passes_at_the_second_approval_and_fails_later_returns_the_exception(
    customer: CustomerWithApprovers,
) -> None:
    """`changed_at` marks that the value of the finding has changed. The second approval must clear it, although the
    finding passes. Otherwise the next change would not return the exception, and nobody would be notified.
    """
    one, two = customer.finding("a"), customer.finding("a")
    exception = customer.approved([one, two])
    customer.change(one, "b")
    with factories.in_tenant(customer.tenant):
        apply_transitions(tenant=customer.tenant, now=NOW + DAY)
    assert customer.read(exception).state == "returned"
    customer.set(one, outcome="pass", state="resolved", failing_since=None)
    with factories.in_tenant(customer.tenant):
        approve(exception=customer.read(exception), by=customer.approver, now=NOW + 2 * DAY)
        apply_transitions(tenant=customer.tenant, now=NOW + 2 * DAY)
    assert customer.read(exception).state == "active"
    assert all(item.changed_at is None for item in customer.items(exception).values())
    customer.set(one, outcome="fail", state="open", failing_since=NOW + 3 * DAY)
    customer.change(one, "c")
    with factories.in_tenant(customer.tenant):
        assert apply_transitions(tenant=customer.tenant, now=NOW + 3 * DAY).returned == 1
    assert customer.read(exception).state == "returned"
    assert (customer.shown(one, NOW + 3 * DAY), customer.shown(two, NOW + 3 * DAY)) == ("open", "excepted")


@pytest.mark.parametrize("again", [False, True])
def test_a_stricter_policy_applies_to_later_decisions(customer: CustomerWithApprovers, again: bool) -> None:
    one = customer.finding("a")
    ends = NOW + 100 * DAY
    exception = customer.approved([one], ends_at=ends) if again else customer.ask([one], ends_at=ends)
    if again:
        customer.change(one, "b")
        with factories.in_tenant(customer.tenant):
            apply_transitions(tenant=customer.tenant, now=LATER)
    with factories.in_tenant(customer.tenant):
        Tenant.objects.filter(pk=customer.tenant.pk).update(exception_cap_days=20)
        with pytest.raises(InvalidInput, match="at most 20 days") as caught, transaction.atomic():
            approve(exception=customer.read(exception), by=customer.other, now=LATER)
        assert "ends_at" in caught.value.fields
        done = approve(
            exception=customer.read(exception), by=customer.other, ends_at=LATER + 20 * DAY, now=LATER
        )
    assert (done.state, done.ends_at) == ("active", LATER + 20 * DAY)


def test_batches_and_journal_entries_have_a_limited_size(customer: CustomerWithApprovers) -> None:
    """The stored filters come from a URL, which may have any length and any characters, so they are cut."""
    one = customer.finding("a")
    filters = "q=" + "\x00x" * 100_000
    with factories.in_tenant(customer.tenant):
        rows = Finding.objects.filter(pk=one.pk)
        assign(
            tenant=customer.tenant, findings=rows, owner=customer.asker, by=customer.asker, filters=filters
        )
        acknowledge(tenant=customer.tenant, findings=rows, by=customer.asker, filters=filters)
        assert [len(batch.filters) for batch in Batch.objects.all()] == [2000, 2000]
        for entry in journal.entries(customer.tenant):
            assert len(str(entry.details)) < 4000

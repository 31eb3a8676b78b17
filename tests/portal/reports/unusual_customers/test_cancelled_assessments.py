"""Failures begin or end because settings changed, and an assessment was cancelled between the two complete ones."""

from __future__ import annotations

import pytest
from django.utils import timezone

from assessments.actions.cancel import cancel
from assessments.actions.control_settings import set_control_values
from assessments.actions.start import start
from assessments.models import Assessment
from portal.reports.facts.failures import count_failures
from tenants.models import Organization, Person
from tests import factories
from tests.portal.reports.unusual_customers.assessed import Customer, Read, assess, customer
from tests.portal.reports.unusual_customers.histories import SMALL, held_to


def _set(one: Customer, *, strict: bool) -> None:
    with factories.in_tenant(one.tenant):
        set_control_values(
            tenant=one.tenant, by=one.by, slug="identity-guests-limited", values={"strict": strict}
        )


def _cancelled(one: Customer, *, read: bool) -> None:
    """Cancel an assessment before it started, or after it has read the subscription."""
    with factories.in_tenant(one.tenant):
        if not read:
            cancel(assessment=start(tenant=one.tenant, by=one.by), by=one.by)
    if read:
        found = assess(one, [Read(one.subscriptions[0], [True])], only=True)
        with factories.in_tenant(one.tenant):
            Assessment.objects.filter(pk=found.pk).update(only=[], state=Assessment.State.CANCELLED)


@pytest.mark.slow(seconds=2)
@pytest.mark.parametrize("read", [False, True], ids=["nothing read", "read in part"])
@pytest.mark.parametrize("is_kept", [False, True], ids=["changed back", "kept"])
def test_a_cancelled_assessment_does_not_hide_a_change_of_settings(
    read: bool, is_kept: bool, provider: Organization, engineer: Person
) -> None:
    one = held_to(customer(provider, engineer), *SMALL)
    assess(one, [Read(one.directory, [False]), Read(one.subscriptions[0], [True])])
    since = timezone.now()
    _set(one, strict=True)
    _cancelled(one, read=read)
    if not is_kept:
        _set(one, strict=False)
    assess(one, [Read(one.directory, [True]), Read(one.subscriptions[0], [True])])
    with factories.in_tenant(one.tenant):
        counts = count_failures(one.tenant, since, timezone.now())
    with_settings = is_kept or read
    assert counts.ended_with_settings == with_settings
    assert counts.fixed.total() == (not with_settings)

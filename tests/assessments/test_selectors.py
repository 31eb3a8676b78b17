"""Find the units whose verdicts are current, after complete assessments and retries."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.utils import timezone

from assessments.models import Assessment, Unit
from assessments.selectors import current_units, foreign_subscriptions, read_together
from tenants.models import ServicePrincipal, Tenant
from tests import factories

GUIDS = [f"{number}0000000-0000-0000-0000-000000000000" for number in range(1, 4)]


@pytest.fixture
def principal(db: None) -> ServicePrincipal:
    return factories.service_principal()


def ended(principal: ServicePrincipal, number: int, units: dict[int, str], *, only: bool) -> Assessment:
    """Create an ended assessment with a unit in the given state for each subscription. Requires the tenant's scope.

    With `only`, the assessment is a retry that is limited to the subscriptions in `units`.
    """
    assessment = Assessment.objects.create(
        tenant_id=principal.tenant_id,
        number=number,
        state=Assessment.State.FINISHED,
        ended_at=timezone.now(),
        catalogue_hash="",
        product_version="",
        only=[f"/subscriptions/{GUIDS[index]}" for index in units] if only else [],
    )
    for index, state in units.items():
        Unit.objects.create(
            tenant_id=principal.tenant_id,
            assessment=assessment,
            kind=Unit.Kind.SUBSCRIPTION,
            azure_id=GUIDS[index],
            name=f"Subscription {index}",
            directory_id=principal.directory_id,
            state=state,
        )
    return assessment


def standing(assessment: Assessment) -> list[tuple[int, int, str]]:
    rows = current_units(assessment).select_related("assessment")
    return [(GUIDS.index(row.azure_id), row.assessment.number, row.state) for row in rows]


def tenant_of(principal: ServicePrincipal) -> Tenant:
    return Tenant(pk=UUID(str(principal.tenant_id)))


def test_complete_assessment_has_only_its_own_units(principal: ServicePrincipal) -> None:
    with factories.in_tenant(tenant_of(principal)):
        ended(principal, 1, {0: "done", 1: "done", 2: "failed"}, only=False)
        second = ended(principal, 2, {0: "done", 1: "failed"}, only=False)
        assert standing(second) == [(0, 2, "done"), (1, 2, "failed")]


def test_retry_keeps_units_of_earlier_assessments(principal: ServicePrincipal) -> None:
    with factories.in_tenant(tenant_of(principal)):
        first = ended(principal, 1, {0: "done", 1: "failed", 2: "done"}, only=False)
        second = ended(principal, 2, {1: "done"}, only=True)
        third = ended(principal, 3, {2: "cancelled"}, only=True)
        assert standing(first) == [(0, 1, "done"), (1, 1, "failed"), (2, 1, "done")]
        assert standing(second) == [(0, 1, "done"), (1, 2, "done"), (2, 1, "done")]
        assert standing(third) == [(0, 1, "done"), (1, 2, "done"), (2, 1, "done")]


def test_assessment_cancelled_before_it_began_hides_no_units(principal: ServicePrincipal) -> None:
    with factories.in_tenant(tenant_of(principal)):
        ended(principal, 1, {0: "done", 1: "done"}, only=False)
        ended(principal, 2, {}, only=False)
        Assessment.objects.filter(number=2).update(state=Assessment.State.CANCELLED)
        third = ended(principal, 3, {1: "done"}, only=True)
        assert standing(third) == [(0, 1, "done"), (1, 3, "done")]


def test_first_assessment_may_cover_only_some_units(principal: ServicePrincipal) -> None:
    with factories.in_tenant(tenant_of(principal)):
        first = ended(principal, 1, {0: "done"}, only=True)
        assert standing(first) == [(0, 1, "done")]


def test_single_resources_are_read_only_in_assessed_subscriptions_of_the_same_customer(
    principal: ServicePrincipal,
) -> None:
    own = [factories.subscription(principal, name) for name in ("Production", "Network")]
    left_out = factories.subscription(principal, "Excluded")
    foreign = factories.foreign_subscription(principal, "22222222-0000-0000-0000-000000000009")
    other = factories.service_principal(factories.directory(principal.tenant))
    factories.foreign_subscription(other, principal.directory.directory_id)
    factories.subscription(factories.service_principal(), "Of another customer")
    with factories.in_tenant(tenant_of(principal)):
        left_out.included = False
        left_out.save()
        assessment = ended(principal, 1, {0: "done"}, only=False)
        unit = assessment.units.get()
        assert read_together(unit) == sorted(one.subscription_id for one in own)
        assert foreign_subscriptions(unit) == [foreign.subscription_id]
        unit.is_delegated = True
        assert read_together(unit) == foreign_subscriptions(unit) == []
        unit.is_delegated, unit.kind = False, Unit.Kind.DIRECTORY
        assert read_together(unit) == []

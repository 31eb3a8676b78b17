"""Concurrent attestations: one is in effect, and none is lost."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import pytest
from django.utils import timezone

from assessments.models import Finding
from portal.notify.models import Notice
from portal.treatment.actions.attestations.attest import attest, lapse_expired, withdraw_attestation
from portal.treatment.errors import WrongState
from portal.treatment.models import Attestation, Treatment, TreatmentEvent
from tenants import journal
from tenants.models import JournalEntry
from tests import factories
from tests.portal.treatment.exception_cases import run_in_tenant
from tests.portal.treatment.owner_cases import CustomerWithOwners, customer_with_owners

ROUNDS = 3
DAY = timedelta(days=1)


@pytest.fixture
def customer(committed: None) -> CustomerWithOwners:
    return customer_with_owners()


def answer(
    customer: CustomerWithOwners, finding: Finding, *, met: bool = True, now: datetime | None = None
) -> Attestation:
    moment = now or timezone.now()
    return attest(
        finding=finding, by=customer.owner if met else customer.engineer, met=met, statement="Looked at all of it.",
        valid_until=moment + 30 * DAY, now=now,
    )  # fmt: skip


def entries(customer: CustomerWithOwners, action: str) -> int:
    assert journal.verify(customer.tenant) == []
    return JournalEntry.objects.filter(tenant=customer.tenant, action=action).count()


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_of_two_concurrent_attestations_the_later_is_in_effect(
    customer: CustomerWithOwners, _round: int
) -> None:
    with factories.in_tenant(customer.tenant):
        row = customer.manual()
    run_in_tenant(
        customer.tenant, partial(answer, customer, row, met=True), partial(answer, customer, row, met=False)
    )
    with factories.in_tenant(customer.tenant):
        later, earlier = Attestation.objects.filter(finding=row)
        held = Treatment.objects.get(finding=row)
        assert (held.attestation_id, held.attested_met) == (later.pk, later.met)
        lines = TreatmentEvent.objects.filter(finding=row).order_by("at", "id")
        first, second = [(line.attestation_id, line.before) for line in lines]
        assert first == (earlier.pk, "Not attested")
        assert second[0] == later.pk
        assert second[1].startswith("Met" if earlier.met else "Not met")
        assert entries(customer, "attestation.given") == 2


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_concurrent_withdrawals_succeed_once(customer: CustomerWithOwners, _round: int) -> None:
    with factories.in_tenant(customer.tenant):
        given = answer(customer, customer.manual())
    results = run_in_tenant(
        customer.tenant,
        *(
            partial(withdraw_attestation, attestation=given, by=who)
            for who in (customer.owner, customer.engineer)
        ),
    )
    assert sum(isinstance(result, WrongState) for result in results) == 1
    with factories.in_tenant(customer.tenant):
        assert Treatment.objects.get().attestation is None
        assert entries(customer, "attestation.withdrawn") == 1


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_expiry_concurrent_with_a_new_attestation_is_announced_once(
    customer: CustomerWithOwners, _round: int
) -> None:
    now = timezone.now()
    with factories.in_tenant(customer.tenant):
        row = customer.manual()
        old = answer(customer, row, now=now - 31 * DAY)
    lapse = partial(lapse_expired, tenant=customer.tenant, now=now)
    *_, new = run_in_tenant(customer.tenant, lapse, lapse, partial(answer, customer, row))
    with factories.in_tenant(customer.tenant):
        assert Treatment.objects.get(finding=row).attestation_id == new.pk
        old.refresh_from_db()
        lapsed = int(old.lapsed_at is not None)
        assert entries(customer, "attestation.lapsed") == lapsed
        assert Notice.objects.filter(kind="attestation_lapsed").count() == lapsed

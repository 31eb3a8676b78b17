"""People who could act as a service account do not decide about exceptions that the account requested."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from portal.queries.exceptions.inbox import waiting_requests
from portal.queries.frame.sidebar_numbers import sidebar_numbers
from portal.treatment.actions.exceptions import approve, refuse
from portal.treatment.actions.exceptions.records import approvers
from portal.treatment.errors import OwnRequest
from portal.treatment.models import FindingException
from tenants.models import Person, ServiceAccountController
from tenants.scope import organization_scope, person_scope
from tests.portal.treatment.exception_cases import NOW, CustomerWithApprovers

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer() -> CustomerWithApprovers:
    """A customer whose requester is a service account. `approver` is a controller of the account, `other` is not."""
    customer = CustomerWithApprovers()
    customer.asker = Person.objects.create_user(
        "0a@service.invalid", name="Tickets (service account)", is_service=True
    )
    with organization_scope(customer.tenant.organization_id):
        ServiceAccountController.objects.create(
            organization_id=customer.tenant.organization_id,
            account=customer.asker,
            person=customer.approver,
            since=NOW,
        )
    return customer


def decided(
    customer: CustomerWithApprovers, exception: FindingException, by: Person, action: Any, **given: Any
) -> None:
    with person_scope(by):
        action(exception=FindingException.objects.get(pk=exception.pk), by=by, now=NOW, **given)


def test_only_somebody_without_control_decides(customer: CustomerWithApprovers) -> None:
    exception = customer.ask([customer.finding()])
    with pytest.raises(OwnRequest, match="Tickets"):
        decided(customer, exception, customer.approver, approve)
    with pytest.raises(OwnRequest, match="Tickets"):
        decided(customer, exception, customer.approver, refuse, note="Not with production data.")
    decided(customer, exception, customer.other, approve)
    assert customer.read(exception).decided_by == customer.other


def test_lists_of_waiting_requests_leave_out_those_of_controlled_accounts(
    customer: CustomerWithApprovers,
) -> None:
    exception = customer.ask([customer.finding()])
    for who, number in ((customer.approver, 0), (customer.other, 1)):
        with person_scope(who):
            assert waiting_requests(who).count() == number
            assert sidebar_numbers(customer.tenant, NOW, who).to_decide == number
    with organization_scope(customer.tenant.organization_id):
        assert approvers(exception) == [customer.other]


def test_the_database_refuses_the_decision_too(customer: CustomerWithApprovers) -> None:
    exception = customer.ask([customer.finding()])
    values = {"state": "active", "decided_by": customer.approver, "decided_at": NOW}
    with (
        person_scope(customer.approver),
        pytest.raises(IntegrityError, match="controls a service account"),
        transaction.atomic(),
    ):
        FindingException.objects.filter(pk=exception.pk).update(**values)
    with person_scope(customer.other):
        FindingException.objects.filter(pk=exception.pk).update(**{**values, "decided_by": customer.other})

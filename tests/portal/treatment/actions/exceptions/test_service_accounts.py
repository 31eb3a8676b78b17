"""People who could act as a service account do not decide about exceptions that the account requested."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from portal.queries.exceptions.inbox import waiting_requests
from portal.queries.frame.sidebar_numbers import sidebar_numbers
from portal.treatment.actions.exceptions import approve, refuse
from portal.treatment.actions.exceptions.audit import approvers
from portal.treatment.errors import OwnRequest
from portal.treatment.models import FindingException
from tenants.models import Person, ServiceAccountController
from tenants.scope import organization_scope, person_scope
from tests.portal.treatment.exception_cases import NOW, CustomerWithApprovers

pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> CustomerWithApprovers:
    """A place whose requester is a service account that `approver` controls, and `other` does not."""
    place = CustomerWithApprovers()
    place.asker = Person.objects.create_user(
        "0a@service.invalid", name="Tickets (service account)", is_service=True
    )
    with organization_scope(place.tenant.organization_id):
        ServiceAccountController.objects.create(
            organization_id=place.tenant.organization_id,
            account=place.asker,
            person=place.approver,
            since=NOW,
        )
    return place


def decided(
    place: CustomerWithApprovers, exception: FindingException, by: Person, action: Any, **given: Any
) -> None:
    with person_scope(by):
        action(exception=FindingException.objects.get(pk=exception.pk), by=by, now=NOW, **given)


def test_only_somebody_without_control_decides(place: CustomerWithApprovers) -> None:
    exception = place.ask([place.finding()])
    with pytest.raises(OwnRequest, match="Tickets"):
        decided(place, exception, place.approver, approve)
    with pytest.raises(OwnRequest, match="Tickets"):
        decided(place, exception, place.approver, refuse, note="Not with production data.")
    decided(place, exception, place.other, approve)
    assert place.read(exception).decided_by == place.other


def test_lists_of_waiting_requests_leave_out_those_of_controlled_accounts(
    place: CustomerWithApprovers,
) -> None:
    exception = place.ask([place.finding()])
    for who, number in ((place.approver, 0), (place.other, 1)):
        with person_scope(who):
            assert waiting_requests(who).count() == number
            assert sidebar_numbers(place.tenant, NOW, who).to_decide == number
    with organization_scope(place.tenant.organization_id):
        assert approvers(exception) == [place.other]


def test_the_database_refuses_the_decision_too(place: CustomerWithApprovers) -> None:
    exception = place.ask([place.finding()])
    values = {"state": "active", "decided_by": place.approver, "decided_at": NOW}
    with (
        person_scope(place.approver),
        pytest.raises(IntegrityError, match="controls a service account"),
        transaction.atomic(),
    ):
        FindingException.objects.filter(pk=exception.pk).update(**values)
    with person_scope(place.other):
        FindingException.objects.filter(pk=exception.pk).update(**{**values, "decided_by": place.other})

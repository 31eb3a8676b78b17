"""Delegated subscriptions, and whether assessments of the assigned customer read them."""

from __future__ import annotations

import pytest

from tenants.actions.delegations import assign_delegations
from tenants.actions.subscriptions import include_subscription
from tenants.azure.delegations import DelegatedSubscription, listed_delegations, with_customers
from tenants.models import Organization
from tenants.scope import organization_scope, tenant_scope
from tests import factories
from tests.factories.places import BY

pytestmark = pytest.mark.django_db


def listed(organization: Organization) -> DelegatedSubscription:
    with organization_scope(organization):
        (found,) = with_customers(organization, listed_delegations(organization))
    return found


def test_a_subscription_that_the_customer_excludes_is_not_read() -> None:
    principal = factories.managing_principal()
    organization = principal.organization
    directory = factories.directory(factories.tenant(organization))
    delegation = factories.delegation(principal, directory.directory_id)
    with organization_scope(organization):
        (subscription,) = assign_delegations(
            by=BY, organization=organization, assignments={delegation.pk: directory}
        )
    found = listed(organization)
    assert (found.is_read, found.why_unread) == (True, "")
    for included in (False, True):
        with tenant_scope(directory.tenant_id):
            include_subscription(by=BY, subscription=subscription, included=included, reason="A copy")
        found = listed(organization)
        assert found.is_read is included
        assert found.why_unread == (
            "" if included else "The customer’s settings exclude the subscription from assessments"
        )

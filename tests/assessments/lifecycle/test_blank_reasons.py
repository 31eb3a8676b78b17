"""Actions that reduce or end the assessment of a customer refuse a reason without visible characters."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone

from assessments.actions.archive import archive_customer
from assessments.actions.own_controls import set_state
from assessments.actions.profiles import switch_off
from assessments.models import OwnControl, SwitchedOffControl
from tenants.actions import include_subscription
from tenants.errors import InvalidInput
from tenants.models import Subscription, Tenant
from tenants.roles import Role
from tenants.scope import organization_scope
from tests import factories

pytestmark = pytest.mark.django_db

# An empty Braille pattern, which counts as printable, and a character without width.
BLANK = ["\u2800", "\u200b"]


def exclude(tenant: Tenant, reason: str) -> None:
    row = Subscription.objects.get(tenant=tenant)
    include_subscription(by=factories.BY, subscription=row, included=False, reason=reason)


def retire(tenant: Tenant, reason: str) -> None:
    control = OwnControl.objects.get(organization=tenant.organization)
    by = factories.member(Role.ORGANIZATION_ADMINISTRATOR, tenant.organization)
    set_state(control=control, by=by, state=OwnControl.State.OFF, reason=reason)


ACTIONS: list[Callable[[Tenant, str], object]] = [
    lambda tenant, reason: switch_off(
        tenant=tenant, by=factories.BY, slug="storage-secure-transfer", reason=reason
    ),
    lambda tenant, reason: archive_customer(tenant=tenant, by=factories.BY, reason=reason),
    exclude,
    retire,
]


@pytest.mark.parametrize("reason", BLANK)
@pytest.mark.parametrize("action", ACTIONS)
def test_a_reason_that_nobody_can_see_is_refused(
    action: Callable[[Tenant, str], object], reason: str
) -> None:
    principal = factories.service_principal()
    factories.subscription(principal)
    tenant = principal.directory.tenant
    with organization_scope(tenant.organization):
        OwnControl.objects.create(
            organization=tenant.organization,
            slug="own-test-control",
            state=OwnControl.State.ACTIVE,
            version=1,
            changed_at=timezone.now(),
        )
        with pytest.raises(InvalidInput) as refused:
            action(tenant, reason)
        assert list(refused.value.fields) == ["reason"]
        assert not SwitchedOffControl.objects.exists()

"""The watch reads only the delegated subscription that is assigned to the customer, and only until the organization's
service principal is disabled.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from assessments.actions.watch.run import run_watch
from assessments.actions.watch.settings import set_watch
from assessments.models import ActivityEvent, Assessment, Watch
from tenants.actions.managing_principals import set_managing_principal_enabled
from tenants.scope import organization_scope, tenant_scope
from tests.assessments.sandboxed_customer import BY
from tests.isolation.lighthouse import SUBSCRIPTIONS, Msp


def _watch(msp: Msp, name: str) -> Watch:
    tenant = msp.customers[name].tenant
    with tenant_scope(tenant.pk):
        set_watch(tenant=tenant, by=BY, wanted=True)
        row, _ = Watch.objects.get_or_create(
            tenant=tenant,
            unit=f"/subscriptions/{SUBSCRIPTIONS[name]}",
            defaults={"next_at": timezone.now() + timedelta(minutes=1)},
        )
    run_watch(tenant_id=tenant.pk, watch_id=row.pk)
    with tenant_scope(tenant.pk):
        return Watch.objects.get(pk=row.pk)


@pytest.mark.slow(seconds=1)
def test_only_the_own_subscription_is_read_and_only_while_permitted(msp: Msp) -> None:
    msp.check_now()
    msp.assign("Alder")
    msp.customers["Alder"].assess()
    row = _watch(msp, "Alder")
    assert (row.code, row.read_at is not None) == ("", True)
    others = [guid for name, guid in SUBSCRIPTIONS.items() if name != "Alder"]
    assert not any(f"{guid}/providers/Microsoft.Insights" in msp.requests() for guid in others)
    with tenant_scope(msp.customers["Alder"].tenant.pk):
        assert not ActivityEvent.objects.exists()
        assert Assessment.objects.count() == 1
    with organization_scope(msp.organization):
        set_managing_principal_enabled(by=BY, principal=msp.principal, enabled=False)
    before = row.read_at
    row = _watch(msp, "Alder")
    assert (row.code, row.read_at, row.requests) == ("service_principal_removed", before, 0)

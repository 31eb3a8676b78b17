"""Administrators are notified when a rule begins to exclude a subscription that was assessed before."""

from __future__ import annotations

import pytest

from portal.notify.actions.exclusion_notices import announce_exclusions
from portal.notify.models import Notice
from portal.notify.tasks import NEW_EXCLUSIONS, new_exclusions, tick
from tenants.actions import include_subscription, sync_subscriptions
from tenants.actions.exclusion_rules import add_exclusion_rule, remove_exclusion_rule
from tenants.azure.credentials import DiscoveredSubscription
from tenants.models import ServicePrincipal, Subscription
from tenants.roles import Role
from tests import factories
from tests.assessments.sandboxed_customer import sent
from tests.portal.treatment.findings import make

pytestmark = pytest.mark.django_db(transaction=True)


def sync(principal: ServicePrincipal, *rows: Subscription, tags: dict[str, str]) -> None:
    """Update the subscriptions as a sign-in does. Azure lists `rows`, all of them with `tags`."""
    with factories.in_tenant(principal.tenant):
        lines = [DiscoveredSubscription(row.subscription_id, str(row), "Enabled", tags=tags) for row in rows]
        sync_subscriptions(by=factories.BY, service_principal=principal, discovered=lines)


def titles(tenant_of: ServicePrincipal) -> list[str]:
    """Publish the due notices. Do this twice, because the second time must add no notice. Return the titles of all
    notices so far.
    """
    for _ in range(2):
        new_exclusions(str(tenant_of.tenant_id))
    with factories.in_tenant(tenant_of.tenant):
        rows = Notice.objects.filter(kind="exclusion_begun").order_by("created_at", "pk")
        return list(rows.values_list("title", flat=True))


@pytest.mark.slow(seconds=1)
def test_a_tag_in_azure_cannot_hide_a_subscription_from_administrators() -> None:
    tenant = factories.tenant()
    principal = factories.service_principal(factories.directory(tenant))
    one, two = factories.subscription(principal, "One"), factories.subscription(principal, "Two")
    administrator = factories.member(Role.TENANT_ADMINISTRATOR, tenant)
    factories.member(Role.AUDITOR, tenant)
    with factories.in_tenant(tenant):
        for number, row in enumerate((one, two)):
            make(tenant, {"unit": f"/subscriptions/{row.subscription_id}"}, number)
        rule = add_exclusion_rule(
            by=factories.BY, tenant=tenant, name="Tests", reason="Tested elsewhere", tag="environment=test"
        )
        new = factories.subscription(principal, "New, never assessed")
    hidden = {"environment": "test"}
    sent()
    tick()
    assert NEW_EXCLUSIONS not in [name for name, *_ in sent()]

    sync(principal, one, new, tags=hidden)
    tick()
    assert NEW_EXCLUSIONS in [name for name, *_ in sent()]
    first = "The exclusion rule “Tests” now excludes 1 subscription that was assessed before"
    assert titles(principal) == [first]
    with factories.in_tenant(tenant):
        notice = Notice.objects.get(kind="exclusion_begun")
        assert (notice.person_id, notice.delivery) == (administrator.pk, "daily")
        assert "No longer assessed: One." in notice.body
        assert "tag environment=test" in notice.body
    tick()
    assert NEW_EXCLUSIONS not in [name for name, *_ in sent()]
    # Administrators are notified each time the tag returns, but only about subscriptions that were included until
    # then.
    sync(principal, one, new, tags={})
    sync(principal, one, two, new, tags=hidden)
    second = "The exclusion rule “Tests” now excludes 2 subscriptions that were assessed before"
    assert titles(principal) == [first, second]
    # Another rule excludes the same subscriptions now, so nothing is newly excluded.
    with factories.in_tenant(tenant):
        add_exclusion_rule(by=factories.BY, tenant=tenant, name="More", reason="Also", tag="environment=test")
        remove_exclusion_rule(by=factories.BY, rule=rule)
    assert titles(principal) == [first, second]


def test_no_notice_for_a_subscription_that_is_included_again_or_that_a_person_excluded() -> None:
    tenant = factories.tenant()
    principal = factories.service_principal(factories.directory(tenant))
    row, chosen = factories.subscription(principal, "One"), factories.subscription(principal, "Two")
    factories.member(Role.TENANT_ADMINISTRATOR, tenant)
    with factories.in_tenant(tenant):
        for number, each in enumerate((row, chosen)):
            make(tenant, {"unit": f"/subscriptions/{each.subscription_id}"}, number)
        include_subscription(by=factories.BY, subscription=chosen, included=False, reason="Migration")
        rule = add_exclusion_rule(by=factories.BY, tenant=tenant, name="Tests", reason="R", tag="a=b")
    sync(principal, row, chosen, tags={"a": "b"})
    sync(principal, row, chosen, tags={})
    assert announce_exclusions(tenant_id=tenant.pk) == 0
    sync(principal, row, chosen, tags={"a": "b"})
    with factories.in_tenant(tenant):
        remove_exclusion_rule(by=factories.BY, rule=rule)
        assert not Subscription.objects.filter(rule_unannounced_since__isnull=False).exists()
    assert announce_exclusions(tenant_id=tenant.pk) == 0

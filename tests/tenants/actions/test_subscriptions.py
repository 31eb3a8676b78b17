"""Subscriptions: updated from ARM's list, included and excluded."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from tenants import actions, selectors
from tenants.actions.subscriptions import has_ended_exclusions, include_after_exclusion
from tenants.azure.credentials import DiscoveredSubscription
from tenants.errors import InvalidInput
from tenants.models import JournalEntry, ServicePrincipal, Subscription, Tenant
from tests import factories
from tests.factories import BY, in_tenant
from tests.tenants.actions.journal import journal_of

pytestmark = pytest.mark.django_db


def line(identifier: str, name: str = "Production", state: str = "Enabled") -> DiscoveredSubscription:
    return DiscoveredSubscription(identifier, name, state)


@pytest.fixture
def sync() -> Callable[..., actions.SubscriptionChanges]:
    def run(principal: ServicePrincipal, *lines: DiscoveredSubscription) -> actions.SubscriptionChanges:
        with in_tenant(principal.tenant):
            return actions.sync_subscriptions(by=BY, service_principal=principal, discovered=lines)

    return run


def states(tenant: Tenant) -> dict[str, str]:
    with in_tenant(tenant):
        return dict(Subscription.objects.values_list("subscription_id", "state"))


def test_subscriptions_follow_what_arm_lists(sync: Callable[..., actions.SubscriptionChanges]) -> None:
    principal = factories.service_principal()
    one, two, three = (str(uuid4()) for _ in range(3))
    assert sync(principal, line(one.upper()), line(two), line(two, "Twice")).new == [one, two]
    before = journal_of(principal.tenant)
    quiet = sync(principal, line(one), line(two, "Twice"))
    assert not quiet.any()
    assert journal_of(principal.tenant) == before
    changes = sync(principal, line(one, "Renamed", "Disabled"), line(three))
    assert (changes.new, changes.vanished) == ([three], [two])
    assert (changes.renamed, changes.state_changed) == ([one], [one])
    assert states(principal.tenant) == {one: "Disabled", two: "Vanished", three: "Enabled"}
    with in_tenant(principal.tenant):
        entry = JournalEntry.objects.order_by("-sequence")[0]
        assert entry.details[f"state {one}"] == {"from": "Enabled", "to": "Disabled"}
        assert entry.details["vanished"] == [two]
        to_assess = selectors.subscriptions(principal.tenant, to_assess=True)
        assert {row.subscription_id for row in to_assess} == {one, three}
    assert sync(principal, line(one, "Renamed", "Disabled"), line(three), line(two)).returned == [two]
    assert sorted(sync(principal).vanished) == sorted([one, two, three])
    assert not sync(principal).any()


def test_subscriptions_of_another_principal_do_not_vanish(
    sync: Callable[..., actions.SubscriptionChanges],
) -> None:
    first = factories.service_principal()
    second = factories.service_principal(first.directory)
    one, two = str(uuid4()), str(uuid4())
    sync(first, line(one), line(two))
    assert not sync(second, line(two)).any()
    assert sync(first, line(one)).vanished == [two]
    assert sync(second, line(two)).returned == [two]
    with in_tenant(first.tenant):
        assert Subscription.objects.get(subscription_id=two).service_principal == second
    assert not sync(first, line(one)).any()


def test_subscription_of_another_directory_is_not_moved(
    sync: Callable[..., actions.SubscriptionChanges],
) -> None:
    first = factories.service_principal()
    second = factories.service_principal(factories.directory(first.tenant))
    identifier = str(uuid4())
    sync(first, line(identifier))
    assert sync(second, line(identifier)).elsewhere == [identifier]
    sync(first)
    assert sync(second, line(identifier)).returned == [identifier]
    with in_tenant(first.tenant):
        assert Subscription.objects.get().directory == second.directory


def test_excluded_subscription_stays_excluded_after_discovery(
    sync: Callable[..., actions.SubscriptionChanges],
) -> None:
    principal = factories.service_principal()
    subscription = factories.subscription(principal)
    with in_tenant(principal.tenant):
        actions.include_subscription(by=BY, subscription=subscription, included=False)
        actions.include_subscription(by=BY, subscription=subscription, included=False)
        assert not selectors.subscriptions(principal.tenant, to_assess=True).exists()
    assert journal_of(principal.tenant).count("subscription.left_out") == 1
    sync(principal, line(subscription.subscription_id, "Other name"))
    with in_tenant(principal.tenant):
        assert Subscription.objects.get().included is False


def test_malformed_discovery_changes_nothing(sync: Callable[..., actions.SubscriptionChanges]) -> None:
    principal = factories.service_principal()
    with pytest.raises(InvalidInput):
        sync(principal, line(str(uuid4())), line("not-a-guid"))
    assert states(principal.tenant) == {}


def at_home(identifier: str, directory_id: str, quota: str = "") -> DiscoveredSubscription:
    return DiscoveredSubscription(identifier, "Production", "Enabled", directory_id, quota)


def to_assess(tenant: Tenant) -> set[str]:
    with in_tenant(tenant):
        return {row.subscription_id for row in selectors.subscriptions(tenant, to_assess=True)}


def test_subscriptions_of_another_directory_are_listed_and_never_assessed(
    sync: Callable[..., actions.SubscriptionChanges],
) -> None:
    principal = factories.service_principal()
    own, foreign, unstated = (str(uuid4()) for _ in range(3))
    home = principal.directory.directory_id
    sync(principal, at_home(own, home.upper()), at_home(foreign, str(uuid4())), line(unstated))
    assert states(principal.tenant).keys() == {own, foreign, unstated}
    assert to_assess(principal.tenant) == {own, unstated}


def test_a_subscription_that_moves_to_another_directory_is_assessed_no_longer(
    sync: Callable[..., actions.SubscriptionChanges],
) -> None:
    principal = factories.service_principal()
    identifier, new_home = str(uuid4()), str(uuid4())
    sync(principal, at_home(identifier, principal.directory.directory_id))
    assert sync(principal, at_home(identifier, new_home)).moved == [identifier]
    assert to_assess(principal.tenant) == set()
    with in_tenant(principal.tenant):
        entry = JournalEntry.objects.order_by("-sequence")[0]
    details = {"from": principal.directory.directory_id, "to": new_home}
    assert entry.details[f"directory {identifier}"] == details


def test_a_foreign_subscription_moves_to_its_home_directory_when_that_is_registered(
    sync: Callable[..., actions.SubscriptionChanges],
) -> None:
    partner = factories.service_principal()
    own = factories.service_principal(factories.directory(partner.tenant))
    identifier = str(uuid4())
    seen = at_home(identifier, own.directory.directory_id)
    sync(partner, seen)
    assert to_assess(partner.tenant) == set()
    assert sync(own, seen).returned == [identifier]
    assert to_assess(partner.tenant) == {identifier}
    assert sync(partner, seen).elsewhere == [identifier]
    with in_tenant(partner.tenant):
        assert Subscription.objects.get().directory_id == own.directory_id


def test_a_subscription_whose_offer_holds_no_resources_is_not_assessed(
    sync: Callable[..., actions.SubscriptionChanges],
) -> None:
    principal = factories.service_principal()
    identifier = str(uuid4())
    sync(principal, at_home(identifier, principal.directory.directory_id, "AAD_2015-09-01"))
    assert states(principal.tenant) == {identifier: "Enabled"}
    assert to_assess(principal.tenant) == set()


def test_an_exclusion_ends_once_at_its_end() -> None:
    principal = factories.service_principal()
    subscription, tenant = factories.subscription(principal), principal.tenant
    end = timezone.now() + timedelta(days=3)
    with in_tenant(tenant):
        with pytest.raises(InvalidInput) as raised:
            actions.include_subscription(
                by=BY, subscription=subscription, included=False, until=timezone.now() - timedelta(days=1)
            )
        assert raised.value.code == "end_past"
        actions.include_subscription(
            by=BY, subscription=subscription, included=False, reason="Migration", until=end
        )
        before, after = end - timedelta(seconds=1), end + timedelta(seconds=1)
        assert not has_ended_exclusions(tenant, before)
        assert include_after_exclusion(by=BY, tenant=tenant, now=before) == []
        assert has_ended_exclusions(tenant, after)
        (found,) = include_after_exclusion(by=BY, tenant=tenant, now=after)
        assert (found[1], found[2]) == (end, "Migration")
        assert include_after_exclusion(by=BY, tenant=tenant, now=after) == []
        row = Subscription.objects.get()
        assert (row.included, row.exclusion_reason, row.excluded_until) == (True, "", None)
        entry = JournalEntry.objects.filter(action="subscription.included").get()
        assert entry.details == {"excluded_until": end.isoformat(), "reason_of_exclusion": "Migration"}


def test_a_subscription_that_is_included_forgets_the_end() -> None:
    principal = factories.service_principal()
    subscription, tenant = factories.subscription(principal), principal.tenant
    end = timezone.now() + timedelta(days=3)
    with in_tenant(tenant):
        actions.include_subscription(by=BY, subscription=subscription, included=False, until=end)
        actions.include_subscription(by=BY, subscription=subscription, included=True, until=end)
        assert Subscription.objects.get().excluded_until is None
        assert not has_ended_exclusions(tenant, end + timedelta(days=1))

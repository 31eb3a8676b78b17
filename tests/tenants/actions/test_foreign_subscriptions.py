"""Foreign subscriptions: assigned to the customer of their directory or excluded, undone, and recorded in journals."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

import pytest

from tenants import scope, selectors
from tenants.actions import (
    Assignment,
    assign_foreign,
    exclude_foreign,
    sync_subscriptions,
    undo_foreign_decision,
)
from tenants.azure import foreign
from tenants.azure.credentials import DiscoveredSubscription
from tenants.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from tenants.models import (
    JournalEntry,
    Organization,
    Person,
    ServicePrincipal,
    Situation,
    Subscription,
    Tenant,
)
from tenants.roles import Role
from tests import factories
from tests.factories import BY, in_tenant

pytestmark = pytest.mark.django_db


@dataclass
class Msp:
    """An organization with service principals of two customers. `a` also sees a subscription of `b`'s directory."""

    a: ServicePrincipal
    b: ServicePrincipal
    seen: Subscription
    administrator: Person
    owner: Organization


@pytest.fixture
def msp() -> Msp:
    owner = factories.organization()
    homes = [factories.tenant(owner), factories.tenant(owner)]
    a, b = (factories.service_principal(factories.directory(home)) for home in homes)
    a.tenant, b.tenant = homes
    seen = factories.foreign_subscription(a, b.directory.directory_id, "Payroll of B")
    return Msp(a, b, seen, factories.member(Role.ORGANIZATION_ADMINISTRATOR, owner), owner)


def assign(msp: Msp, by: Person | None = None) -> list[Subscription]:
    by = by or msp.administrator
    with scope.person_scope(by):
        return assign_foreign(by=by, assignments=[Assignment(msp.seen, msp.b.directory)])


def undo(msp: Msp, by: Person | None = None) -> None:
    by = by or msp.administrator
    with scope.person_scope(by):
        row = Subscription.objects.select_related("tenant").get(pk=msp.seen.pk)
        undo_foreign_decision(by=by, subscription=row)


def rows(tenant: Tenant) -> dict[str, Situation]:
    with in_tenant(tenant):
        found = Subscription.objects.filter(tenant=tenant).select_related("directory")
        return {row.subscription_id: row.situation for row in found}


def journal(tenant: Tenant) -> list[JournalEntry]:
    with in_tenant(tenant):
        found = JournalEntry.objects.filter(action__startswith="subscription.foreign")
        return list(found.order_by("sequence"))


def sees(principal: ServicePrincipal, *lines: tuple[str, str]) -> None:
    with in_tenant(principal.tenant):
        discovered = [DiscoveredSubscription(guid, "Payroll of B", "Enabled", home) for guid, home in lines]
        sync_subscriptions(by=BY, service_principal=principal, discovered=discovered)


def test_an_assigned_subscription_waits_for_a_principal_of_its_own_directory(msp: Msp) -> None:
    guid, home = msp.seen.subscription_id, msp.b.directory.directory_id
    (received,) = assign(msp)
    assert (received.tenant_id, received.service_principal_id) == (msp.b.tenant_id, None)
    assert rows(msp.b.tenant) == {guid: Situation.WAITING}
    assert rows(msp.a.tenant) == {guid: Situation.FOREIGN}
    with in_tenant(msp.b.tenant):
        assert not selectors.subscriptions(msp.b.tenant, to_assess=True).exists()
    # A discovery that does not list the subscription changes nothing. After a discovery that lists the subscription,
    # the principal of the subscription's own directory reads it.
    sees(msp.b)
    assert rows(msp.b.tenant) == {guid: Situation.WAITING}
    sees(msp.b, (guid, home))
    assert rows(msp.b.tenant) == {guid: Situation.INCLUDED}
    with in_tenant(msp.b.tenant):
        assert Subscription.objects.get().service_principal == msp.b


def test_both_journals_record_the_assignment_and_only_its_own_names_the_subscription(msp: Msp) -> None:
    assign(msp)
    (out,), (into,) = journal(msp.a.tenant), journal(msp.b.tenant)
    assert (out.action, into.action) == ("subscription.foreign_assigned", "subscription.foreign_received")
    assert out.details == {"directory": msp.b.directory.directory_id}
    assert msp.seen.subscription_id in out.target
    assert "Payroll" not in out.target
    assert "Payroll of B" in into.target
    for entry, other in ((out, msp.b.tenant), (into, msp.a.tenant)):
        assert other.name not in f"{entry.target} {entry.details}"
        assert str(other.pk) not in f"{entry.target} {entry.details}"


def test_undoing_an_assignment_removes_what_still_waits(msp: Msp) -> None:
    assign(msp)
    undo(msp)
    assert rows(msp.b.tenant) == {}
    assert [entry.action for entry in journal(msp.a.tenant)][-1] == "subscription.foreign_undone"
    assert journal(msp.b.tenant)[-1].details["removed"] is True
    with pytest.raises(Conflict):
        undo(msp)
    assert len(assign(msp)) == 1


def test_undoing_keeps_what_the_own_principal_discovered(msp: Msp) -> None:
    guid = msp.seen.subscription_id
    sees(msp.b, (guid, msp.b.directory.directory_id))
    (received,) = assign(msp)
    assert received.state == "Enabled"
    undo(msp)
    assert rows(msp.b.tenant) == {guid: Situation.INCLUDED}
    assert journal(msp.b.tenant)[-1].details["removed"] is False


def test_undoing_one_of_two_assignments_keeps_the_subscription(msp: Msp) -> None:
    other = factories.service_principal(factories.directory(factories.tenant(msp.owner)))
    twin = factories.foreign_subscription(
        other, msp.b.directory.directory_id, subscription_id=msp.seen.subscription_id
    )
    assign(msp)
    with scope.person_scope(msp.administrator):
        assign_foreign(by=msp.administrator, assignments=[Assignment(twin, msp.b.directory)])
    undo(msp)
    assert rows(msp.b.tenant) == {msp.seen.subscription_id: Situation.WAITING}


def test_nothing_moves_between_customers_by_itself(msp: Msp) -> None:
    guid, home = msp.seen.subscription_id, msp.b.directory.directory_id
    sees(msp.a, (guid, home))
    assert rows(msp.b.tenant) == {}
    sees(msp.b, (guid, home))
    assert rows(msp.a.tenant) == {guid: Situation.FOREIGN}
    with in_tenant(msp.a.tenant):
        assert Subscription.objects.get().decision == ""


def test_exclusion_needs_a_reason_and_can_be_undone(msp: Msp) -> None:
    with scope.person_scope(msp.administrator):
        for reason in ("", "  ", "x" * 1001):
            with pytest.raises(InvalidInput):
                exclude_foreign(by=msp.administrator, subscriptions=[msp.seen], reason=reason)
        exclude_foreign(by=msp.administrator, subscriptions=[msp.seen], reason="Partner's lab")
        with pytest.raises(Conflict):
            exclude_foreign(by=msp.administrator, subscriptions=[msp.seen], reason="Again")
    (entry,) = journal(msp.a.tenant)
    assert entry.details["reason"] == "Partner's lab"
    with pytest.raises(Conflict):
        assign(msp)
    undo(msp)
    assign(msp)


def test_only_the_customer_with_the_home_directory_can_receive(msp: Msp) -> None:
    stranger = factories.directory(factories.tenant(msp.owner))
    with scope.person_scope(msp.administrator):
        for directory in (stranger, msp.a.directory):
            with pytest.raises(Conflict):
                assign_foreign(by=msp.administrator, assignments=[Assignment(msp.seen, directory)])
    assert journal(msp.a.tenant) == []


def test_both_customers_must_be_administered(msp: Msp) -> None:
    only_a = factories.member(Role.TENANT_ADMINISTRATOR, msp.a.tenant)
    with pytest.raises(NotFound):
        assign(msp, only_a)
    auditor = factories.member(Role.AUDITOR, msp.b.tenant, only_a)
    with pytest.raises(PermissionDenied):
        assign(msp, auditor)
    assign(msp)
    stranger = factories.member(Role.TENANT_ADMINISTRATOR, msp.a.tenant)
    with pytest.raises(PermissionDenied):
        undo(msp, stranger)
    assert rows(msp.b.tenant) == {msp.seen.subscription_id: Situation.WAITING}
    both = factories.member(Role.TENANT_ADMINISTRATOR, msp.b.tenant, stranger)
    undo(msp, both)
    assert rows(msp.b.tenant) == {}


def test_a_move_to_another_directory_clears_the_decision(msp: Msp) -> None:
    assign(msp)
    guid = msp.seen.subscription_id
    sees(msp.a, (guid, str(uuid4())))
    with in_tenant(msp.a.tenant):
        row = Subscription.objects.get()
        assert (row.decision, row.decided_at) == ("", None)


def test_the_journal_of_the_seeing_customer_learns_nothing_of_foreign_subscriptions(msp: Msp) -> None:
    guid, home = msp.seen.subscription_id, msp.b.directory.directory_id
    with in_tenant(msp.a.tenant):
        before = JournalEntry.objects.count()
        line = DiscoveredSubscription(guid, "Renamed by B", "Disabled", home)
        more = DiscoveredSubscription(str(uuid4()), "Another of B", "Enabled", home)
        changes = sync_subscriptions(by=BY, service_principal=msp.a, discovered=[line, more])
        assert (changes.state_changed, changes.new) == ([guid], [more.subscription_id])
        assert JournalEntry.objects.count() == before
    # This subscription belonged to the customer before it moved to another directory, so the move is recorded.
    own = factories.subscription(msp.b)
    home = factories.directory().directory_id
    sees(msp.b, (own.subscription_id, msp.b.directory.directory_id))
    sees(msp.b, (own.subscription_id, home))
    with in_tenant(msp.b.tenant):
        entry = JournalEntry.objects.filter(action="subscriptions.changed").order_by("-sequence")[0]
    assert entry.details["moved"] == [own.subscription_id]


def test_people_see_foreign_subscriptions_of_directories_that_they_administer(msp: Msp) -> None:
    unknown = factories.foreign_subscription(msp.a, name="Nobody's")
    person = factories.member(Role.TENANT_ADMINISTRATOR, msp.a.tenant)

    def listed() -> set[str]:
        with scope.person_scope(person):
            mine = list(Tenant.objects.all())
            return {str(row) for row in foreign.foreign_rows(mine, every_home=False)}

    assert listed() == set()
    factories.member(Role.TENANT_ADMINISTRATOR, msp.b.tenant, person)
    assert listed() == {"Payroll of B"}
    with scope.person_scope(msp.administrator):
        everything = foreign.foreign_rows(list(Tenant.objects.all()), every_home=True)
        found = foreign.with_homes(everything, list(Tenant.objects.all()))
    assert {str(one.row): [home.tenant for home in one.homes] for one in found} == {
        "Payroll of B": [msp.b.tenant],
        str(unknown): [],
    }

"""Changes of a person's access, and whether they make an owner a former owner."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.utils import timezone

from tenants.models import Membership, Organization, Person, Tenant
from tenants.roles import Role
from tenants.scope import organization_scope
from tests import factories
from tests.portal.treatment.owner_cases import CustomerWithOwners

DAY = timedelta(days=1)
type Change = Callable[[Tenant, Person], None]


def in_scope(how: Change) -> Change:
    """Decorator: open the organization's scope, in which memberships of all its tenants can be written."""

    def change(tenant: Tenant, who: Person) -> None:
        with organization_scope(tenant.organization):
            how(tenant, who)

    return change


@in_scope
def revoked(tenant: Tenant, who: Person) -> None:
    """End all memberships of the person an hour ago."""
    now = timezone.now()
    for row in Membership.objects.filter(person=who):
        row.valid_from, row.valid_until = now - 9 * DAY, now - timedelta(hours=1)
        row.save(update_fields=["valid_from", "valid_until"])


@in_scope
def starting(tenant: Tenant, who: Person) -> None:
    """Let all memberships of the person begin tomorrow."""
    Membership.objects.filter(person=who).update(valid_from=timezone.now() + DAY)


@in_scope
def ending(tenant: Tenant, who: Person) -> None:
    Membership.objects.filter(person=who).update(valid_until=timezone.now() + timedelta(minutes=5))


@in_scope
def deactivated(tenant: Tenant, who: Person) -> None:
    Person.objects.filter(pk=who.pk).update(is_active=False)


def give(tenant: Tenant, who: Person, scope: Tenant | Organization, role: Role, **dates: datetime) -> None:
    whole = scope != tenant
    Membership.objects.create(
        person=who,
        organization=tenant.organization,
        tenant=None if whole else tenant,
        role=role,
        confirmation="operator" if role is Role.APPROVER else "not_needed",
        **{"valid_from": timezone.now() - DAY, **dates},
    )


def then(*changes: Change) -> Change:
    def change(tenant: Tenant, who: Person) -> None:
        for one in changes:
            one(tenant, who)

    return change


@in_scope
def in_whole(tenant: Tenant, who: Person) -> None:
    give(tenant, who, tenant.organization, Role.ORGANIZATION_ENGINEER)


@in_scope
def in_whole_before(tenant: Tenant, who: Person) -> None:
    now = timezone.now()
    ended = {"valid_from": now - 9 * DAY, "valid_until": now - DAY}
    give(tenant, who, tenant.organization, Role.ORGANIZATION_ENGINEER, **ended)


@in_scope
def owner_again(tenant: Tenant, who: Person) -> None:
    give(tenant, who, tenant, Role.OWNER)


@in_scope
def approver_now(tenant: Tenant, who: Person) -> None:
    give(tenant, who, tenant, Role.APPROVER)


def elsewhere(tenant: Tenant, who: Person) -> None:
    """Grant a role in another organization."""
    factories.member(Role.ORGANIZATION_ENGINEER, factories.organization(), who)


def in_a_sister(tenant: Tenant, who: Person) -> None:
    factories.member(Role.OWNER, factories.tenant(tenant.organization), who)


def nothing(tenant: Tenant, who: Person) -> None:
    pass


# {what happens to an owner's access: (the change, whether the person is a former owner then)}
STATES: dict[str, tuple[Change, bool]] = {
    "active member": (nothing, False),
    "ends in minutes": (ending, False),
    "ended": (revoked, True),
    "begins tomorrow": (starting, True),
    "account off": (deactivated, True),
    "account off, ended": (then(revoked, deactivated), True),
    "ended, organization-wide": (then(revoked, in_whole), False),
    "ended, organization-wide ended too": (then(revoked, in_whole_before), True),
    "organization-wide, account off": (then(revoked, in_whole, deactivated), True),
    "ended, owner again": (then(revoked, owner_again), False),
    # An approver may view the findings but not work on them, so the person is a former owner.
    "ended, approver now": (then(revoked, approver_now), True),
    "ended, member elsewhere": (then(revoked, elsewhere), True),
    "ended, member of a sister tenant": (then(revoked, in_a_sister), True),
}


def change(customer: CustomerWithOwners, how: Change) -> None:
    how(customer.tenant, customer.owner)

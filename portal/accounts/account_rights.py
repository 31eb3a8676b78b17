"""The rule that decides which administrator may change which account.

An administrator's rights must cover every organization and customer in which the account's person has a role.
Administrators of customers may not change accounts of administrators or approvers.
"""

from __future__ import annotations

from django.db.models import TextChoices

from tenants.models import Organization, Person
from tenants.roles import Capability, Role
from tenants.scope import current, roles_everywhere

# A second administrator must confirm changes to accounts with these roles. Otherwise, an administrator could take over
# such an account, and then approve their own requests or confirm an approver of their choice.
SECOND_ADMINISTRATOR = (Role.APPROVER, Role.ORGANIZATION_ADMINISTRATOR, Role.TENANT_ADMINISTRATOR)


class Limit(TextChoices):
    """The reasons why an administrator may not change an account. Pages show the label."""

    SERVICE = "service_account", "This is a service account. Change it under Settings, Service accounts."
    OWN = "own_account", "This is your own account. Change it on the pages of your account menu."
    NOT_ADMINISTRATOR = (
        "not_administrator",
        "Only administrators can change how others sign in.",
    )
    SHARED = (
        "shared_account",
        (
            "This person also works for another organization, so only this person can change the account. You can"
            " end their access to your organization under People."
        ),
    )
    OTHER_CUSTOMERS = (
        "other_customers",
        (
            "This person also works for customers that you do not administer, so an administrator of the organization"
            " must change the account. You can end their access to your customers under People."
        ),
    )
    ADMINISTRATORS = (
        "administrators_account",
        (
            "This person is an administrator or approves exceptions, so administrators of the organization must change"
            " the account."
        ),
    )


def limit_of(by: Person, organization: Organization, person: Person) -> Limit | None:
    """Return the reason why the administrator `by` may not change a person's account, or None if the administrator may
    change it. Call this in a transaction with the scope of `by` (`tenants.scope`).
    """
    if person.is_service:
        return Limit.SERVICE
    scope = current()
    if scope.person is None or scope.person.pk != by.pk:
        return Limit.NOT_ADMINISTRATOR
    whole = scope.may_in_organization(Capability.MEMBERS, organization.pk)
    mine = {tenant for tenant in scope.tenant_ids if scope.may(Capability.MEMBERS, tenant)}
    held = roles_everywhere(person)
    if not whole and not any(tenant in mine for _, tenant, _ in held):
        return Limit.NOT_ADMINISTRATOR
    if person.pk == by.pk:
        return Limit.OWN
    if any(place != organization.pk for place, _, _ in held):
        return Limit.SHARED
    if whole:
        return None
    if any(role in SECOND_ADMINISTRATOR for _, _, role in held):
        return Limit.ADMINISTRATORS
    return None if all(tenant in mine for _, tenant, _ in held) else Limit.OTHER_CUSTOMERS

"""Create, change, disable and delete service accounts. `service_credentials` creates their tokens and client secrets.

Everybody who could act as an account is registered (`ServiceAccountController`): the creator of the account, the person
responsible, and everyone who created a token or secret for the account. These people do not decide about requests of
the account.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.accounts.actions.api_tokens import (
    DECIDING,
    MAX_NAME,
    OF_THE_API,
    narrow_to,
    revoke_all,
)
from portal.accounts.actions.client_secrets import (
    narrow_secrets,
    revoke_secrets,
)
from tenants import journal
from tenants.access import require_in_organization
from tenants.actors import Actor
from tenants.errors import Conflict, invalid
from tenants.ids import uuid7
from tenants.models import (
    Membership,
    Organization,
    Person,
    ServiceAccount,
    ServiceAccountController,
    Tenant,
)
from tenants.models.person import SERVICE_DOMAIN
from tenants.roles import (
    CAPABILITIES,
    ORGANIZATION_ROLES,
    SERVICE_CAPABILITIES,
    SERVICE_ROLES,
    Capability,
    Role,
)
from tenants.scope import current
from tenants.values.names import clean_name
from tenants.values.unique_names import name_taken, unique_name

MAX_ACCOUNTS: Final = 100
"""The maximum number of service accounts of an organization, including disabled accounts."""
_NOUN: Final = "service account"
MAX_PURPOSE: Final = 300


@transaction.atomic
def create_service_account(
    *,
    by: Actor,
    organization: Organization,
    name: str,
    purpose: str,
    responsible: Person,
    role: Role,
    tenants: Collection[Tenant] | None = None,
) -> ServiceAccount:
    """Create a service account. `tenants` are the customers in which the account has the role. If `tenants` is None,
    the account has the role in the whole organization.

    Raise PermissionDenied for people who may not administer the organization. Raise InvalidInput for an invalid name,
    purpose, responsible person, role or customer. Raise Conflict if the name is taken or there are too many accounts.
    """
    _require(by, organization)
    cleaned, role = clean_account_name(name), _role(role)
    values: dict[str, Any] = {
        "purpose": _purpose(purpose),
        "responsible": _responsible(organization, responsible),
        "role": role,
        "tenant_ids": _customers(organization, role, tenants),
    }
    # If several requests create accounts at the same time, the lock makes them wait for each other. So each request
    # counts the accounts of the earlier requests.
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    accounts = ServiceAccount.objects.filter(organization=organization)
    if accounts.count() >= MAX_ACCOUNTS:
        raise Conflict(f"An organization can have at most {MAX_ACCOUNTS} service accounts. Delete one first.")
    if accounts.filter(name__iexact=cleaned).exists():
        raise name_taken(_NOUN)
    now = timezone.now()
    person = Person.objects.create_user(
        f"{uuid7().hex}@{SERVICE_DOMAIN}", name=f"{cleaned} (service account)", is_service=True
    )
    account = ServiceAccount(
        organization=organization,
        person=person,
        name=cleaned,
        created_by=by if isinstance(by, Person) else None,
        created_at=now,
        **values,
    )
    with unique_name("tenants_serviceaccount_name", _NOUN):
        account.save(force_insert=True)
    add_controllers(account, by, responsible)
    _record(account, by, "service_account.created", **_described(account))
    return account


@transaction.atomic
def change_service_account(
    *,
    by: Actor,
    account: ServiceAccount,
    purpose: str,
    responsible: Person,
    role: Role,
    tenants: Collection[Tenant] | None = None,
) -> ServiceAccount:
    """Change an account.

    Its tokens and client secrets permanently lose the rights that the new role does not include. If the account gets
    access to more customers, its tokens and secrets work for these customers too. If another person becomes
    responsible, all tokens and secrets are revoked, because the previous person may know them. Raise the same errors as
    `create_service_account`.
    """
    row = locked_account(by, account)
    before = _described(row)
    row.purpose, row.role = _purpose(purpose), _role(role)
    handed_over = responsible.pk != row.responsible_id
    if handed_over:
        row.responsible = _responsible(row.organization, responsible)
    row.tenant_ids = _customers(row.organization, Role(row.role), tenants)
    after = _described(row)
    if after == before:
        return row
    row.save(update_fields=["purpose", "role", "responsible", "tenant_ids"])
    add_controllers(row, by=None, responsible=row.responsible)
    changed = {key: {"from": before[key], "to": after[key]} for key in after if before[key] != after[key]}
    _record(row, by, "service_account.changed", **changed)
    if handed_over:
        _revoke_everything(row, by)
        return row
    narrow_secrets(person_id=row.person_id, rights=rights_of(Role(row.role)), by=by)
    places: list[UUID | None] = [None] if row.tenant_ids is None else list(row.tenant_ids)
    narrow_to(
        [(place, Role(row.role)) for place in places],
        person_id=row.person_id,
        organization_id=row.organization_id,
        by=by,
    )
    return row


@transaction.atomic
def set_service_account_active(*, by: Actor, account: ServiceAccount, active: bool) -> ServiceAccount:
    """Disable or enable an account. When an account is disabled, its tokens and client secrets are revoked. When the
    account is enabled again, people can create new tokens and client secrets for it.
    """
    row = locked_account(by, account)
    if (row.disabled_at is None) == active:
        return row
    row.disabled_at = None if active else timezone.now()
    row.save(update_fields=["disabled_at"])
    _switch_person(row.person_id, active=active)
    _record(row, by, "service_account.enabled" if active else "service_account.disabled")
    if not active:
        _revoke_everything(row, by)
    return row


@transaction.atomic
def delete_service_account(*, by: Actor, account: ServiceAccount) -> None:
    """Delete an account, and revoke its tokens and client secrets. The records of the account's actions remain, and
    contain its name.
    """
    row = locked_account(by, account)
    _switch_person(row.person_id, active=False)
    _revoke_everything(row, by)
    _record(row, by, "service_account.deleted", **_described(row))
    row.delete()


def rights_of(role: Role) -> list[Capability]:
    """Return the rights of the API that tokens of service accounts with this role can have."""
    held = CAPABILITIES[role] & SERVICE_CAPABILITIES
    return [one for one in OF_THE_API if one in held]


def usual_rights(role: Role) -> list[Capability]:
    """Return the rights that tokens of service accounts with this role have by default. Rights in `DECIDING` are left
    out: a token or client secret with such a right may be valid for at most `MAX_DAYS_TO_DECIDE` days.
    """
    return [one for one in rights_of(role) if one not in DECIDING]


def possible_responsible(organization: Organization) -> list[Person]:
    """Return the active people with a role in the organization or in one of its customers, sorted by name."""
    held = Membership.objects.filter(Membership.valid_at(timezone.now()), organization=organization)
    rows = Person.objects.filter(pk__in=held.order_by().values("person"), is_active=True)
    return sorted(rows, key=lambda who: (who.get_full_name().casefold(), who.email))


def locked_account(by: Actor, account: ServiceAccount) -> ServiceAccount:
    """Return the account, locked until the transaction ends. Raise PermissionDenied for people who may not administer
    the organization."""
    _require(by, Organization(pk=account.organization_id))
    rows = ServiceAccount.objects.select_for_update(of=("self",))
    return rows.select_related("organization", "person", "responsible").get(pk=account.pk)


def clean_account_name(name: str) -> str:
    """Check the name of an account, token or client secret, and return the name without spaces around it. Raise
    InvalidInput if the name is invalid.
    """
    cleaned = clean_name(name)
    if len(cleaned) > MAX_NAME:
        raise invalid("name", f"Enter a name of up to {MAX_NAME} characters.", code="name_too_long")
    return cleaned


def add_controllers(account: ServiceAccount, by: Actor | None, responsible: Person | None = None) -> None:
    """Register `by` and `responsible` as people who can act as the account from now on. Earlier registrations
    remain.
    """
    now = timezone.now()
    people = {one.pk for one in (by, responsible) if isinstance(one, Person)}
    rows = [
        ServiceAccountController(
            organization=account.organization, account_id=account.person_id, person_id=pk, since=now
        )
        for pk in sorted(people)
    ]
    ServiceAccountController.objects.bulk_create(rows, ignore_conflicts=True)


def _require(by: Actor, organization: Organization) -> None:
    if isinstance(by, Person):
        require_in_organization(Capability.ORGANIZATION, organization_id=organization.pk)
        if current().person != by:
            raise TypeError("`by` must be the person of the open scope.")


def _revoke_everything(account: ServiceAccount, by: Actor) -> None:
    """Revoke the tokens of the account, and its client secrets with their access tokens."""
    revoke_secrets(person_id=account.person_id, by=by)
    revoke_all(person=account.person, by=by)


def _switch_person(pk: UUID, *, active: bool) -> None:
    person = Person.objects.select_for_update(no_key=True).get(pk=pk)
    person.is_active = active
    person.save(update_fields=["is_active"])


def _purpose(purpose: str) -> str:
    cleaned = clean_name(purpose, field="purpose", missing="Enter what the program does.")
    if len(cleaned) > MAX_PURPOSE:
        raise invalid("purpose", f"Enter a purpose of up to {MAX_PURPOSE} characters.")
    return cleaned


def _role(role: str) -> Role:
    if role not in SERVICE_ROLES:
        allowed = ", ".join(str(one) for one in SERVICE_ROLES)
        raise invalid("role", f"A service account cannot have this role. Choose one of {allowed}.")
    return Role(role)


def _responsible(organization: Organization, person: Person) -> Person:
    if all(person.pk != one.pk for one in possible_responsible(organization)):
        raise invalid("responsible", "Choose an active person with a role in this organization.")
    return person


def _customers(
    organization: Organization, role: Role, tenants: Collection[Tenant] | None
) -> list[UUID] | None:
    if role in ORGANIZATION_ROLES:
        if tenants:
            raise invalid(
                "customers",
                f"The role {role.label.lower()} applies to all customers. Leave the customers empty.",
            )
        return None
    if not tenants:
        raise invalid("customers", f"Choose at least one customer for the role {role.label.lower()}.")
    if any(one.organization_id != organization.pk or one.pk not in current().tenant_ids for one in tenants):
        raise invalid("customers", "Choose customers of this organization.")
    return sorted({one.pk for one in tenants})


def _described(account: ServiceAccount) -> dict[str, Any]:
    ids: list[UUID] | None = account.tenant_ids
    return {
        "purpose": account.purpose,
        "responsible": account.responsible.email,
        "role": str(account.role),
        "customers": None if ids is None else [str(one) for one in ids],
    }


def _record(account: ServiceAccount, by: Actor, action: str, **details: object) -> None:
    journal.record(
        organization=account.organization,
        actor=by,
        action=action,
        target=account,
        details={"name": account.name, "person": str(account.person_id), **details},
    )

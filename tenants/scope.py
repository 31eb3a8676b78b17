"""Scopes: the tenants whose data a request or task may read and write. Without a scope, access is an error.

    with tenant_scope(tenant_id):          # a task: exactly one tenant
    with person_scope(person):             # a request: the tenants of the person's valid memberships
    with organization_scope(organization): # set-up commands: an organization and all its tenants
    with invitation_scope(token_hash):     # an invitation's token: the invitation's tenant or organization
    with link_scope(Model, token_hash):    # the token of a link: the tenant of the link
    current().tenant_ids                   # raises NoScope if no scope is open

Each function opens a transaction (or a savepoint), and sets PostgreSQL's `surety.*` settings for the transaction. The
function also sets the context variable that `current()` and the scoped managers read.

Nesting: an inner scope can narrow the outer one but never widen it (`ScopeConflict`). At the end of the inner scope,
the outer settings apply again. Functions that take the hash of a token can open a scope that is not inside the outer
scope, because the token proves the right to that scope. `journal_scope` and `erasure_scope` can do so too; their
docstrings say which code may use them, and tests/tenants/test_scope_callers.py lists this code.

Threads: new threads have no scope. Collect data in threads, and write in the thread that has the scope. Close the
scope before network requests, because a transaction should not stay open for minutes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import Any
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import connection, transaction
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from tenants.errors import NotFound, ScopeConflict
from tenants.ids import parse_uuid
from tenants.isolation.active_scope import (
    Scope,
    ScopeLimit,
    current,
    current_or_none,
    interned,
    scope_variable,
)
from tenants.isolation.built_query import BuiltInstances, BuiltQuery
from tenants.isolation.local_settings import array, set_local
from tenants.models import (
    Invitation,
    Membership,
    Organization,
    OrganizationOwned,
    Person,
    ServiceAccount,
    TenantKey,
    TenantOwned,
)
from tenants.people.person_scopes import (
    granted_by_both,
    keys_of_organizations,
    limited_scope,
    of_tenants,
    scope_of_person,
)
from tenants.roles import Role

__all__ = [
    "Scope",
    "ScopeLimit",
    "current",
    "current_or_none",
    "delegation_scope",
    "erasure_scope",
    "find_by_token",
    "include",
    "include_new_tenants",
    "invitation_scope",
    "journal_scope",
    "leave_out_reviews",
    "link_scope",
    "organization_link_scope",
    "organization_scope",
    "organizations_of",
    "person_scope",
    "roles_everywhere",
    "tenant_scope",
]


def _set_scope(scope: Scope | None) -> None:
    if scope is None:
        set_local(tenants="", organizations="", person="", invitation="")
        return
    set_local(
        tenants=array(scope.tenant_ids),
        organizations=array(scope.organization_ids),
        person=str(scope.person.pk) if scope.person else "",
        invitation="",
    )


@contextmanager
def _transaction() -> Iterator[None]:
    """Open a transaction or savepoint, and restore the outer scope's database settings at its end.

    PostgreSQL does not restore these settings when a savepoint is released.
    """
    nested = connection.in_atomic_block
    outer = scope_variable.get()
    with transaction.atomic():
        yield
        if nested and not connection.needs_rollback:
            _set_scope(outer)


@contextmanager
def _open(scope: Scope) -> Iterator[Scope]:
    if (outer := scope_variable.get()) is not None and outer.token:
        scope = replace(scope, token=outer.token)
    _set_scope(scope)
    token = scope_variable.set(scope)
    try:
        yield scope
    finally:
        scope_variable.reset(token)


def _build_keys_of_tenant(tenant: UUID) -> QuerySet[Any, Any]:
    return TenantKey.objects.filter(tenant_id=tenant).values_list("tenant_id", "organization_id")


# (tenant id, organization id) pairs from TenantKey, which can be read without a scope.
_keys_of_tenant = BuiltQuery(_build_keys_of_tenant, tenant=UUID(int=0))


def _refuse_wider(inner: frozenset[UUID], outer: frozenset[UUID], what: str) -> None:
    if not inner <= outer:
        raise ScopeConflict(
            f"This scope contains {what} that the outer scope does not contain. Close the outer scope before you open"
            " this scope."
        )


@contextmanager
def tenant_scope(tenant_id: UUID | str) -> Iterator[Scope]:
    """Open the scope of one tenant, for a task or a part of a request. Raise NotFound if the tenant does not exist."""
    identifier = parse_uuid(tenant_id)
    outer = scope_variable.get()
    with _transaction():
        if identifier is None or not (keys := _keys_of_tenant(tenant=identifier)):
            raise NotFound(f"Customer {tenant_id} does not exist. Check the id.")
        if outer is not None:
            _refuse_wider(frozenset({identifier}), outer.tenant_ids, "a tenant")
        scope = Scope(
            tenant_ids=frozenset({identifier}),
            visible_organization_ids=frozenset(organization for _, organization in keys),
            person=outer.person if outer else None,
            tenant_roles={identifier: outer.roles(identifier)} if outer else {},
            granted=outer.granted if outer else None,
            review_periods=of_tenants(outer.review_periods, {identifier}) if outer else {},
        )
        with _open(scope):
            yield scope


@contextmanager
def organization_scope(organization: Organization | UUID) -> Iterator[Scope]:
    """Open the scope of an organization and all its tenants, for set-up commands and tasks of the organization."""
    organization_id = organization if isinstance(organization, UUID) else organization.pk
    outer = scope_variable.get()
    with _transaction():
        if outer is not None:
            _refuse_wider(frozenset({organization_id}), outer.organization_ids, "an organization")
        scope = _organization(organization_id, outer.person if outer else None)
        if outer is not None:
            scope = replace(
                scope,
                tenant_roles=outer.tenant_roles,
                organization_roles=outer.organization_roles,
                granted=outer.granted,
                review_periods=outer.review_periods,
            )
        with _open(scope):
            yield scope


def _organization(organization_id: UUID, person: AbstractBaseUser | None) -> Scope:
    organization_ids = frozenset({organization_id})
    keys = keys_of_organizations(organizations=[organization_id])
    return Scope(
        tenant_ids=interned(frozenset(tenant for tenant, _ in keys)),
        organization_ids=organization_ids,
        visible_organization_ids=organization_ids,
        person=person,
    )


@contextmanager
def person_scope(person: Person, limit: ScopeLimit | None = None) -> Iterator[Scope]:
    """Open the scope of the person's currently valid memberships. The scope of an inactive person is empty.

    `limit` restricts the scope further. If the person has a review period in a tenant, the managers select only records
    of this period.
    """
    outer = scope_variable.get()
    if outer is not None and outer.person is not None and outer.person.pk != person.pk:
        raise ScopeConflict("The scope of another person is open. Close that scope first.")
    with _transaction():
        scope = scope_of_person(person)
        if outer is not None:
            scope = replace(
                scope,
                tenant_ids=interned(scope.tenant_ids & outer.tenant_ids),
                organization_ids=scope.organization_ids & outer.organization_ids,
                visible_organization_ids=scope.visible_organization_ids & outer.visible_organization_ids,
                granted=granted_by_both(scope.granted, outer.granted),
            )
        if limit is not None:
            scope = limited_scope(scope, limit)
        with _open(scope):
            yield scope


@contextmanager
def invitation_scope(token_hash: str, by: Person | None = None) -> Iterator[Invitation]:
    """Open the scope of the tenant or organization of an invitation, for the person who accepts it, and yield the
    Invitation.

    If several invitations have the token, the scope contains the tenants whose invitations can still be accepted. If
    no invitation can be accepted any more, an invitation that was accepted or has expired is yielded, so the caller
    must check the invitation. The token proves the right to this scope, so the scope can contain more than the outer
    scope. Raise NotFound for an unknown hash.
    """
    outer = scope_variable.get()
    with _transaction():
        set_local(tenants="", organizations="", person="", invitation=token_hash)
        together = list(Invitation._base_manager.filter(token_hash=token_hash).order_by("pk"))
        now = timezone.now()
        still_open = [row for row in together if row.accepted_at is None and row.expires_at > now]
        invitation = next(iter(still_open or together), None)
        if invitation is None:
            raise NotFound(
                "This invitation does not exist. Ask an administrator for a new one.",
                code="invitation_unknown",
            )
        person: AbstractBaseUser | None = by or (outer.person if outer else None)
        if invitation.tenant_id is None:
            scope = _organization(invitation.organization_id, person)
        else:
            scope = Scope(
                tenant_ids=frozenset(
                    row.tenant_id for row in still_open or [invitation] if row.tenant_id is not None
                ),
                visible_organization_ids=frozenset({invitation.organization_id}),
                person=person,
            )
        with _open(scope):
            yield invitation


@contextmanager
def link_scope[M: TenantOwned](model: type[M], token_hash: str) -> Iterator[M]:
    """Open the scope of the tenant to which a link belongs, and yield the row of the link, an instance of `model`.
    Anybody who knows the token of the link may do this; `token_hash` is the hash of the token.

    The model has a unique column `token_hash`, and row-level security with `read=rls.INVITATION_READ`. The scope can
    contain more than the outer scope, and has no person. Raise NotFound for an unknown hash. The caller checks whether
    the link is still valid.
    """
    with _transaction():
        set_local(tenants="", organizations="", person="", invitation=token_hash)
        row = model._base_manager.filter(token_hash=token_hash).first()
        if row is None:
            raise NotFound("This link is invalid. Ask the sender for another one.", code="link_unknown")
        keys = _keys_of_tenant(tenant=row.tenant_id)
        scope = Scope(
            tenant_ids=frozenset({row.tenant_id}),
            visible_organization_ids=frozenset(organization for _, organization in keys),
        )
        with _open(scope):
            yield row


@contextmanager
def organization_link_scope[M: OrganizationOwned](model: type[M], token_hash: str) -> Iterator[M]:
    """Open the scope of the organization to which a link belongs, and yield the row of the link, an instance of
    `model`. Anybody who knows the token of the link may do this; `token_hash` is the hash of the token.

    The scope contains no tenant, so the customers' data stay hidden. Raise NotFound for an unknown hash.
    """
    with _transaction():
        set_local(tenants="", organizations="", person="", invitation=token_hash)
        row = model._base_manager.filter(token_hash=token_hash).first()
        if row is None:
            raise NotFound("This link is invalid. Ask the sender for another one.", code="link_unknown")
        own = frozenset({row.organization_id})
        with _open(Scope(frozenset(), organization_ids=own, visible_organization_ids=own)):
            yield row


def find_by_token[M: Model](model: type[M], token_hash: str, *, related: str) -> M | None:
    """Return the row of `model` whose unique column `token_hash` has this value, or None. No scope is opened.

    `related` is a foreign key that cannot be null. The object to which it refers is read too. The model has
    row-level security with `read=rls.INVITATION_READ`. The caller checks whether the row is still valid, and opens its
    scope.
    """
    with _transaction():
        set_local(tenants="", organizations="", person="", invitation=token_hash)
        return next(iter(_rows_by_token(model, related)(token_hash=token_hash)), None)


@cache
def _rows_by_token(model: type[Model], related: str) -> BuiltInstances[Any]:
    """Return the query of `find_by_token`. It is built once and cached, because each request of a program sends it."""

    def build(token_hash: str) -> QuerySet[Any]:
        return model._base_manager.filter(token_hash=token_hash)

    return BuiltInstances(build, related_object=related, token_hash="hash")  # noqa: S106  # nosec B106 - a placeholder


def organizations_of(person: Person) -> frozenset[UUID]:
    """Return the ids of all organizations in which the person has a role now, regardless of the open scope.

    These organizations determine who may change the account, and which journals record changes of the account.
    """
    with _transaction():
        set_local(tenants="", organizations="", person=str(person.pk), invitation="")
        if person.is_service:
            own = ServiceAccount._base_manager.filter(person=person)
            return frozenset(own.values_list("organization_id", flat=True))
        memberships = Membership._base_manager.filter(Membership.valid_at(timezone.now()), person=person)
        return frozenset(memberships.values_list("organization_id", flat=True))


def roles_everywhere(person: Person, *, ended: bool = False) -> list[tuple[UUID, UUID | None, Role]]:
    """Return (organization, tenant, role) of all roles that the person has, will have or waits for, regardless of the
    open scope. With `ended`, also return ended and refused roles.

    The roles determine who may change the account; roles that have not started yet count too.
    """
    with _transaction():
        set_local(tenants="", organizations="", person=str(person.pk), invitation="")
        not_ended = Q(valid_until__isnull=True) | Q(valid_until__gt=timezone.now())
        memberships = Membership._base_manager.filter(person=person)
        if not ended:
            memberships = memberships.filter(not_ended).exclude(confirmation=Membership.Confirmation.REFUSED)
        rows = memberships.values_list("organization_id", "tenant_id", "role")
        return [(organization, tenant, Role(role)) for organization, tenant, role in rows]


@contextmanager
def journal_scope(organization_id: UUID) -> Iterator[Scope]:
    """Open an organization's scope, even if the outer scope does not contain the organization. For example, events of
    an account are recorded in the journals of all organizations of the person.

    Only `tenants.journal.accounts` and `portal.accounts.actions` may use this function.
    """
    with _transaction(), _open(_organization(organization_id, None)) as scope:
        yield scope


@contextmanager
def delegation_scope(tenant_id: UUID | str) -> Iterator[Scope]:
    """Open the scope of one tenant and of its organization's own rows, but of no other tenant. Raise NotFound for an
    unknown tenant.

    Only `tenants.azure.delegated_access` and the tasks that read delegated subscriptions may use this function, and
    only while no scope is open. So nothing in a customer's scope can read the organization's credential.
    """
    identifier = parse_uuid(tenant_id)
    if scope_variable.get() is not None:
        raise ScopeConflict("A scope is open. Close the scope before you read the organization’s credential.")
    with _transaction():
        if identifier is None or not (keys := _keys_of_tenant(tenant=identifier)):
            raise NotFound(f"Customer {tenant_id} does not exist. Check the id.")
        organization_ids = frozenset(organization for _, organization in keys)
        scope = Scope(
            tenant_ids=frozenset({identifier}),
            organization_ids=organization_ids,
            visible_organization_ids=organization_ids,
        )
        with _open(scope):
            yield scope


@contextmanager
def erasure_scope(organization_id: UUID, tenant_id: UUID) -> Iterator[Scope]:
    """Open the scope of an organization and of one tenant that is being erased and no longer has a TenantKey.

    Only the worker of `portal.offboarding` may use this function.
    """
    with _transaction():
        scope = _organization(organization_id, None)
        with _open(replace(scope, tenant_ids=scope.tenant_ids | {tenant_id})) as opened:
            yield opened


def leave_out_reviews() -> None:
    """Remove auditor roles with a review period from a person's open scope, until the `with` block of this scope ends.
    Tenants in which the person has no other role are removed too, from the scope and from the database settings.
    """
    scope = current()
    if not scope.review_periods:
        return
    roles = {
        tenant: held - {Role.AUDITOR} if tenant in scope.review_periods else held
        for tenant, held in scope.tenant_roles.items()
    }
    remaining = frozenset(tenant for tenant in scope.tenant_ids if roles.get(tenant))
    narrower = replace(
        scope, tenant_ids=remaining, tenant_roles=of_tenants(roles, remaining), review_periods={}
    )
    scope_variable.set(narrower)  # The scope's `with` block restores the previous scope.
    _set_scope(narrower)


def include(tenant_id: UUID, organization_id: UUID) -> None:
    """Add a newly registered tenant to the open scope, which must contain the tenant's whole organization."""
    scope = current()
    _refuse_wider(frozenset({organization_id}), scope.organization_ids, "a tenant of an organization")
    roles = dict(scope.tenant_roles)
    roles[tenant_id] = scope.organization_roles.get(organization_id, frozenset())
    wider = replace(scope, tenant_ids=scope.tenant_ids | {tenant_id}, tenant_roles=roles)
    scope_variable.set(wider)  # The scope's `with` block restores the previous scope.
    _set_scope(wider)


def include_new_tenants(organization_id: UUID) -> None:
    """Add to the open scope the tenants of an organization that were registered after the scope was opened.

    The scope must contain the whole organization.
    """
    known = current().tenant_ids
    for tenant_id, owner in keys_of_organizations(organizations=[organization_id]):
        if tenant_id not in known:
            include(tenant_id, owner)

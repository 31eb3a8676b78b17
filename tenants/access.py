"""Fetch objects by id for the person who sent the request. The person's scope (`tenants.scope`) must be open.

Views and actions fetch objects by id only with these functions. The functions raise NotFound (404) for a missing,
invisible or malformed id, and PermissionDenied (403) for a person without the capability. Owners of findings (VIEW
without VIEW_ALL) see only the findings that they own, so views pass a `queryset` of these findings.
"""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Manager, Model, QuerySet

from tenants.errors import NoScope, NotFound, PermissionDenied
from tenants.ids import parse_uuid
from tenants.isolation.built_query import BuiltInstances
from tenants.models import Organization, Person, Tenant
from tenants.roles import Capability
from tenants.scope import Scope, current, current_or_none, person_scope


def _build_tenants(
    slug: str, tenant_ids: Collection[UUID], organization_ids: Collection[UUID]
) -> QuerySet[Tenant]:
    scope = Scope(tenant_ids=frozenset(tenant_ids), organization_ids=frozenset(organization_ids))
    return Tenant._base_manager.filter(Tenant.objects.visible(scope), slug=slug)


# Every page of a customer finds the customer by its slug. So build the SQL of this query only once.
_tenants = BuiltInstances(
    _build_tenants,
    related_object="organization",
    slug="slug",
    tenant_ids=[UUID(int=0)],
    organization_ids=[UUID(int=1)],
)


def get[M: Model](model: type[M], pk: object, *, needs: Capability, queryset: QuerySet[M] | None = None) -> M:
    """Return the object with this id, if the person may see the object and has the capability in its tenant.

    `pk` may be an unchecked value from a URL. `queryset` can filter or prefetch. The queryset must come from a manager
    that selects only rows in the scope.
    """
    scope = _scope()
    identifier = parse_uuid(pk)
    if identifier is None:
        raise _missing(model)
    manager: Manager[M] = model._default_manager
    rows = manager.get_queryset() if queryset is None else queryset
    found = rows.filter(pk=identifier).first()
    if found is None:
        raise _missing(model)
    _require(scope, found, needs)
    return found


def of_tenant[M: Model](
    owner: Tenant, model: type[M], pk: object, *, needs: Capability, related: Sequence[str] = ()
) -> M:
    """Return the object with this id, as `get` does, but raise NotFound if the object does not belong to this tenant.

    `related` are the foreign keys that `select_related` loads with the object.
    """
    manager: Manager[M] = model._default_manager
    rows = manager.filter(tenant=owner)
    return get(model, pk, needs=needs, queryset=rows.select_related(*related) if related else rows)


def tenant(slug: str, *, needs: Capability) -> Tenant:
    """Return the tenant with the slug of a URL `/t/<slug>/`, if the person has the capability in it."""
    scope = _scope()
    tenant_ids, organization_ids = list(scope.tenant_ids), list(scope.organization_ids)
    for found in _tenants(slug=_storable(slug), tenant_ids=tenant_ids, organization_ids=organization_ids):
        _require(scope, found, needs)
        return found
    raise _missing(Tenant)


def organization(slug: str, *, needs: Capability) -> Organization:
    """Return the organization of a URL. The person needs the capability in the organization as a whole."""
    scope = _scope()
    found = Organization.objects.filter(slug=_storable(slug)).first()
    if found is None:
        raise _missing(Organization)
    _require(scope, found, needs)
    return found


def tenants(*, needs: Capability, archived: bool | None = False) -> QuerySet[Tenant]:
    """Return the tenants in which the person of the open scope has the capability, sorted by name.

    If `archived` is False, return only tenants that are not archived. If it is True, return only archived tenants. If
    it is None, return both. Tenants in which the person may read only the records of a review period are left out,
    because pages about several customers show the present state.
    """
    scope = _scope()
    allowed = [
        identifier
        for identifier in scope.tenant_ids
        if scope.may(needs, identifier) and identifier not in scope.review_periods
    ]
    rows = Tenant.objects.filter(pk__in=allowed).order_by("name", "pk")
    return rows if archived is None else rows.filter(archived_at__isnull=not archived)


def require(needs: Capability, *, tenant_id: UUID) -> None:
    """Raise PermissionDenied if the person lacks the capability in the tenant.

    Raise NotFound if the tenant is not in the person's scope.
    """
    scope = _scope()
    if tenant_id not in scope.tenant_ids:
        raise _missing(Tenant)
    if not scope.may(needs, tenant_id):
        raise _denied(needs)


def require_same_access(tenant_id: UUID) -> None:
    """Raise PermissionDenied if the person of the open scope has lost access since the scope was opened: a role in the
    tenant has ended, or the person's account was disabled.

    If the scope has no person, do nothing. Call this function after a wait for a lock, which can take seconds.
    """
    opened = current_or_none()
    if opened is None or opened.person is None:
        return
    with person_scope(Person.objects.get(pk=opened.person.pk)) as now:
        held = now.roles(tenant_id)
    if not opened.roles(tenant_id) <= held:
        raise PermissionDenied(
            "One of your roles ended while this request was waiting, so nothing was changed.",
            code="access_ended",
        )


def require_in_organization(needs: Capability, *, organization_id: UUID) -> None:
    """Raise PermissionDenied if the person lacks the capability in the organization as a whole."""
    found = Organization.objects.filter(pk=organization_id).first()
    if found is None:
        raise _missing(Organization)
    _require(_scope(), found, needs)


def _scope() -> Scope:
    scope = current()
    if scope.person is None:
        raise NoScope("Open tenants.scope.person_scope(person) before you call tenants.access.")
    return scope


def _require(scope: Scope, found: Model, needs: Capability) -> None:
    tenant_id: Any = found.pk if isinstance(found, Tenant) else getattr(found, "tenant_id", None)
    if tenant_id is not None:
        allowed = scope.may(needs, tenant_id)
    else:
        owner: Any = found.pk if isinstance(found, Organization) else getattr(found, "organization_id", None)
        allowed = owner is not None and scope.may_in_organization(needs, owner)
    if not allowed:
        raise _denied(needs)


def _storable(slug: object) -> str:
    # PostgreSQL raises an error for NUL in text. Replace NUL, so that the slug is simply not found.
    return slug.replace("\x00", "\ufffd") if isinstance(slug, str) else ""


def _missing(model: type[Model]) -> NotFound:
    name = "customer" if model is Tenant else model._meta.verbose_name
    return NotFound(f"This {name} does not exist, or you have no access to it.")


def _denied(needs: Capability) -> PermissionDenied:
    granted = _scope().granted
    if granted is None or needs in granted:
        message = (
            f"Your role does not include the right to {needs.label}. Ask an administrator for a role that"
            " includes this right."
        )
    else:  # The token of a program may have fewer rights than the role of its person.
        message = (
            f"The token does not include the right `{needs}` (to {needs.label}). Create a token with this right. The"
            " role of the token’s person or service account must also include this right."
        )
    return PermissionDenied(message, fields={"capability": [str(needs)]})

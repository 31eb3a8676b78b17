"""Store the open scope, which limits the rows that the scoped managers and the access checks can read.

`tenants.scope` opens and closes scopes. The open scope is in a separate module, because `tenants.scope` imports the
models, and the managers of the models read the open scope.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser

from tenants.auditors.review_periods import ReviewPeriod
from tenants.errors import NoScope
from tenants.roles import Capability, Role, capabilities

_MANY: Final = 100


@dataclass(frozen=True, slots=True)
class ScopeLimit:
    """The limits of a program that acts as a person, for example with an API token.

    The program acts in one organization, and only with `capabilities`. If `tenant_ids` is not None, the program sees
    only these of the person's customers. The journal records `token`, the public beginning of the API token.
    """

    organization_id: UUID
    capabilities: frozenset[Capability]
    tenant_ids: frozenset[UUID] | None = None
    token: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """An open scope.

    - `tenant_ids`: the tenants whose rows can be read and written
    - `organization_ids`: the organizations in scope with all their tenants
    - `visible_organization_ids`: `organization_ids`, and the organizations of which only some tenants are in scope
    - `person`: the person of the scope; None in tasks
    - `roles_held`: {organization: all roles of the person in it and its tenants}, for the sign-in policy
    - `granted`: limits the capabilities of all roles; None means no limit
    - `token`: the beginning of the API token of the program that acts, or empty; inner scopes have the same token
    - `review_periods`: {tenant: the person's review periods}; the managers select only records of these periods
    """

    tenant_ids: frozenset[UUID]
    organization_ids: frozenset[UUID] = frozenset()
    visible_organization_ids: frozenset[UUID] = frozenset()
    person: AbstractBaseUser | None = None
    tenant_roles: Mapping[UUID, frozenset[Role]] = field(default_factory=dict)
    organization_roles: Mapping[UUID, frozenset[Role]] = field(default_factory=dict)
    roles_held: Mapping[UUID, frozenset[Role]] = field(default_factory=dict)
    granted: frozenset[Capability] | None = None
    token: str = ""
    review_periods: Mapping[UUID, tuple[ReviewPeriod, ...]] = field(default_factory=dict)

    @property
    def key(self) -> tuple[object, ...] | None:
        """Return a key for caching queries: all values on which the conditions of the scoped managers depend.

        Return None if the scope has review periods, because the conditions then depend on further values.
        """
        if self.review_periods:
            return None
        person = self.person.pk if self.person is not None else None
        return self.tenant_ids, self.organization_ids, self.visible_organization_ids, person

    def roles(self, tenant_id: UUID) -> frozenset[Role]:
        """Return the person's roles in the tenant, including roles in its organization."""
        return self.tenant_roles.get(tenant_id, frozenset())

    def capabilities(self, tenant_id: UUID) -> frozenset[Capability]:
        """Return the person's capabilities in the tenant. Return an empty set if the scope has no person."""
        return self._granted(capabilities(self.roles(tenant_id)))

    def may(self, capability: Capability, tenant_id: UUID) -> bool:
        """Return whether the person has the capability in the tenant. Return False if the scope has no person."""
        return capability in self.capabilities(tenant_id)

    def may_in_organization(self, capability: Capability, organization_id: UUID) -> bool:
        """Return whether the person has the capability in the organization as a whole."""
        held = capabilities(self.organization_roles.get(organization_id, frozenset()))
        return capability in self._granted(held)

    def _granted(self, held: frozenset[Capability]) -> frozenset[Capability]:
        return held if self.granted is None else held & self.granted


def interned(ids: frozenset[UUID]) -> frozenset[UUID]:
    """Return an equal set of ids. If there are many ids, return the same object for all scopes with the same ids.

    Caches of queries keep hundreds of scopes. If each scope kept its own set of thousands of ids, each set would take
    half a megabyte.
    """
    return _interned(ids) if len(ids) >= _MANY else ids


@lru_cache(maxsize=64)
def _interned(ids: frozenset[UUID]) -> frozenset[UUID]:
    return ids


scope_variable: ContextVar[Scope | None] = ContextVar("surety_scope", default=None)


def current() -> Scope:
    """Return the open scope. Raise NoScope if no scope is open."""
    scope = scope_variable.get()
    if scope is None:
        raise NoScope(
            "No scope is open. Wrap this code in tenants.scope.tenant_scope(...) or person_scope(...)."
        )
    return scope


def current_or_none() -> Scope | None:
    """Return the open scope, or None if no scope is open. Use this function in code that also serves anonymous
    requests.
    """
    return scope_variable.get()

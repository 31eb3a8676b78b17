"""The scope that is open now, which the scoped managers and the access checks read.

`tenants.scope` opens and closes scopes; it needs the models, whose managers need this module.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser

from tenants.errors import NoScope
from tenants.roles import Capability, Role, capabilities


@dataclass(frozen=True, slots=True)
class Scope:
    """What is open now.

    `tenant_ids` the tenants whose rows may be read and written; `organization_ids` the organizations held as
    a whole (through an organization role); `visible_organization_ids` those and the ones the tenants belong
    to; `person` who is at work, None in a task.
    """

    tenant_ids: frozenset[UUID]
    organization_ids: frozenset[UUID] = frozenset()
    visible_organization_ids: frozenset[UUID] = frozenset()
    person: AbstractBaseUser | None = None
    tenant_roles: Mapping[UUID, frozenset[Role]] = field(default_factory=dict)
    organization_roles: Mapping[UUID, frozenset[Role]] = field(default_factory=dict)

    def roles(self, tenant_id: UUID) -> frozenset[Role]:
        """The roles of the scope's person in that tenant, its organization's roles included."""
        return self.tenant_roles.get(tenant_id, frozenset())

    def may(self, capability: Capability, tenant_id: UUID) -> bool:
        """Whether the scope's person may do that in the tenant. False in a scope without a person."""
        return capability in capabilities(self.roles(tenant_id))

    def may_in_organization(self, capability: Capability, organization_id: UUID) -> bool:
        """Whether the scope's person may do that in the organization as a whole."""
        return capability in capabilities(self.organization_roles.get(organization_id, frozenset()))


scope_variable: ContextVar[Scope | None] = ContextVar("surety_scope", default=None)


def current() -> Scope:
    """The open scope. Raises NoScope when there is none."""
    scope = scope_variable.get()
    if scope is None:
        raise NoScope(
            "No tenant's scope is open: wrap this in tenants.scope.tenant_scope(...) or person_scope(...)."
        )
    return scope


def current_or_none() -> Scope | None:
    """The open scope or None: for code that serves people who have not signed in as well."""
    return scope_variable.get()

"""Abstract bases: a table with a tenant (or an organization) is protected because of what it is."""

from typing import Any, ClassVar

from django.db import models
from django.db.models.base import ModelBase

from tenants import rls
from tenants.ids import uuid7
from tenants.managers import OrganizationManager, ScopedManager


class ProtectedBase(ModelBase):
    """Adds the row-level-security constraint of the base (`policy`) to every concrete model.

    A Meta that lists constraints of its own replaces the inherited list, so inheriting alone would lose the
    policy exactly where somebody adds a constraint.
    """

    def __new__(cls, name: str, bases: tuple[type, ...], attrs: dict[str, Any], **kwargs: Any) -> Any:
        policies = (getattr(base, "policy", None) for base in bases)
        policy: str | None = attrs.get("policy") or next(filter(None, policies), None)
        meta: Any = attrs.get("Meta")
        inherited = any(isinstance(base, ProtectedBase) for base in bases)
        if inherited and policy and not getattr(meta, "abstract", False):
            if meta is None:
                parents = (base.Meta for base in bases if hasattr(base, "Meta"))
                meta = type("Meta", tuple(parents)[:1], {})
                attrs["Meta"] = meta
            constraints = list(getattr(meta, "constraints", []))
            if not any(isinstance(constraint, rls.RowLevelSecurity) for constraint in constraints):
                security = rls.RowLevelSecurity(name="%(app_label)s_%(class)s_rls", using=policy)
                meta.constraints = [*constraints, security]
        return super().__new__(cls, name, bases, attrs, **kwargs)


class TenantOwned(models.Model, metaclass=ProtectedBase):
    """A row that belongs to one tenant. Subclass it and nothing else is needed for isolation:

    class Finding(TenantOwned):
        class Meta(TenantOwned.Meta): ...
    """

    policy: ClassVar[str] = rls.TENANT

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.CASCADE, related_name="+", editable=False)

    objects = ScopedManager()

    class Meta:
        abstract = True


class OrganizationOwned(models.Model, metaclass=ProtectedBase):
    """A row of an organization as a whole (its tokens, its webhooks), which no customer reads."""

    policy: ClassVar[str] = rls.ORGANIZATION

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(
        "tenants.Organization", on_delete=models.CASCADE, related_name="+", editable=False
    )

    objects = OrganizationManager()

    class Meta:
        abstract = True

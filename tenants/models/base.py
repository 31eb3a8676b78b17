"""Define abstract base models that add row-level security to every table of a tenant or organization."""

from typing import Any, ClassVar

from django.db import models
from django.db.models.base import ModelBase

from tenants import rls
from tenants.ids import uuid7
from tenants.isolation.managers import OrganizationManager, ScopedManager
from tenants.protection import Protection


class ProtectedBase(ModelBase):
    """Add the row-level-security constraint with the base's `policy` to every concrete model.

    If the Meta of a model has its own `constraints`, they replace the inherited constraints. So a model that simply
    inherited the constraint could lose its policy.
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
    """A row of one tenant. A model that is derived from this class gets row-level security.

    The model itself must declare its level of protection, and a `same_tenant` constraint for each foreign key to
    another model with a tenant:

        class Subscription(TenantOwned):
            protection = Protection.INTERNAL

            class Meta(TenantOwned.Meta):
                constraints = [same_tenant("directory_id", "tenants_directory")]
    """

    policy: ClassVar[str] = rls.TENANT
    protection: ClassVar[Protection]

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.CASCADE, related_name="+", editable=False)

    objects = ScopedManager()

    class Meta:
        abstract = True


class OrganizationOwned(models.Model, metaclass=ProtectedBase):
    """A row that belongs to an organization, not to one of its tenants, such as an entry of its journal. People with
    roles only in single tenants cannot read the row.
    """

    policy: ClassVar[str] = rls.ORGANIZATION
    protection: ClassVar[Protection]

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(
        "tenants.Organization", on_delete=models.CASCADE, related_name="+", editable=False
    )

    objects = OrganizationManager()

    class Meta:
        abstract = True

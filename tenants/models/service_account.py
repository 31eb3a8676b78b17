"""Service accounts: programs of an organization that act with a role of their own."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from tenants import rls
from tenants.ids import uuid7
from tenants.isolation.managers import ControllerManager
from tenants.models.base import OrganizationOwned, ProtectedBase
from tenants.protection import Protection
from tenants.roles import ORGANIZATION_ROLES, SERVICE_ROLES, Role


def _place() -> Q:
    """Return the condition that every row must meet: a role in the whole organization has no list of customers, and
    every other role has one.
    """
    whole = sorted(str(role) for role in SERVICE_ROLES if role in ORGANIZATION_ROLES)
    return Q(role__in=whole, tenant_ids__isnull=True) | (~Q(role__in=whole) & Q(tenant_ids__len__gt=0))


class ServiceAccount(OrganizationOwned):
    """A program of an organization, with one role in the organization as a whole or for some customers.

    - `person`: the account's row in the table of people (`Person.is_service`). Journals name this row as the actor. The
      row remains when the account is deleted
    - `tenant_ids`: the account's customers, or None for a role in the whole organization
    - `responsible`: the person whom others ask about the account

    A disabled account has no rights and no usable tokens. The account can read its own row, and only administrators of
    the organization write it.
    """

    protection = Protection.PERSONAL

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=100)
    purpose = models.CharField(max_length=300)
    responsible = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=40, choices=[(role.value, role.label) for role in SERVICE_ROLES])
    tenant_ids: ArrayField[list[UUID] | None, list[UUID] | None] = ArrayField(
        models.UUIDField(), null=True, blank=True
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField()
    disabled_at = models.DateTimeField(null=True, blank=True)

    class Meta(OrganizationOwned.Meta):
        ordering = ["name", "pk"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint("organization", Lower("name"), name="tenants_serviceaccount_name"),
            models.CheckConstraint(
                condition=Q(role__in=[str(role) for role in SERVICE_ROLES]),
                name="tenants_serviceaccount_role",
            ),
            models.CheckConstraint(condition=_place(), name="tenants_serviceaccount_place"),
            rls.RowLevelSecurity(
                name="%(app_label)s_%(class)s_rls",
                using=rls.ORGANIZATION,
                read=f"person_id = {rls.PERSON_ID}",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def role_name(self) -> str:
        """The role as pages show it."""
        return str(Role(self.role).label)


class ServiceAccountController(models.Model, metaclass=ProtectedBase):
    """A person who could act as a service account, because the person created the account, was responsible for it, or
    created a token or client secret for it.

    Rows are never changed or deleted, because the person may still know a token, and must never decide about the
    account's requests. `account` is the service account's row in the table of people.
    """

    protection = Protection.PERSONAL

    append_only: ClassVar[bool] = True
    policy: ClassVar[str] = rls.ORGANIZATION

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(
        "tenants.Organization", on_delete=models.CASCADE, related_name="+", editable=False
    )
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()

    objects = ControllerManager()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["account", "person"], name="tenants_serviceaccountcontroller_once"
            ),
            rls.RowLevelSecurity(
                name="%(app_label)s_%(class)s_rls",
                using=rls.ORGANIZATION,
                read=f"person_id = {rls.PERSON_ID} OR {rls.ORGANIZATION_OWNED_READ}",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} controls {self.account_id}"

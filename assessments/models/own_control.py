"""Controls that an organization writes itself (`assessments.own`)."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from tenants import rls
from tenants.isolation.active_scope import Scope
from tenants.isolation.managers import OrganizationManager
from tenants.models import OrganizationOwned
from tenants.protection import Protection
from tenants.references import CompositeReference


class OwnControlManager(OrganizationManager["OwnControl"]):
    """A manager that selects the own controls of an organization. Customers may read these controls, so a transaction
    that sees only one customer also sees the own controls of the customer's organization.
    """

    def visible(self, scope: Scope) -> models.Q:
        return models.Q(organization_id__any_of=scope.visible_organization_ids | scope.organization_ids)


class OwnControl(OrganizationOwned):
    """A control that an organization wrote, with its published version.

    As long as no version is published, `version` is 0 and `definition` is empty. `reason` says why a control is off or
    retired. A `slug` is unique in the installation, so that two organizations cannot use it for different controls.
    """

    protection = Protection.INTERNAL

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        ACTIVE = "active", "Active"
        OFF = "off", "Switched off"
        RETIRED = "retired", "Retired"

    slug = models.CharField(max_length=80, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    version = models.PositiveIntegerField(default=0)
    definition = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    changed_at = models.DateTimeField()

    objects: ClassVar[OwnControlManager] = OwnControlManager()

    class Meta(OrganizationOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "id"], name="assessments_owncontrol_organization_id"
            ),
            models.CheckConstraint(
                condition=models.Q(state="draft", version=0)
                | ~models.Q(state="draft") & models.Q(version__gt=0),
                name="assessments_owncontrol_published",
            ),
            rls.RowLevelSecurity(
                name="%(app_label)s_%(class)s_rls", using=rls.ORGANIZATION, read=rls.ORGANIZATION_OWNED_READ
            ),
        ]

    def __str__(self) -> str:
        return self.slug


class OwnControlVersion(OrganizationOwned):
    """A version of an own control, as its author wrote it. Members of customers cannot read the versions.

    `text` is the YAML of the author. `data` is the content of the YAML. A version without `published_at` is a draft. A
    control has at most one draft. A published version never changes.
    """

    protection = Protection.CONFIDENTIAL

    control = models.ForeignKey(OwnControl, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField()
    data = models.JSONField()
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    written_at = models.DateTimeField()
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    published_at = models.DateTimeField(null=True)

    class Meta(OrganizationOwned.Meta):
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["control", "number"], name="assessments_owncontrolversion_number"
            ),
            models.UniqueConstraint(
                fields=["control"],
                condition=models.Q(published_at__isnull=True),
                name="assessments_owncontrolversion_draft",
            ),
            CompositeReference(
                name="assessments_owncontrolversion_control",
                columns=("organization_id", "control_id"),
                table="assessments_owncontrol",
                targets=("organization_id", "id"),
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.number}"

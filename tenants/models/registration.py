"""The registration of a customer. It stores the next step of the guided page, so that people can leave and return."""

from django.conf import settings
from django.db import models

from tenants.models.base import TenantOwned
from tenants.protection import Protection


class Registration(TenantOwned):
    """The choices made in a registration, and its next step. A registration never contains a credential.

    Three choices determine the commands on the page: `reach` says where the Reader role is assigned, `kind` is the kind
    of credential, and `host_identity` is the name of a host identity, or empty. `finished_at` is when the first
    assessment was started, or when the registration ended without an assessment.
    """

    protection = Protection.INTERNAL

    class Step(models.TextChoices):
        PERMISSIONS = "permissions", "Create service principal"
        CREDENTIAL = "credential", "Enter credential"
        CHECK = "check", "Check permissions"
        SUBSCRIPTIONS = "subscriptions", "Choose subscriptions"
        SCHEDULE = "schedule", "Schedule"
        ASSESSMENT = "assessment", "First assessment"

    class Reach(models.TextChoices):
        MANAGEMENT_GROUP = "management_group", "The root management group, with all future subscriptions"
        SUBSCRIPTIONS = "subscriptions", "Each present subscription"

    class Kind(models.TextChoices):
        SECRET = "secret", "Client secret"
        CERTIFICATE = "certificate", "Certificate"
        HOST_IDENTITY = "host_identity", "Host identity"

    step = models.CharField(max_length=20, choices=Step, default=Step.PERMISSIONS)
    reach = models.CharField(max_length=20, choices=Reach, default=Reach.MANAGEMENT_GROUP)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.SECRET)
    host_identity = models.CharField(max_length=200, blank=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant"], name="tenants_registration_once"),
        ]

    def __str__(self) -> str:
        return self.get_step_display()

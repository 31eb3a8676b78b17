"""The values that tenants choose for the parameters of controls."""

from django.conf import settings
from django.db import models

from tenants.models import TenantOwned
from tenants.protection import Protection


class ControlSetting(TenantOwned):
    """The parameters that a tenant has changed for one control. Parameters that are not in `values` have the default of
    the control.
    """

    protection = Protection.INTERNAL

    control = models.CharField(max_length=80)
    values = models.JSONField(default=dict)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    changed_at = models.DateTimeField(auto_now=True)

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "control"], name="assessments_controlsetting_once")
        ]

    def __str__(self) -> str:
        return self.control

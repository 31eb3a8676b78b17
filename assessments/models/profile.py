"""The choice of the controls by which a tenant is judged."""

from django.conf import settings
from django.db import models

from assessments.controls.profiles import EVERYTHING
from tenants.actors import title_of
from tenants.models import TenantOwned
from tenants.protection import Protection


class ControlProfile(TenantOwned):
    """The profile of controls by which a tenant is judged (`assessments.controls.profiles`). A tenant without a row is
    judged by all controls.

    `controls` are the slugs of the controls in the profile “own”. `severity_rules` change the severity of failures, for
    example in production (`assessments.context_severity`).
    """

    protection = Protection.INTERNAL

    profile = models.CharField(max_length=40, default=EVERYTHING)
    controls = models.JSONField(default=list)
    severity_rules = models.JSONField(default=list, db_default=[])
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    changed_at = models.DateTimeField(auto_now=True)

    class Meta(TenantOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant"], name="assessments_controlprofile_once")]

    def __str__(self) -> str:
        return self.profile


class SwitchedOffControl(TenantOwned):
    """A control that was switched off for a tenant, with the reason and the person who switched it off.

    If Surety itself switched the control off, `system` names the responsible part of Surety (`tenants.actors.System`).
    """

    protection = Protection.INTERNAL

    control = models.CharField(max_length=80)
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    system = models.CharField(max_length=320, blank=True, default="", db_default="")
    at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "control"], name="assessments_switchedoff_once")
        ]

    def __str__(self) -> str:
        return self.control

    @property
    def system_name(self) -> str:
        """The part of Surety that switched the control off, in words. If a person switched the control off, the text
        is empty.
        """
        return title_of(self.system)

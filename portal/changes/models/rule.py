"""Watch rules, which decide which changes people review."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from assessments.models import Finding
from tenants.models import TenantOwned
from tenants.protection import Protection

MAX_PATTERN = 200


def patterns() -> "ArrayField[list[str], list[str]]":
    """Return a column with globs, or with other short texts."""
    return ArrayField(models.CharField(max_length=MAX_PATTERN), default=list, blank=True)


class WatchRule(TenantOwned):
    """A rule of a customer. The rule catches a change that meets all conditions (`portal.changes.rules`).

    An empty condition is always met. If a condition has several values, one matching value is enough.

    - `shipped`: the key of a shipped rule (`portal.changes.shipped`), if the row is about such a rule; the row then
      says only whether the rule is enabled and how severe it is
    - `types`, `groups`, `properties`, `operations`, `actors`: globs (`portal.changes.globs`)
    - `except_actors`: globs of actors; a change is not caught if only such actors can have made it
    - `kinds`: values of `ResourceChange.Kind`
    - `units`: scope ids of subscriptions
    - `hours`: such as `18:00-07:00`, in the customer's time zone
    - `days`: weekdays from 1 (Monday) to 7 (Sunday)
    - `worsened`: the rule catches a change only if a finding began to fail
    - `unapproved`: the rule catches a change only if the resource now differs from its approved configuration, or was
      deleted
    """

    protection = Protection.PERSONAL

    name = models.CharField(max_length=120)
    shipped = models.CharField(max_length=40, blank=True)
    enabled = models.BooleanField(default=True)
    severity = models.CharField(max_length=20, choices=Finding.Severity)
    kinds = patterns()
    types = patterns()
    units = patterns()
    groups = patterns()
    tag_name = models.CharField(max_length=512, blank=True)
    tag_value = models.CharField(max_length=256, blank=True)
    properties = patterns()
    operations = patterns()
    actors = patterns()
    except_actors = patterns()
    hours = models.CharField(max_length=11, blank=True)
    days = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)
    worsened = models.BooleanField(default=False)
    unapproved = models.BooleanField(default=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta(TenantOwned.Meta):
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name"], name="changes_watchrule_name"),
            models.UniqueConstraint(
                fields=["tenant", "shipped"],
                condition=~models.Q(shipped=""),
                name="changes_watchrule_shipped_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name

"""The conditions of a rule, as columns."""

from uuid import UUID

from django.db import models


class Matching(models.Model):
    """The conditions of a rule. A finding must meet all of them. `portal.treatment.matching` turns them into a query.

    If all conditions are empty, every finding matches. `resource_group` is a glob for the name of the resource group,
    and `resource_pattern` is a glob for the full id of the subject (`*` any text, `?` one character). Globs ignore
    case. A tag without a value matches resources that have the tag with any value.
    """

    # Each rule also derives from `TenantOwned`, which defines this attribute.
    tenant_id: UUID

    control = models.CharField(max_length=80, blank=True)
    section = models.CharField(max_length=40, blank=True)
    severity = models.CharField(max_length=20, blank=True)
    unit = models.CharField(max_length=60, blank=True, help_text="scope id of a subscription or directory")
    resource_group = models.CharField(max_length=200, blank=True)
    resource_pattern = models.CharField(max_length=500, blank=True)
    tag_name = models.CharField(max_length=512, blank=True)
    tag_value = models.CharField(max_length=256, blank=True)

    class Meta:
        abstract = True

"""The columns by which a rule says which findings it means."""

from django.db import models


class Matching(models.Model):
    """An empty condition means any; all conditions must hold. Read it with `portal.treatment.matching`.

    Resource groups and resource patterns are globs (`*` any text, `?` one character), compared with the
    group's name and the subject's whole id, without regard to case. A tag without a value: has the tag.
    """

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

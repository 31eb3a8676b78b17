"""The journal's rows, one chain a tenant and one an organization. Written by `tenants.journal` alone."""

from django.db import models

from tenants.models.base import OrganizationOwned, TenantOwned


class JournalLine(models.Model):
    """What both chains have: see `tenants.journal` for how `hash` is made.

    A trigger of the database refuses to update or delete rows, whoever asks.
    """

    sequence = models.PositiveBigIntegerField(editable=False)
    at = models.DateTimeField(editable=False)
    actor = models.CharField(max_length=320, editable=False)
    action = models.CharField(max_length=100, editable=False)
    target = models.CharField(max_length=500, editable=False)
    details = models.JSONField(default=dict, editable=False)
    previous_hash = models.CharField(max_length=64, editable=False)
    hash = models.CharField(max_length=64, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.sequence} {self.action}"


class JournalEntry(JournalLine, TenantOwned):
    """Something that was done in a tenant."""

    class Meta(TenantOwned.Meta):
        verbose_name_plural = "journal entries"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "sequence"], name="tenants_journalentry_sequence")
        ]
        # Few values that repeat: a tenant's entries are counted by kind and person from a megabyte.
        indexes = [models.Index(fields=["tenant", "action", "actor"], name="tenants_journalentry_counts")]


class OrganizationJournalEntry(JournalLine, OrganizationOwned):
    """Something that was done in the organization as a whole."""

    class Meta(OrganizationOwned.Meta):
        verbose_name_plural = "organization journal entries"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "sequence"], name="tenants_organizationjournalentry_sequence"
            )
        ]

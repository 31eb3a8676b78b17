"""Define journal entries: one chain per tenant and one per organization. `tenants.journal` and `tenants.journal.batch`
write the entries.
"""

from django.db import models

from tenants.auditors.review_periods import ReviewPeriod
from tenants.models.base import OrganizationOwned, TenantOwned
from tenants.protection import Protection


class JournalLine(models.Model):
    """The common fields of the entries of both kinds of chain. `tenants.journal` documents how `hash` is computed.

    The application's role has no privilege to update or delete entries, and a database trigger refuses both to every
    role. Only the functions that erase customers and pseudonymise people may do both (`portal.offboarding`).
    """

    append_only = True

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
    """An entry about an action in a tenant."""

    protection = Protection.CONFIDENTIAL

    class Meta(TenantOwned.Meta):
        verbose_name_plural = "journal entries"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "sequence"], name="tenants_journalentry_sequence")
        ]
        # The journal page counts entries by action and person. PostgreSQL can answer these queries from this small
        # index alone, because the index has all columns that the queries read.
        indexes = [models.Index(fields=["tenant", "action", "actor"], name="tenants_journalentry_counts")]

    @classmethod
    def in_review(cls, period: ReviewPeriod) -> models.Q:
        """Return the condition that selects the entries of the review period."""
        return models.Q(at__gte=period.start, at__lt=period.end)


class OrganizationJournalEntry(JournalLine, OrganizationOwned):
    """An entry about the organization itself, not about one of its tenants."""

    protection = Protection.CONFIDENTIAL

    class Meta(OrganizationOwned.Meta):
        verbose_name_plural = "organization journal entries"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "sequence"], name="tenants_organizationjournalentry_sequence"
            )
        ]
        indexes = [models.Index(fields=["organization", "action", "actor"], name="tenants_orgjournal_counts")]

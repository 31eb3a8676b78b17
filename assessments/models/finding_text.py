"""The texts that a search for findings reads. Findings of a tenant with the same text share one row."""

from django.db import models

from tenants.models import TenantOwned
from tenants.protection import Protection


class FindingText(TenantOwned):
    """A text by which findings are searched: a subject, or a control with the reason of a verdict, in lower case.

    A database trigger on the table of findings writes the rows. `Finding.subject_ref` and `Finding.reason_ref` are the
    keys of the texts. Because of row-level security, PostgreSQL uses no index to search inside texts. So a search reads
    all rows of this table, which are few and short. `actions.units.finding_texts` deletes texts that no finding uses
    any more.
    """

    protection = Protection.CONFIDENTIAL

    class Kind(models.TextChoices):
        SUBJECT = "subject", "Subject"
        REASON = "reason", "Control and reason"

    kind = models.CharField(max_length=10, choices=Kind)
    key = models.UUIDField(help_text="MD5 of the text")
    text = models.TextField()

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "kind", "key"], name="assessments_findingtext_once"),
        ]

    def __str__(self) -> str:
        return self.text

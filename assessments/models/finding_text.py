"""The texts that a search for findings reads. Findings of a tenant with the same text share one row."""

from django.db import models

from tenants.models import TenantOwned


class FindingText(TenantOwned):
    """A text of findings in lower case: a subject, or a control with the reason of a verdict.

    A trigger of the table of findings writes the rows, so that they are complete whatever code writes findings.
    `Finding.subject_ref` and `Finding.reason_ref` are the keys. A search reads these few short rows instead of all
    findings, because with row-level security PostgreSQL uses no index to search inside texts.
    `actions.units.finding_texts` deletes unused texts.
    """

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

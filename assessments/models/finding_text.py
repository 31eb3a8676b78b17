"""The texts that a search through findings looks at, each once a tenant, however many findings share it."""

from django.db import models

from tenants.models import TenantOwned


class FindingText(TenantOwned):
    """What findings say, in lower case: a subject, or a control with the reason of a verdict.

    Written by a trigger of the findings' table, so that no writer can forget it; `Finding.subject_ref` and
    `Finding.reason_ref` are the keys. A search reads these few short rows instead of all findings: with
    row-level security no index answers one inside of a text. `actions.finding_texts` removes what no finding
    says any more.
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

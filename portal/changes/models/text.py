"""The texts that a search for changes reads. Changes of a customer with the same text share one row."""

from django.db import models

from tenants.models import TenantOwned
from tenants.protection import Protection


class ChangeText(TenantOwned):
    """A text that a search for changes reads: either the id of a resource in lower case, or all possible actors of a
    change, each on a line of its own.

    Database triggers on the table of changes write the rows of this table. `ResourceChange.azure_ref` and `actors_ref`
    refer to these rows. A search reads the few short rows instead of all changes (ADR 8). Retention deletes the texts
    of deleted changes.
    """

    protection = Protection.CONFIDENTIAL

    class Kind(models.TextChoices):
        RESOURCE = "resource", "Resource ID"
        ACTORS = "actors", "Possible actors"

    kind = models.CharField(max_length=10, choices=Kind)
    key = models.UUIDField(help_text="MD5 of the text")
    text = models.TextField()

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "kind", "key"], name="changes_changetext_once"),
        ]

    def __str__(self) -> str:
        return self.text

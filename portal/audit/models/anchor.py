"""Heads of chains that were sent or stamped outside of the database."""

from __future__ import annotations

from django.db import models

from portal.audit.models.chain import ChainRow, chain_constraints
from tenants.protection import Protection


class Anchor(ChainRow):
    """The head of a chain at one point in time.

    `token` is an RFC 3161 time-stamp token over the head's text (`portal.audit.heads`). `mailed_at` and `posted_at` are
    the times at which the receivers accepted the head.

    Triggers accept only heads that are in the chain. The application's database role may fill in an empty stamp or time
    and set `error`. The role can neither change other values nor delete rows.
    """

    protection = Protection.INTERNAL
    append_only = True

    sequence = models.PositiveBigIntegerField()
    hash = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    mailed_at = models.DateTimeField(null=True)
    posted_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)
    token = models.BinaryField(null=True)
    stamped_at = models.DateTimeField(null=True)
    authority = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "tenant", "sequence"], name="audit_anchor_once", nulls_distinct=False
            ),
            *chain_constraints("audit_anchor"),
        ]

    def __str__(self) -> str:
        return f"{self.owner} {self.sequence}"

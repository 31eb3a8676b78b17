"""The progress of the stream of a chain."""

from __future__ import annotations

from django.db import models

from portal.audit.models.chain import ChainRow, chain_constraints
from tenants.protection import Protection


class StreamCursor(ChainRow):
    """The number of the last streamed entry of a chain.

    If the last attempt failed, `failed_at` and `error` are its time and reason. `failures` is the number of attempts
    that have failed since the last successful one, and `failing_since` the time of the first of them.
    """

    protection = Protection.INTERNAL

    sequence = models.PositiveBigIntegerField(default=0)
    streamed_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)
    failing_since = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "tenant"], name="audit_streamcursor_once", nulls_distinct=False
            ),
            *chain_constraints("audit_streamcursor"),
        ]

    def __str__(self) -> str:
        return f"{self.owner} up to {self.sequence}"

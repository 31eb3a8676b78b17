"""The progress of recording the changes of a customer."""

from django.db import models

from tenants.models import TenantOwned
from tenants.protection import Protection


class ChangesCursor(TenantOwned):
    """The progress of recording the changes of a customer.

    `assessment` is the number of the last recorded assessment. `read_until` is the end of the last recorded reading of
    a log. Watch rules ignore changes before `caught_from`, an hour before Surety first recorded changes of the
    customer.
    """

    protection = Protection.INTERNAL

    assessment = models.PositiveIntegerField(default=0)
    read_until = models.DateTimeField(null=True)
    caught_from = models.DateTimeField()

    class Meta(TenantOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant"], name="changes_cursor_once")]

    def __str__(self) -> str:
        return str(self.assessment)

"""The outbox of mails about accounts. A worker sends these mails."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from tenants.ids import uuid7
from tenants.protection import Protection
from tenants.secrets import SealedField


class AccountMail(models.Model):
    """A mail to send, or a request for a new password. A worker answers such a request with a mail.

    The row is deleted when the mail is sent.

    `content` is sealed, because it contains links that reset a password or verify an address. `due_at` is the time of
    the next attempt. During an attempt, `due_at` is the time after which another worker may take over.
    """

    protection = Protection.SECRET

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    content = SealedField()
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now, db_index=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    objects: models.Manager[AccountMail] = models.Manager()

    def __str__(self) -> str:
        return str(self.pk)

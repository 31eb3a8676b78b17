"""Sessions of browsers. The table contains only the hash of a session's key, and the session's data in encrypted
form.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from tenants.ids import uuid7
from tenants.protection import Protection
from tenants.secrets import SealedField


class Session(models.Model):
    """The session of one browser. `key_hash` is the SHA-256 in hex of the cookie's value. The value itself is stored
    nowhere.

    `data` is the sealed JSON of Django and allauth. A session ends at `expires_at`, or earlier if it is not used for
    SURETY_SESSION_IDLE_MINUTES. The row of an ended session stays for some time without data. Its `key_hash` is then
    `ended:` and the row's id, so the session can never be valid again.
    """

    protection = Protection.SECRET

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key_hash = models.CharField(max_length=64, unique=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="sessions"
    )
    data = SealedField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(db_index=True)
    address = models.GenericIPAddressField(null=True)
    browser = models.CharField(max_length=200, blank=True)

    objects: models.Manager[Session] = models.Manager()

    class Meta:
        indexes = [models.Index(fields=["person", "-last_seen_at"], name="accounts_session_person")]

    def __str__(self) -> str:
        return str(self.pk)

"""The common fields of stored credentials, whether they belong to a customer's directory or to the organization."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils import timezone

from tenants.models.directory import GUID
from tenants.secrets import Sealed, SealedField


class StoredCredential(models.Model):
    """An application's identity in a directory. `credential` is sealed: see `tenants.azure.credentials`.

    - `expires_at`: the expiry that the certificate states, or that a person entered for the secret
    - `thumbprint`: the certificate's SHA-1 in upper-case hex, as Entra shows it
    - `last_*`: the result of the latest sign-in; `refused_since`: the time of the first refusal after the last
      success
    - `noticed`: keys of published notices about the credential (`portal.notify`)

    If `disabled_at` is set, the principal is used only for checks of the sign-in that a person requests.
    """

    class Kind(models.TextChoices):
        SECRET = "secret", "Client secret"
        CERTIFICATE = "certificate", "Certificate"
        # For the next two kinds, `credential` is the name of a host identity (`tenants.azure.host_identities`).
        FEDERATED = "federated", "Federated identity"
        MANAGED_IDENTITY = "managed_identity", "Managed identity"

    client_id = models.CharField(max_length=36, validators=[GUID])
    name = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=20, choices=Kind)
    credential = SealedField()
    thumbprint = models.CharField(max_length=40, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    rotated_at = models.DateTimeField(null=True, blank=True)
    last_checked_at = models.DateTimeField(null=True, blank=True)
    last_error_code = models.CharField(max_length=80, blank=True)
    last_error = models.TextField(blank=True)
    refused_since = models.DateTimeField(null=True, blank=True)
    disabled_at = models.DateTimeField(null=True, blank=True)
    noticed = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    CHECKED: ClassVar = ("last_checked_at", "last_error_code", "last_error", "refused_since")
    """The columns that `note_check` sets."""

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name or self.client_id

    @property
    def key_id(self) -> str:
        """The id of the key with which the credential is sealed. The key is in the key ring (`tenants.secrets`)."""
        return Sealed(self.credential).key_id

    @property
    def is_keyless(self) -> bool:
        """Whether the principal signs in with an identity of the host."""
        return self.kind in (self.Kind.FEDERATED, self.Kind.MANAGED_IDENTITY)

    @property
    def healthy(self) -> bool:
        """Whether the sign-in of the latest check succeeded. False for a principal that was never checked."""
        return self.last_checked_at is not None and not self.last_error_code

    def note_replacement(self, kind: str, thumbprint: str, expires_at: datetime | None) -> None:
        """Set the fields of a new credential, and clear the result of the last check. The caller seals the credential
        and saves.
        """
        self.kind, self.thumbprint, self.expires_at = kind, thumbprint, expires_at
        self.rotated_at = timezone.now()
        self.last_checked_at, self.last_error_code, self.last_error, self.refused_since = None, "", "", None

    def note_check(self, error_code: str, error: str, *, is_refusal: bool) -> bool:
        """Set the result of a check. Return whether it is the first result or differs from the previous one. The caller
        saves the columns in `CHECKED`."""
        first, before = self.last_checked_at is None, (self.last_error_code, bool(self.last_error))
        self.last_checked_at = timezone.now()
        self.last_error_code = error_code[:80]
        self.last_error = error.replace("\x00", "\ufffd")
        if not error_code:
            self.refused_since = None
        elif is_refusal:
            self.refused_since = self.refused_since or self.last_checked_at
        return first or before != (self.last_error_code, bool(self.last_error))

    def facts(self, directory_id: str) -> Mapping[str, object]:
        """Return what the journal records about the credential."""
        return {
            "client_id": self.client_id,
            "directory_id": directory_id,
            "kind": self.kind,
            "thumbprint": self.thumbprint,
            "expires_at": self.expires_at,
        }

    @classmethod
    def fits_kind(cls) -> models.Q:
        """Return the condition that every row must meet: the fields that are set match the kind of credential.

        For example, a certificate has a thumbprint and an expiry.
        """
        return (
            models.Q(kind="secret", thumbprint="")
            | models.Q(kind="certificate", expires_at__isnull=False) & ~models.Q(thumbprint="")
            | models.Q(kind__in=["federated", "managed_identity"], thumbprint="", expires_at=None)
        )

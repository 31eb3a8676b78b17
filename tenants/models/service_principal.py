"""Service principals: the identities that read a directory, with their encrypted credentials."""

from django.db import models

from tenants.models.base import TenantOwned
from tenants.models.directory import GUID, Directory
from tenants.references import same_tenant
from tenants.secrets import Sealed, SealedField


class ServicePrincipal(TenantOwned):
    """An app registration's identity in the directory. `credential` is sealed: see `tenants.credentials`.

    `expires_at` is the end of the certificate, or the end that a person entered for the secret. `thumbprint` is the
    certificate's SHA-1 in upper-case hex, as Entra shows it. `last_*` is the result of the latest sign-in.
    `refused_since` is the time of the first refusal after the last success. A disabled principal is never used.
    `noticed` are the keys of the notices about its credential that were published (`portal.notify`).
    """

    class Kind(models.TextChoices):
        SECRET = "secret", "Client secret"
        CERTIFICATE = "certificate", "Certificate"
        # `credential` is the name of an identity of the host: see `tenants.host_identities`.
        FEDERATED = "federated", "Federated identity"
        MANAGED_IDENTITY = "managed_identity", "Managed identity"

    directory = models.ForeignKey(Directory, on_delete=models.CASCADE, related_name="service_principals")
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

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["directory", "client_id"], name="tenants_serviceprincipal_once"),
            models.UniqueConstraint(fields=["tenant", "id"], name="tenants_serviceprincipal_tenant_id"),
            models.CheckConstraint(
                condition=models.Q(kind="secret", thumbprint="")
                | models.Q(kind="certificate", expires_at__isnull=False) & ~models.Q(thumbprint="")
                | models.Q(kind__in=["federated", "managed_identity"], thumbprint="", expires_at=None),
                name="tenants_serviceprincipal_certificate",
            ),
            same_tenant("directory_id", "tenants_directory"),
        ]

    def __str__(self) -> str:
        return self.name or self.client_id

    @property
    def key_id(self) -> str:
        """The id of the key in the key ring that sealed the credential."""
        return Sealed(self.credential).key_id

    @property
    def is_keyless(self) -> bool:
        """Whether the principal signs in with an identity of the host."""
        return self.kind in (self.Kind.FEDERATED, self.Kind.MANAGED_IDENTITY)

    @property
    def healthy(self) -> bool:
        """Whether the sign-in of the latest check succeeded. False for a principal that was never checked."""
        return self.last_checked_at is not None and not self.last_error_code

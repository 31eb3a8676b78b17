"""Keys with which programs repeat a request without creating something twice."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar, Final

from django.db import models

from tenants.models import OrganizationOwned, TenantOwned
from tenants.protection import Protection

VALID_FOR: Final = timedelta(hours=24)


class CreationKey(models.Model):
    """The key in the header Idempotency-Key of a program's request, and the object that the request created. The row is
    kept for a day.

    A key is valid for one token and one operation of the API. `token_id` is the id of the token or, for an access
    token, of its client secret. `key_hash` is the key's SHA-256. `request_sha256` is an HMAC of the body, which may
    contain a secret. `object_name` identifies the object in its URL. The answer to the first request is not stored: the
    answer to a repeated request has the object as it is now. `owner` is the name of the column that contains the id of
    the customer or organization.
    """

    owner: ClassVar[str]

    token_id = models.UUIDField()
    operation = models.CharField(max_length=40)
    key_hash = models.CharField(max_length=64)
    request_sha256 = models.CharField(max_length=64)
    object_name = models.CharField(max_length=40)
    created_at = models.DateTimeField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.operation} {self.object_name}"


class IdempotencyKey(CreationKey, TenantOwned):
    """A key of a request that created an object of a customer, or the customer itself."""

    protection = Protection.INTERNAL

    owner = "tenant_id"

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "token_id", "operation", "key_hash"], name="accounts_idempotencykey_once"
            )
        ]
        indexes = [models.Index(fields=["tenant", "created_at"], name="accounts_idempotencykey_age")]


class OrganizationIdempotencyKey(CreationKey, OrganizationOwned):
    """A key of a request that created an object of an organization, such as a campaign. Only people with a role in the
    whole organization can read or write the row.
    """

    protection = Protection.INTERNAL

    owner = "organization_id"

    class Meta(OrganizationOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "token_id", "operation", "key_hash"],
                name="accounts_organizationidempotencykey_once",
            )
        ]
        indexes = [models.Index(fields=["organization", "created_at"], name="accounts_organizationkey_age")]

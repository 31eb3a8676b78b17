"""Client secrets of service accounts, for which programs get access tokens (OAuth 2.0, client credentials)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from portal.accounts.models.api_token import SHOWN_CHARACTERS
from tenants import rls
from tenants.models.base import OrganizationOwned
from tenants.protection import Protection


class ClientSecret(OrganizationOwned):
    """A secret with which the program of a service account requests access tokens (`ApiToken.client_secret`).

    `person` is the `Person` row of the service account. The client id is the id of the `ServiceAccount`.
    `token_hash` is the secret's SHA-256 in hex. `beginning` has the first characters of the secret. `capabilities`
    limit the rights of the access tokens. `last_used_at` and `last_used_from` (IP address) say when and from where the
    last access token was requested. A secret ends at `expires_at` or `revoked_at`, but its row is kept.

    Administrators of the whole organization write and read the rows. Anyone who knows a secret can read its row.
    """

    protection = Protection.SECRET

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=100)
    beginning = models.CharField(max_length=SHOWN_CHARACTERS)
    token_hash = models.CharField(max_length=64, unique=True)
    capabilities: ArrayField[list[str], list[str]] = ArrayField(models.CharField(max_length=30))
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    last_used_from = models.GenericIPAddressField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta(OrganizationOwned.Meta):
        ordering = ["-created_at", "-pk"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["organization", "id"], name="accounts_clientsecret_organization_id"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="accounts_clientsecret_period"
            ),
            models.CheckConstraint(condition=Q(capabilities__len__gt=0), name="accounts_clientsecret_rights"),
            rls.RowLevelSecurity(
                name="%(app_label)s_%(class)s_rls", using=rls.ORGANIZATION, read=rls.INVITATION_READ
            ),
        ]

    def __str__(self) -> str:
        return self.name

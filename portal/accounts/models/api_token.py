"""Tokens with which programs act as a person."""

from __future__ import annotations

from typing import Any, ClassVar, Final
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Manager, Q, QuerySet

from tenants import rls
from tenants.ids import uuid7
from tenants.isolation.active_scope import Scope, current
from tenants.models.base import ProtectedBase
from tenants.protection import Protection
from tenants.references import CompositeReference

SHOWN_CHARACTERS: Final = 15
"""How many of a token's first characters are stored and shown, so that people recognize the token: the 11 characters of
the prefix, and four random characters.
"""


class ApiTokenManager(Manager["ApiToken"]):
    """Selects the tokens of the person in the current scope (`tenants.scope`), and all tokens of the organizations in
    the current scope.
    """

    def visible(self, scope: Scope) -> Q:
        own = Q(person=scope.person.pk) if scope.person is not None else Q()
        return own | Q(organization_id__any_of=scope.organization_ids)

    def get_queryset(self) -> QuerySet[ApiToken]:
        return super().get_queryset().filter(self.visible(current()))


class ApiToken(models.Model, metaclass=ProtectedBase):
    """A token with which a program acts as its person, in one organization and with some of the person's rights.

    `token_hash` is the token's SHA-256 in hex. `beginning` has the first characters of the token. `capabilities` are
    the rights that the token can use. At each request, the person's roles limit these rights. `tenant_ids` are the
    customers to which the token is limited, or None for all customers of the person. A token ends at `expires_at` or
    `revoked_at`.

    An access token (OAuth 2.0) has the `client_secret` for which a program got it, and the secret's `name` and
    `beginning`. It ends after an hour, or earlier if the secret ends. An hourly task deletes ended access tokens.
    Other ended tokens are kept.

    Row-level security: a person sees their own tokens, and administrators of the whole organization see all tokens of
    the organization. Anyone who knows a token can read its row.
    """

    protection = Protection.SECRET

    policy: ClassVar[str] = f"({rls.ORGANIZATION}) OR person_id = {rls.PERSON_ID}"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey("tenants.Organization", on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=100)
    beginning = models.CharField(max_length=SHOWN_CHARACTERS)
    token_hash = models.CharField(max_length=64, unique=True)
    capabilities: ArrayField[list[str], list[str]] = ArrayField(models.CharField(max_length=30))
    tenant_ids: ArrayField[list[UUID] | None, list[UUID] | None] = ArrayField(
        models.UUIDField(), null=True, blank=True
    )
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    last_used_from = models.GenericIPAddressField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    client_secret = models.ForeignKey(
        "accounts.ClientSecret", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )

    objects = ApiTokenManager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints: ClassVar[list[Any]] = [
            rls.RowLevelSecurity(
                name="%(app_label)s_%(class)s_rls",
                using=f"({rls.ORGANIZATION}) OR person_id = {rls.PERSON_ID}",
                read=rls.INVITATION_READ,
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="accounts_apitoken_period"
            ),
            models.CheckConstraint(condition=Q(capabilities__len__gt=0), name="accounts_apitoken_rights"),
            CompositeReference(
                name="accounts_apitoken_client_secret_organization",
                columns=("organization_id", "client_secret_id"),
                table="accounts_clientsecret",
                targets=("organization_id", "id"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

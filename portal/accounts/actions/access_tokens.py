"""Issue, revoke and delete access tokens, which programs of service accounts get in exchange for a client secret.

A program requests an access token every hour, so the journal does not record each access token. When the journal
records an action of a program, the entry names the client secret by its first characters.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from portal.accounts.actions.service_accounts import rights_of
from portal.accounts.models import ApiToken, ClientSecret
from portal.accounts.tokens.token_text import ACCESS_TOKEN, CLIENT_SECRET, is_well_formed
from tenants.models import ServiceAccount
from tenants.people.link_tokens import hash_token
from tenants.roles import Capability, Role
from tenants.scope import find_by_token, organization_scope, person_scope
from tenants.selectors import organization_ids

VALID_SECONDS: Final = 3600


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """A program that has authenticated as a service account with a usable client secret."""

    secret: ClientSecret
    account: ServiceAccount

    @property
    def client_id(self) -> str:
        return str(self.account.pk)

    @property
    def rights(self) -> list[Capability]:
        """The rights of the secret. Rights that the account's role no longer includes are left out."""
        held = rights_of(Role(self.account.role))
        return [one for one in held if one in self.secret.capabilities]

    def seconds(self, now: datetime) -> int:
        """Return for how many seconds an access token is valid. It is valid for an hour, or until the secret
        expires, whichever is earlier.
        """
        left = int((self.secret.expires_at - now).total_seconds())
        return max(1, min(VALID_SECONDS, left))


def authenticated_client(client_id: str, secret: str, now: datetime) -> OAuthClient | None:
    """Return the client if the id and the secret are valid and belong together, otherwise None. This function may run
    outside of a scope (`tenants.scope`).

    The secret is looked up by its hash, so the response time does not reveal whether an id exists.
    """
    if not is_well_formed(secret, (CLIENT_SECRET,)):
        return None
    row = find_by_token(ClientSecret, hash_token(secret), related="person")
    if row is None or row.revoked_at is not None or row.expires_at <= now or not row.person.is_active:
        return None
    with person_scope(row.person):
        # Use the base manager: in this scope, the default manager would hide an account whose role is limited to some
        # customers.
        account = ServiceAccount._base_manager.filter(person=row.person, disabled_at__isnull=True).first()
    if account is None or not constant_time_compare(str(account.pk), client_id):
        return None
    return OAuthClient(row, account)


@transaction.atomic
def store_access_token(
    *, client: OAuthClient, text: str, capabilities: Collection[str], seconds: int, address: str
) -> bool:
    """Store an access token of the client. Also store that the client secret was used now, from the IP address
    `address`. This function may run outside of a scope (`tenants.scope`).

    Return False and store nothing if the secret has meanwhile ended or lost one of the rights `capabilities`.
    """
    now = timezone.now()
    with organization_scope(client.secret.organization_id):
        secret = (
            ClientSecret.objects.select_for_update(no_key=True)
            .filter(pk=client.secret.pk, revoked_at__isnull=True, expires_at__gt=now)
            .first()
        )
        if secret is None or set(capabilities) - set(secret.capabilities):
            return False
        ApiToken.objects.create(
            organization_id=secret.organization_id,
            person_id=secret.person_id,
            client_secret=secret,
            name=secret.name,
            beginning=secret.beginning,
            token_hash=hash_token(text),
            capabilities=[str(one) for one in Capability if one in capabilities],
            tenant_ids=None,
            created_at=now,
            expires_at=now + timedelta(seconds=seconds),
        )
        secret.last_used_at, secret.last_used_from = now, address or None
        secret.save(update_fields=["last_used_at", "last_used_from"])
    return True


def revoke_access_token(*, client: OAuthClient, text: str) -> bool:
    """Revoke an access token of the client's account, even if it was issued for another secret of the account. This
    function may run outside of a scope (`tenants.scope`).

    If the text is an access token of another account, revoke nothing and return False. Otherwise return True, even if
    the text is not a usable access token and nothing had to be revoked.
    """
    if not is_well_formed(text, (ACCESS_TOKEN,)):
        return True
    now = timezone.now()
    token = find_by_token(ApiToken, hash_token(text), related="person")
    if token is None or token.revoked_at is not None or token.expires_at <= now:
        return True
    if token.person_id != client.account.person_id:
        return False
    with organization_scope(token.organization_id):
        ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=now)
    return True


def delete_ended_access_tokens() -> int:
    """Delete all expired and revoked access tokens, of all organizations, and return their number. This function may be
    called outside of a scope (`tenants.scope`).
    """
    deleted = 0
    for organization_id in organization_ids():
        with organization_scope(organization_id):
            rows = ApiToken.objects.filter(
                Q(expires_at__lte=timezone.now()) | Q(revoked_at__isnull=False), client_secret__isnull=False
            )
            deleted += rows.delete()[0]
    return deleted

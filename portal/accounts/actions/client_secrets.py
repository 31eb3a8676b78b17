"""Revoke client secrets, and limit the rights of client secrets. In both cases, the access tokens of the secrets are
revoked.

The module `portal.accounts.actions.service_credentials` creates client secrets. The row of a secret is locked before
its access tokens are issued or revoked, so no token is issued during a revocation.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from django.utils import timezone

from portal.accounts.models import ApiToken, ClientSecret
from tenants import journal
from tenants.actors import Actor
from tenants.models import Organization

MAX_SECRETS: Final = 2
"""The maximum number of usable secrets of an account: the current secret, and its successor while programs switch to
the successor.
"""


def revoke_secrets(*, person_id: UUID, by: Actor) -> int:
    """Revoke all usable secrets of a service account, with their access tokens, and return the number of revoked
    secrets. Call this in a transaction with the scope of the account's organization (`tenants.scope`).
    """
    rows = usable_secrets(person_id)
    for secret in rows:
        revoke_locked_secret(secret, by)
    return len(rows)


def narrow_secrets(*, person_id: UUID, rights: Collection[str], by: Actor) -> None:
    """Limit the secrets of a service account to the rights in `rights`. Revoke secrets that have none of these rights.

    The access tokens of changed secrets are revoked, so programs must request new access tokens. Call this in a
    transaction with the scope of the organization (`tenants.scope`).
    """
    for secret in usable_secrets(person_id):
        kept = [one for one in secret.capabilities if one in rights]
        if not kept:
            revoke_locked_secret(secret, by)
        elif kept != secret.capabilities:
            secret.capabilities = kept
            secret.save(update_fields=["capabilities"])
            revoke_access_tokens(secret, timezone.now())
            record_secret(secret, by, "client_secret.narrowed")


def usable_secrets(person_id: UUID) -> list[ClientSecret]:
    """Return the usable secrets of a service account. Their rows are locked until the end of the transaction."""
    rows = ClientSecret.objects.select_for_update(no_key=True).filter(
        person_id=person_id, revoked_at__isnull=True, expires_at__gt=timezone.now()
    )
    return list(rows.order_by("pk"))


def revoke_locked_secret(secret: ClientSecret, by: Actor) -> None:
    """Revoke a secret and its access tokens. The caller has locked the row of the secret."""
    now = timezone.now()
    secret.revoked_at = now
    secret.save(update_fields=["revoked_at"])
    revoke_access_tokens(secret, now)
    record_secret(secret, by, "client_secret.revoked")


def revoke_access_tokens(secret: ClientSecret, now: datetime) -> None:
    """Revoke the access tokens of a secret. This is not recorded in the journal, and neither is the issue of tokens."""
    ApiToken.objects.filter(client_secret=secret, revoked_at__isnull=True).update(revoked_at=now)


def record_secret(secret: ClientSecret, by: Actor, action: str) -> None:
    """Record in the journal of the organization that a secret was created, narrowed or revoked."""
    journal.record(
        organization=Organization(pk=secret.organization_id),
        actor=by,
        action=action,
        target=f"client_secret:{secret.pk}",
        details={
            "name": secret.name,
            "beginning": secret.beginning,
            "capabilities": secret.capabilities,
            "expires_at": secret.expires_at,
            "person": str(secret.person_id),
        },
    )

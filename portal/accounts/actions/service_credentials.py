"""Create tokens and client secrets of service accounts, and revoke client secrets.

The person who creates a token or client secret is registered as someone who could act as the account
(`ServiceAccountController`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from allauth.account.adapter import get_adapter
from django.db import transaction
from django.utils import timezone

from portal.accounts.actions.api_tokens import MAX_ACTIVE, OF_THE_API, check_days, record_token, right_label
from portal.accounts.actions.client_secrets import (
    MAX_SECRETS,
    record_secret,
    revoke_locked_secret,
    usable_secrets,
)
from portal.accounts.actions.service_accounts import (
    add_controllers,
    clean_account_name,
    locked_account,
    possible_responsible,
    rights_of,
    usual_rights,
)
from portal.accounts.models import ApiToken, ClientSecret
from portal.accounts.models.api_token import SHOWN_CHARACTERS
from portal.accounts.tokens.token_text import CLIENT_SECRET, new_token
from tenants.actors import Actor
from tenants.errors import Conflict, InvalidInput, NotFound, invalid
from tenants.ids import parse_uuid
from tenants.models import Person, ServiceAccount
from tenants.people.link_tokens import hash_token
from tenants.roles import Capability, Role


@transaction.atomic
def create_service_token(
    *,
    by: Actor,
    account: ServiceAccount,
    name: str,
    days: int,
    capabilities: Iterable[str] | None = None,
) -> tuple[ApiToken, str]:
    """Create a token of the account. Return its row and the token itself, which is not stored. The person responsible
    and `by` get a mail.

    If `capabilities` is None, the token has the account's `usual_rights`. Raise Conflict if the account is disabled or
    has too many tokens. Raise InvalidInput for an invalid name or period (`check_days`), and for rights that the
    account lacks.
    """
    row = locked_account(by, account)
    cleaned, chosen = _checked(row, name=name, days=days, capabilities=capabilities, kind="token")
    now = timezone.now()
    active = ApiToken.objects.filter(
        person=row.person_id, client_secret__isnull=True, revoked_at__isnull=True, expires_at__gt=now
    )
    if active.count() >= MAX_ACTIVE:
        raise Conflict(
            f"A service account can have at most {MAX_ACTIVE} tokens. Revoke one that is no longer used."
        )
    text = new_token()
    values = _stored(row, text, name=cleaned, capabilities=chosen, at=now, days=days)
    token = ApiToken.objects.create(**values, tenant_ids=None)
    add_controllers(row, by)
    record_token(token, by, "api_token.created")
    _mail_created(row, token, by, "account/email/service_token_created")
    return token, text


@transaction.atomic
def create_client_secret(
    *,
    by: Actor,
    account: ServiceAccount,
    name: str,
    days: int,
    capabilities: Iterable[str] | None = None,
) -> tuple[ClientSecret, str]:
    """Create a client secret of the account. Return its row and the secret itself, which is not stored. The person
    responsible and `by` get a mail.

    `capabilities` limit the rights of the access tokens that are issued for the secret. If `capabilities` is None, the
    account's `usual_rights` are the limit. Raise Conflict if the account already has two usable secrets. Also raise the
    errors of `create_service_token`.
    """
    row = locked_account(by, account)
    cleaned, chosen = _checked(row, name=name, days=days, capabilities=capabilities, kind="client secret")
    if len(usable_secrets(row.person_id)) >= MAX_SECRETS:
        raise Conflict(
            f"A service account can have at most {MAX_SECRETS} client secrets. Revoke one first.",
            code="too_many_secrets",
        )
    now, text = timezone.now(), new_token(CLIENT_SECRET)
    values = _stored(row, text, name=cleaned, capabilities=chosen, at=now, days=days)
    secret = ClientSecret.objects.create(**values)
    add_controllers(row, by)
    record_secret(secret, by, "client_secret.created")
    _mail_created(row, secret, by, "account/email/client_secret_created")
    return secret, text


@transaction.atomic
def revoke_client_secret(*, by: Actor, account: ServiceAccount, secret_id: object) -> ClientSecret:
    """Revoke a client secret of the account, with its access tokens. If the secret is already revoked, nothing changes.

    Raise NotFound if the account has no such secret.
    """
    row = locked_account(by, account)
    rows = ClientSecret.objects.select_for_update(no_key=True).filter(person=row.person_id)
    identifier = parse_uuid(secret_id)
    secret = rows.filter(pk=identifier).first() if identifier else None
    if secret is None:
        raise NotFound("This client secret does not exist, or you have no access to it.")
    if secret.revoked_at is None:
        revoke_locked_secret(secret, by)
    return secret


def _checked(
    account: ServiceAccount, *, name: str, days: int, capabilities: Iterable[str] | None, kind: str
) -> tuple[str, list[str]]:
    """Check the values for a new token or client secret, and return its name and rights. Raise the errors of
    `create_service_token`.
    """
    if account.disabled_at is not None:
        raise Conflict("This service account is disabled. Enable it first.", code="disabled")
    cleaned = clean_account_name(name)
    role = Role(account.role)
    chosen = set(usual_rights(role) if capabilities is None else capabilities)
    if not chosen:
        raise invalid("capabilities", "Choose at least one right.")
    if unknown := chosen - set(rights_of(role)):
        names = ", ".join(sorted(unknown))
        raise InvalidInput(
            f"The role of the service account does not include: {names}. Choose rights that the role includes.",
            fields={"capabilities": [f"The role of the service account does not include: {names}."]},
        )
    check_days(days, chosen, kind=kind)
    return cleaned, [str(one) for one in Capability if one in chosen]


def _stored(
    account: ServiceAccount, text: str, *, name: str, capabilities: list[str], at: datetime, days: int
) -> dict[str, Any]:
    """Return the columns that a new token and a new client secret share. `text` is the token or secret itself, of which
    only the beginning and the hash are stored.
    """
    return {
        "organization": account.organization,
        "person": account.person,
        "name": name,
        "beginning": text[:SHOWN_CHARACTERS],
        "token_hash": hash_token(text),
        "capabilities": capabilities,
        "created_at": at,
        "expires_at": at + timedelta(days=days),
    }


def _mail_created(account: ServiceAccount, token: ApiToken | ClientSecret, by: Actor, template: str) -> None:
    """Send a mail about a new token or client secret to its creator. Also send the mail to the person responsible for
    the account, if this person still has a role in the organization.
    """
    creator = by if isinstance(by, Person) else None
    present = {one.pk for one in possible_responsible(account.organization)}
    people = {} if creator is None else {creator.pk: creator}
    if account.responsible_id in present:
        people.setdefault(account.responsible_id, account.responsible)
    rights = [right_label(one) for one in OF_THE_API if one in token.capabilities]
    for person in people.values():
        get_adapter().send_mail(
            template,
            person.email,
            {"user": person, "account": account, "token": token, "creator": creator, "rights": rights},
        )

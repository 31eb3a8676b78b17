"""Create and revoke API tokens.

All tokens of an account are revoked when the account is disabled, when its password, email address or linked identities
change, and when a second factor is removed. When a role ends or changes, the tokens lose the rights that no role of the
person includes any more. Access tokens of OAuth 2.0 are in `portal.accounts.actions.access_tokens`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from allauth.account.adapter import get_adapter
from django.db import transaction
from django.utils import timezone
from django.utils.text import capfirst

from portal.accounts.models import ApiToken
from portal.accounts.models.api_token import SHOWN_CHARACTERS
from portal.accounts.tokens.token_text import new_token
from tenants import journal
from tenants.actors import Actor, System
from tenants.errors import Conflict, InvalidInput, NotFound, PermissionDenied, invalid
from tenants.ids import parse_uuid
from tenants.models import Membership, Organization, Person, Tenant
from tenants.people.link_tokens import hash_token
from tenants.roles import CAPABILITIES, Capability, Role
from tenants.scope import current, journal_scope, organizations_of, roles_everywhere
from tenants.values.names import clean_name

MAX_DAYS: Final = 366
MAX_DAYS_TO_DECIDE: Final = 30
"""The maximum number of days for tokens with a right of `DECIDING`. On pages, people re-authenticate before they use
such a right. A program does not re-authenticate, so its token must end sooner than other tokens.
"""
DECIDING: Final = {
    Capability.APPROVE: "approve exceptions",
    Capability.ADMINISTER: "change service principals and policies",
    Capability.REGISTER: "register customers",
    Capability.ORGANIZATION: "set up ticket systems and publish own controls",
    Capability.REVOKE_REPORTS: "revoke reports",
}
MAX_ACTIVE: Final = 50
"""The maximum number of usable tokens that a person may have in an organization."""
MAX_NAME: Final = 100
OF_THE_API: Final = (
    Capability.VIEW,
    Capability.VIEW_ALL,
    Capability.ASSESS,
    Capability.TREAT,
    Capability.ASSIGN,
    Capability.APPROVE,
    Capability.ATTEST,
    Capability.REPORT,
    Capability.READ_REPORTS,
    Capability.REVOKE_REPORTS,
    Capability.JOURNAL,
    Capability.MEMBERS,
    Capability.ADMINISTER,
    Capability.REGISTER,
    Capability.ORGANIZATION,
)
"""The capabilities that the API uses. Tokens get no other capabilities, because these would be a needless risk."""


_LABELS: Final = {
    Capability.MEMBERS: "see who has access",
    Capability.ASSIGN: "assign findings to owners, and run campaigns",
    Capability.ADMINISTER: "change directories, service principals, subscriptions, exclusion rules, channels,"
    " policies, watch rules and planned changes. In the whole organization, this includes"
    " drafts of own controls, baselines, the default schedule, and settings and schedules of reports. With the"
    " right to see who has access, the token can also invite people and change their"
    " roles. With the right to build reports, the token can also send reports to other"
    " people, by schedules and links",
    Capability.ORGANIZATION: "set up ticket systems with their projects and rules, publish, switch off and"
    " retire own controls, revoke client secrets, set up service principals of the"
    " organization, and assign delegated subscriptions to customers",
}


def right_label(capability: Capability) -> str:
    """Return in words what a token with this capability (a “right” in the API) may do.

    The words for `members` are only “see who has access”: to change access, a token also needs `administer`.
    """
    return _LABELS.get(capability, str(capability.label))


def right_choices(capabilities: Iterable[Capability]) -> list[tuple[str, str]]:
    """Return the choices of a form: (value, label). Each label ends with the name in the API, such as “(report)”."""
    return [(one.value, f"{capfirst(right_label(one))} ({one.value})") for one in capabilities]


def check_days(days: int, capabilities: Collection[str], *, kind: str = "token") -> None:
    """Raise InvalidInput if a token or client secret with these rights may not be valid for this many days.

    `kind` names the token or client secret in the error.
    """
    if not 1 <= days <= MAX_DAYS:
        raise invalid("days", f"Enter a number of days from 1 to {MAX_DAYS}.")
    deciding = next((one for one in DECIDING if one in capabilities), None)
    if deciding is not None and days > MAX_DAYS_TO_DECIDE:
        raise invalid(
            "days",
            f"A {kind} with the right to {DECIDING[deciding]} is valid for at most {MAX_DAYS_TO_DECIDE} days. Choose a"
            " shorter period, or leave out this right.",
        )


def limit_text(rights: Collection[Capability]) -> str:
    """Return a sentence for a form. It names the rights that are in `DECIDING`, and says for how many days a token with
    one of them can be valid. If none of the rights is in `DECIDING`, return an empty text.
    """
    deciding = [words for right, words in DECIDING.items() if right in rights]
    if not deciding:
        return ""
    with_them = (
        f"the right to {deciding[0]}" if len(deciding) == 1 else f"one of these rights: {'; '.join(deciding)}"
    )
    return f"At most {MAX_DAYS_TO_DECIDE} days with {with_them}."


def grantable(organization: Organization) -> list[Capability]:
    """Return the capabilities of the API that the person of the current scope (`tenants.scope`) has in the organization
    or in one of its customers.
    """
    scope = current()
    held = {one for one in OF_THE_API if scope.may_in_organization(one, organization.pk)}
    for tenant_id in Tenant.objects.filter(organization=organization).values_list("pk", flat=True):
        held |= scope.capabilities(tenant_id)
    return [one for one in OF_THE_API if one in held]


@transaction.atomic
def create_token(
    *,
    by: Person,
    organization: Organization,
    name: str,
    capabilities: Iterable[str],
    days: int,
    tenants: Collection[Tenant] | None = None,
) -> tuple[ApiToken, str]:
    """Create a token for `by`, valid for `days` days. Return its row and the token itself, which is not stored.

    `tenants` limits the token to these customers. If `tenants` is None, the token is valid for all customers of the
    organization to which the person has access, including future customers. The person gets a mail.

    Raise InvalidInput for an invalid name, period (`check_days`) or customer, and for rights that the person does not
    have. Raise Conflict if the person already has 50 tokens.
    """
    scope = current()
    if scope.person is None or scope.person.pk != by.pk:
        raise PermissionDenied("You can create API tokens only for yourself.")
    # Pages and mails show the token's name to other people, so the name must not contain characters that hide or
    # reorder text.
    name = clean_name(name, missing="Enter a name, for example the program’s name.")
    if len(name) > MAX_NAME:
        raise invalid(
            "name", f"Enter a name with 1 to {MAX_NAME} characters, for example the program’s name."
        )
    if tenants is not None and not tenants:
        raise invalid("tenants", "Choose at least one customer, or all customers.")
    chosen = set(capabilities)
    if not chosen:
        raise invalid("capabilities", "Choose at least one right.")
    if unknown := chosen - set(grantable(organization)):
        raise InvalidInput(
            "You do not have all of these rights. Choose rights that your role includes.",
            fields={"capabilities": [f"Your role does not include: {', '.join(sorted(unknown))}."]},
        )
    check_days(days, chosen)
    if any(one.organization_id != organization.pk or one.pk not in scope.tenant_ids for one in tenants or ()):
        raise invalid("tenants", "Choose customers of this organization.")
    now = timezone.now()
    # If several requests create tokens at the same time, the lock makes them wait for each other. So each request
    # counts the tokens of the earlier requests.
    Person.objects.select_for_update().get(pk=by.pk)
    active = ApiToken.objects.filter(
        person=by, organization=organization, revoked_at__isnull=True, expires_at__gt=now
    )
    if active.count() >= MAX_ACTIVE:
        raise Conflict(f"You already have {MAX_ACTIVE} API tokens. Revoke one that is no longer used.")
    text = new_token()
    token = ApiToken.objects.create(
        organization=organization,
        person=by,
        name=name,
        beginning=text[:SHOWN_CHARACTERS],
        token_hash=hash_token(text),
        capabilities=[str(one) for one in Capability if one in chosen],
        tenant_ids=None if tenants is None else sorted(one.pk for one in tenants),
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    record_token(token, by, "api_token.created")
    rights = [right_label(one) for one in OF_THE_API if one in chosen]
    get_adapter().send_mail(
        "account/email/api_token_created", by.email, {"user": by, "token": token, "rights": rights}
    )
    return token, text


@transaction.atomic
def revoke_token(*, token_id: object, by: Person) -> ApiToken:
    """Revoke a token of `by`. People who may change the organization's members and tokens can revoke every token of the
    organization.

    If the token is already revoked, nothing changes. Raise NotFound for a token that the person may not revoke.
    """
    identifier = parse_uuid(token_id)
    token = ApiToken.objects.select_for_update().filter(pk=identifier).first() if identifier else None
    if token is None or not _may_revoke(token, by):
        raise NotFound("This API token does not exist, or you have no access to it.")
    if token.revoked_at is None:
        _revoke(token, by, timezone.now())
    return token


@transaction.atomic
def revoke_all(*, person: Person, by: Actor) -> int:
    """Revoke the person's tokens in all organizations. Return the number of tokens that were still usable.

    Call this function if somebody other than the person may have created some of the tokens, or if the account may no
    longer be used.
    """
    now, revoked = timezone.now(), 0
    # Include organizations in which the person's roles have ended. Otherwise, the tokens there would work again as soon
    # as the person gets a role again.
    roles = {place for place, _, _ in roles_everywhere(person, ended=True)}
    for organization_id in sorted(roles | set(organizations_of(person))):
        with journal_scope(organization_id):
            for token in _usable(person.pk, organization_id, now):
                _revoke(token, by, now)
                revoked += 1
    return revoked


@transaction.atomic
def narrow_tokens(*, person_id: UUID, organization_id: UUID, new_role: UUID | None = None) -> None:
    """Limit the person's tokens in the organization to the rights and customers that the person's roles still include.

    Tokens without any remaining right or customer are revoked. If they were not revoked, an old token would work again
    as soon as the person gets a new role. `new_role` is the id of a membership that was just granted. The rights of
    this membership do not count, because existing tokens must not gain rights.
    """
    now = timezone.now()
    with journal_scope(organization_id):
        held = Membership.objects.filter(
            Membership.valid_at(now), person_id=person_id, organization_id=organization_id
        )
        roles: list[tuple[UUID | None, Role]] = [
            (one.tenant_id, Role(one.role)) for one in held if one.pk != new_role
        ]
        narrow_to(roles, person_id=person_id, organization_id=organization_id, by=System("accounts"))


@transaction.atomic
def narrow_to(
    roles: list[tuple[UUID | None, Role]], *, person_id: UUID, organization_id: UUID, by: Actor
) -> None:
    """Limit the account's tokens in the organization to the rights and customers that these roles include.

    `roles` are pairs of a customer's id (None for all customers) and a role. Tokens without any remaining right or
    customer are revoked. Call this in a transaction with the organization's scope (`tenants.scope`).
    """
    now = timezone.now()
    for token in _usable(person_id, organization_id, now):
        rights, tenant_ids = _left(token, roles)
        if not rights or tenant_ids == []:
            _revoke(token, by, now)
        elif (rights, tenant_ids) != (token.capabilities, token.tenant_ids):
            token.capabilities, token.tenant_ids = rights, tenant_ids
            token.save(update_fields=["capabilities", "tenant_ids"])
            record_token(token, by, "api_token.narrowed")


def note_use(*, token: ApiToken, at: datetime, address: str) -> None:
    """Store when and from where a token was used last. Call this in a transaction with the scope of the token's person
    (`tenants.scope`).
    """
    ApiToken.objects.filter(pk=token.pk).update(last_used_at=at, last_used_from=address or None)


def _usable(person_id: UUID, organization_id: UUID, now: datetime) -> list[ApiToken]:
    """Return the usable tokens of the account. Access tokens are left out: they end with their client secret
    (`portal.accounts.actions.client_secrets`).
    """
    rows = ApiToken.objects.select_for_update().filter(
        person_id=person_id,
        organization_id=organization_id,
        client_secret__isnull=True,
        revoked_at__isnull=True,
        expires_at__gt=now,
    )
    return list(rows.order_by("pk"))


def _left(token: ApiToken, roles: list[tuple[UUID | None, Role]]) -> tuple[list[str], list[UUID] | None]:
    """Return the rights and customers of the token that these roles still permit. A role without a customer
    is for all customers.
    """
    tenant_ids: list[UUID] | None = token.tenant_ids
    if tenant_ids is not None:
        places = {place for place, _ in roles}
        tenant_ids = tenant_ids if None in places else [one for one in tenant_ids if one in places]
        roles = [(place, role) for place, role in roles if place is None or place in tenant_ids]
    given = frozenset[Capability]().union(*(CAPABILITIES[role] for _, role in roles))
    return [one for one in token.capabilities if one in given], tenant_ids


def _revoke(token: ApiToken, by: Actor, now: datetime) -> None:
    token.revoked_at = now
    token.save(update_fields=["revoked_at"])
    record_token(token, by, "api_token.revoked")


def _may_revoke(token: ApiToken, by: Person) -> bool:
    return token.person_id == by.pk or current().may_in_organization(
        Capability.ORGANIZATION, token.organization_id
    )


def record_token(token: ApiToken, by: Actor, action: str) -> None:
    """Record in the journal of the token’s organization that a token was created, narrowed or revoked."""
    tenants: list[UUID] | None = token.tenant_ids
    details = {
        "name": token.name,
        "beginning": token.beginning,
        "capabilities": token.capabilities,
        "customers": None if tenants is None else [str(one) for one in tenants],
        "expires_at": token.expires_at,
        "person": str(token.person_id),
    }
    # This entry belongs in the organization's journal. `journal_scope` is needed, because the scope of people with
    # roles in single customers does not contain the organization.
    with journal_scope(token.organization_id):
        journal.record(
            organization=Organization(pk=token.organization_id),
            actor=by,
            action=action,
            target=f"api_token:{token.pk}",
            details=details,
        )

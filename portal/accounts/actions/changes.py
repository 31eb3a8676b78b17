"""Changes that administrators make to how a person signs in.

A second administrator must confirm changes to approvers and administrators.

Whoever controls a person's address or identity can act as that person. An administrator who could change those of an
approver without anybody's consent could approve exceptions without anybody's consent.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from portal.accounts.actions.sessions import end_sessions
from portal.accounts.models import AccountChange, IdentityPermit
from tenants.account_journal import record_for
from tenants.errors import Conflict, NotFound, PermissionDenied, invalid
from tenants.models import Membership, Organization, Person
from tenants.roles import Capability, Role
from tenants.scope import current, organizations_of

Kind = AccountChange.Kind
PERMIT_DAYS = 7
PROVIDER = "sso"
# An administrator who took over an account with one of these roles could request and approve alone, or confirm an
# approver of their own choice.
SECOND_ADMINISTRATOR = (Role.APPROVER, Role.ORGANIZATION_ADMINISTRATOR, Role.TENANT_ADMINISTRATOR)


def person_of(organization: Organization, person_id: str | UUID) -> Person:
    """Return the person with a role in the organization or one of its customers. Raise NotFound for other people."""
    rows = Membership.objects.filter(organization=organization, person_id=person_id)
    found = rows.filter(Membership.valid_at(timezone.now())).select_related("person").first()
    if found is None:
        raise NotFound("This person does not exist, or has no role in this organization.")
    return found.person


def needs_second_administrator(organization: Organization, person: Person) -> bool:
    """Return whether another administrator must confirm changes to this person's account.

    Roles that have not started or wait for a confirmation count too. Otherwise an administrator could take over an
    account before somebody else confirms its role.
    """
    rows = Membership.objects.filter(organization=organization, person=person, role__in=SECOND_ADMINISTRATOR)
    not_ended = Q(valid_until__isnull=True) | Q(valid_until__gt=timezone.now())
    return rows.filter(not_ended).exclude(confirmation=Membership.Confirmation.REFUSED).exists()


def open_changes(organization: Organization, person: Person | None = None) -> list[AccountChange]:
    """Return the changes that wait for a second administrator, oldest first."""
    rows = AccountChange.objects.filter(organization=organization, decided_at=None)
    if person is not None:
        rows = rows.filter(person=person)
    return list(rows.select_related("person", "requested_by").order_by("requested_at"))


@transaction.atomic
def change_account(
    *, by: Person, organization: Organization, person: Person, kind: AccountChange.Kind, value: str = ""
) -> AccountChange | None:
    """Make the change, or return it if it waits for a second administrator.

    Raise PermissionDenied for a person who is not an administrator of all organizations of the account, Conflict for
    the caller's own account and if such a change already waits.
    """
    _check_right(by, organization, person)
    value = _clean(kind, value, person)
    if not needs_second_administrator(organization, person):
        _apply(by, person, kind, value)
        return None
    try:
        with transaction.atomic():
            change = AccountChange.objects.create(
                organization=organization, person=person, kind=kind, value=value, requested_by=by
            )
    except IntegrityError:
        raise Conflict(
            "Such a change already waits for a second administrator. It must be refused or withdrawn first.",
            code="change_waits",
        ) from None
    details = {"kind": str(kind), "value": value}
    record_for(person, actor=by, action="account.change_requested", details=details)
    _tell(person, kind, "requested")
    return change


@transaction.atomic
def decide_change(*, by: Person, change: AccountChange, confirm: bool) -> AccountChange:
    """Confirm or refuse a change that another administrator requested."""
    row = AccountChange.objects.select_for_update().select_related("person", "organization").get(pk=change.pk)
    _check_right(by, row.organization, row.person)
    if row.decided_at is not None:
        raise Conflict("This change was already decided. Reload the page.", code="already_decided")
    if row.requested_by_id == by.pk and confirm:
        raise PermissionDenied(
            "You requested this change yourself. Another administrator must confirm it.",
            code="second_administrator",
        )
    details = {"kind": row.kind, "value": row.value}
    if not confirm:
        record_for(row.person, actor=by, action="account.change_refused", details=details)
        row.delete()
        return row
    row.decided_by, row.decided_at = by, timezone.now()
    row.save(update_fields=["decided_by", "decided_at"])
    record_for(row.person, actor=by, action="account.change_confirmed", details=details)
    _apply(by, row.person, Kind(row.kind), row.value)
    return row


def _check_right(by: Person, organization: Organization, person: Person) -> None:
    opened = current()
    is_by = opened.person is not None and opened.person.pk == by.pk
    if not is_by or not opened.may_in_organization(Capability.MEMBERS, organization.pk):
        raise PermissionDenied(
            "Only administrators of the organization can change how others sign in.", code="not_administrator"
        )
    if person.pk == by.pk:
        raise Conflict(
            "This is your own account. Change it on the pages of your account menu.",
            code="own_account",
        )
    if organizations_of(person) - {organization.pk}:
        raise PermissionDenied(
            "This person also works for another organization, so only they can change their account.",
            code="shared_account",
        )


def _clean(kind: AccountChange.Kind, value: str, person: Person) -> str:
    value = value.strip()
    if kind == Kind.ADDRESS:
        value = value.lower()
        try:
            validate_email(value)
        except ValidationError:
            raise invalid("value", "Enter an email address, such as jo@example.com.") from None
        if value == person.email:
            raise invalid("value", "The person already has this address.")
        taken = EmailAddress.objects.filter(email=value, verified=True).exists()
        if taken or Person.objects.filter(email=value).exists():
            raise invalid("value", "Another account has this address.", code="address_taken")
        return value
    if kind == Kind.IDENTITY:
        other = SocialAccount.objects.filter(provider=PROVIDER, uid=value)
        if other.exclude(user=person).exists():
            raise invalid("value", "Another account is linked with this identity.", code="identity_taken")
        return value
    return ""


def _apply(by: Person, person: Person, kind: AccountChange.Kind, value: str) -> None:
    if kind == Kind.ADDRESS:
        _change_address(by, person, value)
    elif kind == Kind.IDENTITY:
        _bind(by, person, value)
    elif kind == Kind.NEXT_SIGN_IN:
        expires = timezone.now() + timedelta(days=PERMIT_DAYS)
        IdentityPermit.objects.update_or_create(
            person=person, defaults={"given_by": by, "expires_at": expires}
        )
        record_for(person, actor=by, action="account.identity_permitted", details={"until": expires})
    else:
        removed, _ = Authenticator.objects.filter(user=person).delete()
        record_for(person, actor=by, action="account.second_factors_reset", details={"removed": removed})
        end_sessions(person=person, by=by)
    _tell(person, kind, "made")


def _change_address(by: Person, person: Person, value: str) -> None:
    """Mail a link to the new address. The account keeps its old address until somebody opens the link."""
    EmailAddress.objects.filter(user=person, verified=False).exclude(email=person.email).delete()
    address = EmailAddress.objects.create(user=person, email=value)
    details = {"from": person.email, "to": value}
    record_for(person, actor=by, action="account.address_change_requested", details=details)
    address.send_confirmation()


def _bind(by: Person, person: Person, value: str) -> None:
    for old in SocialAccount.objects.filter(user=person, provider=PROVIDER).exclude(uid=value):
        record_for(person, actor=by, action="account.identity_unlinked", details={"identity": old.uid})
        old.delete()
    SocialAccount.objects.get_or_create(user=person, provider=PROVIDER, uid=value)
    IdentityPermit.objects.filter(person=person).delete()
    record_for(person, actor=by, action="account.identity_linked", details={"identity": value})
    end_sessions(person=person, by=by)


def _tell(person: Person, kind: AccountChange.Kind, what: str) -> None:
    get_adapter().send_notification_mail(
        "account/email/changed_by_administrator", person, context={"change": kind.label, "what": what}
    )

"""Changes that administrators make to how a person signs in.

`account_rights` decides which administrator may change which account. A second administrator must confirm changes to
accounts of approvers and administrators. If no confirmation were needed, one administrator could take over an
approver's account and approve exceptions alone.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from assessments.actions.hourly_limit import count_in_this_hour
from portal.accounts.account_rights import SECOND_ADMINISTRATOR, Limit, limit_of
from portal.accounts.actions.api_tokens import revoke_all
from portal.accounts.actions.emergency import administrators
from portal.accounts.actions.sessions import end_sessions
from portal.accounts.actions.unconfirmed import mark, reset_account
from portal.accounts.models import AccountChange, AddressPermit, IdentityPermit, UnconfirmedChange
from tenants.actors import System
from tenants.errors import Conflict, InvalidInput, NotFound, PermissionDenied, invalid
from tenants.journal.accounts import record_for
from tenants.models import Membership, Organization, Person
from tenants.people.second_administrators import refuse_new_administrator
from tenants.roles import Role
from tenants.scope import roles_everywhere
from tenants.values.addresses import clean_address

Kind = AccountChange.Kind
PERMIT_DAYS = 7
PROVIDER = "sso"
MAX_NEW_ADDRESSES = 10


def person_of(organization: Organization, person_id: str | UUID, place: Q | None = None) -> Person:
    """Return the person if they have a role in the organization or one of its customers, otherwise raise NotFound.

    `place` is an optional filter on memberships, which limits the search to roles at some customers.
    """
    rows = Membership.objects.filter(place or Q(), organization=organization, person_id=person_id)
    found = rows.filter(Membership.valid_at(timezone.now())).select_related("person").first()
    if found is None:
        raise NotFound("This person does not exist, or has no role in this organization.")
    return found.person


def needs_second_administrator(organization: Organization, person: Person) -> bool:
    """Return whether another administrator must confirm changes to this person's account.

    Roles that have not started or wait for a confirmation count too. If they did not count, the account could be taken
    over before its role is confirmed.
    """
    return any(
        place == organization.pk and role in SECOND_ADMINISTRATOR
        for place, _, role in roles_everywhere(person)
    )


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
    """Change an account. If the change needs a second administrator, store the change without making it, and return it.

    Raise PermissionDenied if `account_rights` does not permit the change. Raise Conflict for the caller's own account,
    or if a change of the same kind is already waiting.
    """
    _check_right(by, organization, person)
    if kind == Kind.ADDRESS:
        _count_new_address(person)
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
            "A change of this kind is already waiting for a second administrator. Refuse or withdraw"
            " that change first.",
            code="change_waits",
        ) from None
    details = {"kind": str(kind), "value": value}
    record_for(person, actor=by, action="account.change_requested", details=details)
    _tell(person, kind, "requested")
    return change


@transaction.atomic
def request_address(*, by: Person, value: str) -> AccountChange:
    """Store a person's request to change the email address of their own account. An administrator decides on the
    request.

    The request is needed where single sign-on prevents people from changing the address themselves. The caller has
    re-authenticated the person. Raise Conflict if a request waits already, or if no administrator may change the
    address, because the account belongs to several organizations or to none.
    """
    places = {place for place, _, _ in roles_everywhere(by)}
    if len(places) != 1:
        raise Conflict(
            "No administrator can change your email address, because your account belongs to several organizations"
            " or to none. Change the address yourself.",
            code="shared_account",
        )
    _count_new_address(by)
    value = _clean(Kind.ADDRESS, value, by)
    try:
        with transaction.atomic():
            change = AccountChange._base_manager.create(
                organization_id=places.pop(), person=by, kind=Kind.ADDRESS, value=value, requested_by=by
            )
    except IntegrityError:
        raise Conflict(
            "You have already requested a new address. Withdraw that request first, or wait for the decision.",
            code="change_waits",
        ) from None
    details = {"kind": str(Kind.ADDRESS), "value": value}
    record_for(by, actor=by, action="account.change_requested", details=details)
    _tell(by, Kind.ADDRESS, "asked")
    for administrator in administrators(by):
        get_adapter().send_notification_mail(
            "account/email/address_requested", administrator, context={"person": by, "value": value}
        )
    return change


def own_request(person: Person) -> AccountChange | None:
    """Return the person's own request for a new address if an administrator has not decided it yet, otherwise None."""
    return AccountChange._base_manager.filter(
        person=person, requested_by=person, kind=Kind.ADDRESS, decided_at=None
    ).first()


@transaction.atomic
def withdraw_request(*, by: Person) -> None:
    """Withdraw the person's own request for a new address. Raise Conflict if the request was decided in the
    meantime.
    """
    change = own_request(by)
    if change is None:
        raise Conflict("This request was already decided. Reload the page.", code="already_decided")
    details = {"kind": change.kind, "value": change.value}
    record_for(by, actor=by, action="account.change_refused", details=details)
    change.delete()


@transaction.atomic
def end_sessions_of(*, by: Person, organization: Organization, person: Person) -> int:
    """End all sessions of a person whose account the administrator may change. Return the number of ended sessions."""
    _check_right(by, organization, person)
    return end_sessions(person=person, by=by)


@transaction.atomic
def end_open_permissions(person: Person, role: Role) -> None:
    """Delete the ways to sign in to this account that a single administrator has prepared: permits to link an identity,
    and unverified email addresses. Call this before the person gets the new role `role`.

    If these permits and addresses remained, the administrator could later use them to sign in as the person and act
    with the new role. If changes to accounts with the new role need a second administrator, the account is also reset
    (`reset_account`).
    """
    if role in SECOND_ADMINISTRATOR:
        reset_account(person)
    ended, _ = IdentityPermit.objects.filter(person=person).delete()
    pending = EmailAddress.objects.filter(user=person, verified=False).exclude(email=person.email)
    addresses = sorted(pending.values_list("email", flat=True))
    pending.delete()
    if ended or addresses:
        details = {"permits": ended, "addresses": ", ".join(addresses)}
        record_for(person, actor=System("accounts"), action="account.permissions_ended", details=details)


@transaction.atomic
def decide_change(*, by: Person, change: AccountChange, confirm: bool) -> AccountChange:
    """Confirm or refuse a change that another administrator, or the person of the account, requested.

    Raise Conflict if the change was already decided or withdrawn. Also raise Conflict if a new address or identity
    cannot be confirmed, because an account got it after the request. Raise PermissionDenied if `by` may not decide.
    """
    rows = AccountChange.objects.select_for_update(of=("self",)).select_related("person", "organization")
    row = rows.filter(pk=change.pk).first()
    if row is None:
        raise Conflict("This change was refused or withdrawn. Reload the page.", code="already_decided")
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
        if row.requested_by_id == row.person_id:
            _tell(row.person, Kind(row.kind), "refused")
        row.delete()
        return row
    try:
        _clean(Kind(row.kind), row.value, row.person)
    except InvalidInput:
        raise Conflict(
            "This change can no longer be made, because an account got the address or identity in the meantime. Refuse"
            " the change.",
            code="value_taken",
        ) from None
    protected = needs_second_administrator(row.organization, row.person)
    if protected:
        refuse_new_administrator(by, row.organization)
    row.decided_by, row.decided_at = by, timezone.now()
    row.save(update_fields=["decided_by", "decided_at"])
    record_for(row.person, actor=by, action="account.change_confirmed", details=details)
    # If `protected` is false, `by` may be a new administrator, whose agreement does not count. Then `confirmed` is true
    # only if the person of the account requested the change.
    _apply(
        by, row.person, Kind(row.kind), row.value, confirmed=protected or row.requested_by_id == row.person_id
    )
    return row


def _check_right(by: Person, organization: Organization, person: Person) -> None:
    limit = limit_of(by, organization, person)
    if limit is None:
        return
    error = Conflict if limit == Limit.OWN else PermissionDenied
    raise error(limit.label, code=str(limit))


def _count_new_address(person: Person) -> None:
    """Raise Conflict if too many new email addresses were entered for this person in this hour. Each entry causes
    mails, and one of the mails goes to the new address, whose owner may not know Surety.

    Call this before the address is checked, so that refused addresses count too. Otherwise, somebody could try
    many addresses, and learn from the errors which addresses have an account.
    """
    if count_in_this_hour("new_addresses", person.pk) > MAX_NEW_ADDRESSES:
        raise Conflict(
            f"A new address was entered {MAX_NEW_ADDRESSES} times in this hour. Use the link in the newest mail, or"
            " try again in an hour.",
            code="too_many_addresses",
        )


def _clean(kind: AccountChange.Kind, value: str, person: Person) -> str:
    value = value.strip()
    if kind == Kind.ADDRESS:
        value = clean_address(value, "value")
        if value == person.email:
            raise invalid("value", "The person already has this address. Enter another one.")
        taken = EmailAddress.objects.filter(email=value, verified=True).exists()
        if taken or Person.objects.filter(email=value).exists():
            raise invalid(
                "value", "Another account has this address. Enter another one.", code="address_taken"
            )
        return value
    if kind == Kind.IDENTITY:
        other = SocialAccount.objects.filter(provider=PROVIDER, uid=value)
        if other.exclude(user=person).exists():
            raise invalid(
                "value",
                "This single sign-on identity is already linked with another account. Choose another"
                " identity.",
                code="identity_taken",
            )
        return value
    return ""


def _apply(
    by: Person, person: Person, kind: AccountChange.Kind, value: str, *, confirmed: bool = False
) -> None:
    """Make the change. `confirmed` is true if a second administrator or the account's person agreed to the change."""
    if kind == Kind.ADDRESS:
        _change_address(by, person, value, confirmed)
    elif kind == Kind.IDENTITY:
        _bind(by, person, value, confirmed)
    elif kind == Kind.NEXT_SIGN_IN:
        expires = timezone.now() + timedelta(days=PERMIT_DAYS)
        IdentityPermit.objects.update_or_create(
            person=person, defaults={"given_by": by, "expires_at": expires, "confirmed": confirmed}
        )
        record_for(person, actor=by, action="account.identity_permitted", details={"until": expires})
    else:
        removed, _ = Authenticator.objects.filter(user=person).delete()
        record_for(person, actor=by, action="account.second_factors_reset", details={"removed": removed})
        end_sessions(person=person, by=by)
        revoke_all(person=person, by=by)
    _tell(person, kind, "made")


def _change_address(by: Person, person: Person, value: str, confirmed: bool) -> None:
    """Send a mail with a link to confirm the new address. The account keeps its old address until somebody opens the
    link.
    """
    EmailAddress.objects.filter(user=person, verified=False).exclude(email=person.email).delete()
    address = EmailAddress.objects.create(user=person, email=value)
    AddressPermit.objects.create(address=address, given_by=by, confirmed=confirmed)
    details = {"from": person.email, "to": value}
    record_for(person, actor=by, action="account.address_change_requested", details=details)
    address.send_confirmation()


def _bind(by: Person, person: Person, value: str, confirmed: bool) -> None:
    for old in SocialAccount.objects.filter(user=person, provider=PROVIDER).exclude(uid=value):
        record_for(person, actor=by, action="account.identity_unlinked", details={"identity": old.uid})
        old.delete()
    _, added = SocialAccount.objects.get_or_create(user=person, provider=PROVIDER, uid=value)
    if added and not confirmed:
        mark(person, UnconfirmedChange.Kind.IDENTITY, value, by)
    IdentityPermit.objects.filter(person=person).delete()
    record_for(person, actor=by, action="account.identity_linked", details={"identity": value})
    end_sessions(person=person, by=by)
    revoke_all(person=person, by=by)


def _tell(person: Person, kind: AccountChange.Kind, what: str) -> None:
    get_adapter().send_notification_mail(
        "account/email/changed_by_administrator", person, context={"change": kind.label, "what": what}
    )

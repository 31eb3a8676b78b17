"""Record sign-ins, failed sign-ins and changes of accounts in the journals, and notify people by mail.

The functions of this module receive signals of allauth and Django (`_RECEIVERS`). The details of journal entries
contain no secrets, only values such as the way of signing in, the IP address, email addresses and linked identities.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import structlog
from allauth.account import signals as account_signals
from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.mfa import signals as mfa_signals
from allauth.mfa.models import Authenticator
from allauth.socialaccount import signals as social_signals
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.contrib.auth.signals import user_logged_out, user_login_failed
from django.db.models.signals import ModelSignal, post_save
from django.dispatch import Signal
from django.http import HttpRequest
from django.utils import timezone

from portal.accounts.actions.api_tokens import narrow_tokens, revoke_all
from portal.accounts.actions.changes import end_open_permissions
from portal.accounts.actions.sessions import end_sessions
from portal.accounts.actions.tokens_to_replace import mail_after_last_role
from portal.accounts.after_answer import after_answer
from portal.accounts.sessions import SessionStore
from portal.accounts.sign_in import authentication
from portal.accounts.sign_in.authentication import Method
from portal.accounts.sign_in.failures import record_refusal
from tenants.journal.accounts import record_for
from tenants.models import Membership, Person
from tenants.roles import Role

log = structlog.get_logger(__name__)


def _address(request: HttpRequest | None) -> dict[str, str]:
    return {} if request is None else {"address": str(get_adapter(request).get_client_ip(request))}


def _current(request: HttpRequest) -> Any:
    """Return the id of the stored session of the request. Return None if the request has neither read nor written a
    session.
    """
    row = getattr(request.session, "row", None)
    return row.pk if row is not None else None


def signed_in(request: HttpRequest, user: Person, **kwargs: Any) -> None:
    with_what = sorted(authentication.methods(request, user))
    record_for(user, actor=user, action="account.signed_in", details={"with": with_what, **_address(request)})


def proved_again(request: HttpRequest, *, reauthenticated: bool = False, **kwargs: Any) -> None:
    """Replace the session's key after a re-authentication. If the key stayed the same, somebody with a copy of the old
    key would be re-authenticated, too.
    """
    if reauthenticated and isinstance(request.session, SessionStore):
        request.session.replace_key()


def sign_in_failed(credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any) -> None:
    email = str(credentials.get("email") or credentials.get("username") or "").strip().lower()
    person = Person.objects.filter(email=email).first()
    if person is None:
        log.info("sign_in_failed", known=False, **_address(request))
        return
    after_answer(request, partial(record_refusal, person, request, method=Method.PASSWORD))


def second_factor_failed(request: HttpRequest, user: Person, **kwargs: Any) -> None:
    record_refusal(user, request, method=Method.SECOND_FACTOR)


def signed_out(request: HttpRequest, user: Person | None, **kwargs: Any) -> None:
    if isinstance(user, Person):
        record_for(user, actor=user, action="account.signed_out", details=_address(request))


def password_changed(request: HttpRequest, user: Person, **kwargs: Any) -> None:
    record_for(user, actor=user, action="account.password_changed", details=_address(request))
    end_sessions(person=user, by=user, keep=_current(request))
    # Revoke all tokens: somebody else who knew the password may have created some of them.
    revoke_all(person=user, by=user)


def password_reset(request: HttpRequest, user: Person, **kwargs: Any) -> None:
    record_for(user, actor=user, action="account.password_reset", details=_address(request))
    end_sessions(person=user, by=user)
    revoke_all(person=user, by=user)


def second_factor_added(
    request: HttpRequest, user: Person, authenticator: Authenticator, **kwargs: Any
) -> None:
    details = {"kind": str(authenticator.type), **_address(request)}
    record_for(user, actor=user, action="account.second_factor_added", details=details)
    # End the person's other sessions. They began without this second factor, which is required from now on.
    end_sessions(person=user, by=user, keep=_current(request))


def second_factor_removed(
    request: HttpRequest, user: Person, authenticator: Authenticator, **kwargs: Any
) -> None:
    details = {"kind": str(authenticator.type), **_address(request)}
    record_for(user, actor=user, action="account.second_factor_removed", details=details)
    # Somebody else may have used this second factor to begin another session, and to create tokens. So end the other
    # sessions and revoke the tokens.
    end_sessions(person=user, by=user, keep=_current(request))
    revoke_all(person=user, by=user)


def recovery_codes_replaced(request: HttpRequest, user: Person, **kwargs: Any) -> None:
    record_for(user, actor=user, action="account.recovery_codes_replaced", details=_address(request))


def address_change_requested(
    request: HttpRequest, user: Person, email_address: EmailAddress, **kwargs: Any
) -> None:
    details = {"from": user.email, "to": email_address.email, **_address(request)}
    record_for(user, actor=user, action="account.address_change_requested", details=details)


def address_changed(
    request: HttpRequest,
    user: Person,
    from_email_address: EmailAddress | None,
    to_email_address: EmailAddress,
    **kwargs: Any,
) -> None:
    """Record the new address, end other sessions, revoke all tokens, and send a mail to the new address. allauth sends
    a mail to the old address.
    """
    before = from_email_address.email if from_email_address else ""
    if before == to_email_address.email:
        return
    details = {"from": before, "to": to_email_address.email, **_address(request)}
    record_for(user, actor=user, action="account.address_changed", details=details)
    end_sessions(person=user, by=user, keep=_current(request))
    # Revoke the tokens. If they stayed valid, programs would continue to act in the name of this account, although the
    # new address may belong to another person than the old address.
    revoke_all(person=user, by=user)
    get_adapter(request).send_notification_mail(
        "account/email/address_is_new",
        user,
        context={"from_email": before, "to_email": to_email_address.email},
        email=to_email_address.email,
    )


def address_confirmed(request: HttpRequest, email_address: EmailAddress, **kwargs: Any) -> None:
    person = email_address.user
    record_for(person, actor=person, action="account.address_confirmed", details=_address(request))


def identity_linked(request: HttpRequest, sociallogin: SocialLogin, **kwargs: Any) -> None:
    person, identity = sociallogin.user, sociallogin.account.uid
    details = {"identity": identity, **_address(request)}
    record_for(person, actor=person, action="account.identity_linked", details=details)
    # Revoke all tokens, because somebody else may have created them before the identity was linked.
    revoke_all(person=person, by=person)


def identity_unlinked(request: HttpRequest, socialaccount: SocialAccount, **kwargs: Any) -> None:
    person = socialaccount.user
    details = {"identity": socialaccount.uid, **_address(request)}
    record_for(person, actor=person, action="account.identity_unlinked", details=details)
    # Somebody else may have used this identity to begin another session, and to create tokens. So end the other
    # sessions and revoke the tokens.
    end_sessions(person=person, by=person, keep=_current(request))
    revoke_all(person=person, by=person)


def role_saved(
    instance: Membership, created: bool, update_fields: frozenset[str] | None = None, **kwargs: Any
) -> None:
    """Adapt the person's account to a saved role.

    When a role is granted or confirmed, `end_open_permissions` deletes the person's unverified email addresses and
    unused permits to link an identity (`IdentityPermit`). When a role begins or ends, the person's tokens lose the
    rights that no role of the person includes. When the person's last role in the organization has ended, the person
    may still know valid secrets of service accounts: `mail_after_last_role` tells responsible people which ones.
    """
    changed = update_fields or frozenset()
    given = Membership.Confirmation.CONFIRMED, Membership.Confirmation.OPERATOR
    begins = created or ("confirmation" in changed and instance.confirmation in given)
    if begins:
        end_open_permissions(instance.person, Role(instance.role))
    if begins or "valid_until" in changed:
        narrow_tokens(
            person_id=instance.person_id,
            organization_id=instance.organization_id,
            new_role=instance.pk if begins else None,
        )
    ends = instance.valid_until is not None and instance.valid_until <= timezone.now()
    if "valid_until" in changed and ends:
        mail_after_last_role(person_id=instance.person_id, organization_id=instance.organization_id)


_RECEIVERS: dict[Signal | ModelSignal, Any] = {
    account_signals.user_logged_in: signed_in,
    account_signals.authentication_step_completed: proved_again,
    user_login_failed: sign_in_failed,
    mfa_signals.authentication_failed: second_factor_failed,
    user_logged_out: signed_out,
    account_signals.password_changed: password_changed,
    account_signals.password_set: password_changed,
    account_signals.password_reset: password_reset,
    mfa_signals.authenticator_added: second_factor_added,
    mfa_signals.authenticator_removed: second_factor_removed,
    mfa_signals.authenticator_reset: recovery_codes_replaced,
    account_signals.email_added: address_change_requested,
    account_signals.email_changed: address_changed,
    account_signals.email_confirmed: address_confirmed,
    social_signals.social_account_added: identity_linked,
    social_signals.social_account_removed: identity_unlinked,
}


def connect() -> None:
    for signal, receiver in _RECEIVERS.items():
        signal.connect(receiver, dispatch_uid=f"accounts.events.{receiver.__name__}")
    post_save.connect(role_saved, sender=Membership, dispatch_uid="accounts.events.role_saved")

"""Mark accounts that one administrator alone has changed, and reset them before they get a powerful role.

One administrator alone can set the email address or identity of a reader, and then sign in as the reader. If the reader
later becomes an approver or administrator, the administrator who has set the address or identity could also act with
this role. So the account is reset before it gets such a role. The whole account is reset: an administrator who has
signed in as the reader can also have added a passkey or password. The mark belongs to the person, so later changes of
the identity or address do not remove the mark.
"""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.utils import timezone

from portal.accounts.actions.api_tokens import revoke_all
from portal.accounts.actions.sessions import end_sessions
from portal.accounts.models import AddressPermit, UnconfirmedChange
from tenants.actors import System
from tenants.journal.accounts import record_for
from tenants.models import Person

Kind = UnconfirmedChange.Kind


def mark(person: Person, kind: Kind, value: str, by: Person | None, previous: str = "") -> None:
    """Record that `by` alone, without a second administrator, made a change that has taken effect."""
    UnconfirmedChange.objects.create(person=person, kind=kind, value=value, previous=previous, made_by=by)


def mark_address(address: EmailAddress, previous: str) -> None:
    """Mark the account whose new address has just been verified, if one administrator alone chose this address."""
    permit = AddressPermit.objects.filter(address=address, confirmed=False).select_related("given_by").first()
    if permit is not None and address.email != previous:
        mark(Person.objects.get(pk=address.user_id), Kind.ADDRESS, address.email, permit.given_by, previous)


@transaction.atomic
def reset_account(person: Person) -> None:
    """Remove the person's identities, second factors, password, sessions and tokens, if one administrator alone has
    changed the account since the last reset.

    Call this before the person gets a role that a second administrator must confirm. The email address remains, because
    every account needs an email address. The second administrator sees who set the address. The person gets a mail at
    the present address, and at each address that the account had before.
    """
    marks = UnconfirmedChange.objects.select_for_update().filter(person=person, reset_at=None)
    found = list(marks.order_by("made_at"))
    if not found:
        return
    addresses = {person.email, *(row.previous for row in found if row.previous)}
    identities = SocialAccount.objects.filter(user=person)
    details = {
        "identities": ", ".join(sorted(identities.values_list("uid", flat=True))),
        "second_factors": Authenticator.objects.filter(user=person).count(),
    }
    identities.delete()
    Authenticator.objects.filter(user=person).delete()
    # This also makes earlier mailed links for a new password invalid, because such links depend on the old password.
    person.set_unusable_password()
    person.save(update_fields=["password"])
    end_sessions(person=person, by=System("accounts"))
    revoke_all(person=person, by=System("accounts"))
    marks.update(reset_at=timezone.now())
    record_for(person, actor=System("accounts"), action="account.reset_for_role", details=details)
    for address in sorted(addresses):
        # The mail names no IP address, because there may be no request: an operator can confirm a role with a command.
        get_adapter().send_mail("account/email/reset_for_role", address, {"user": person, "changes": found})

"""Find the permits that administrators have given, and delete the permits that are used.

There are two kinds of permits. An `IdentityPermit` belongs to an account: at the next single sign-on with the account's
email address, the identity that signs on is linked with the account. An `AddressPermit` allows a person to verify a
pending email address.
"""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone

from portal.accounts.actions.unconfirmed import mark
from portal.accounts.models import AddressPermit, IdentityPermit, UnconfirmedChange
from tenants.models import Person


@transaction.atomic
def person_with_permit(*, address: str, identity: str) -> Person | None:
    """Use the permit of the active account with the email address `address`: delete the permit, and return the person
    of the account. The caller then links `identity` with this account. Return None if there is no valid permit.

    `address` must have been verified by the issuer of the identity (`portal.accounts.sso.identity.verified_address`).
    """
    if not address:
        return None
    valid = IdentityPermit.objects.filter(
        person__email=address, person__is_active=True, expires_at__gt=timezone.now()
    )
    permit = valid.select_related("person", "given_by").select_for_update(of=("self",)).first()
    if permit is None:
        return None
    if not permit.confirmed:
        mark(permit.person, UnconfirmedChange.Kind.IDENTITY, identity, permit.given_by)
    permit.delete()
    return permit.person


def chosen_by_administrator(address: EmailAddress) -> bool:
    """Return whether this pending address was chosen by an administrator, not by the person."""
    return AddressPermit.objects.filter(address=address).exists()

"""Find and delete permits, which administrators give.

A permit allows that the next single sign-on with an email address links its identity to an account. Or it allows that a
pending email address is verified.
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
    """Return the person whose permit allows linking `identity` now, and delete the permit; None without a permit.

    The issuer has verified `address` (`portal.accounts.sso.identity.verified_address`).
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
    """Return whether an administrator, not the person, chose this pending address."""
    return AddressPermit.objects.filter(address=address).exists()

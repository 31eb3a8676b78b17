"""Who can get reports: people who may read them, and other addresses that an administrator confirmed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import QuerySet
from django.utils import timezone

from tenants.actors import Actor
from tenants.errors import PermissionDenied, invalid
from tenants.models import Membership, Organization, Person, Tenant
from tenants.roles import CAPABILITIES, Capability, Role
from tenants.scope import current
from tenants.selectors import people_with_role

MAX_ADDRESSES: Final = 20
MAX_PEOPLE: Final = 50
OPERATOR: Final = "operator"
_READERS: Final = tuple(role for role in Role if Capability.READ_REPORTS in CAPABILITIES[role])


def readers(place: Tenant | Organization) -> QuerySet[Person]:
    """Return the active people who may read reports of the customer, or of some customers of the organization."""
    if isinstance(place, Tenant):
        rows = people_with_role(place, _READERS)
    else:
        held = Membership.objects.filter(
            Membership.valid_at(timezone.now()), organization=place, role__in=_READERS
        )
        rows = Person.objects.filter(is_active=True, pk__in=held.order_by().values("person"))
    return rows.order_by("name", "email", "pk").distinct()


def check_people(place: Tenant | Organization, people: Iterable[UUID]) -> list[UUID]:
    """Return the ids in a fixed order. Raise InvalidInput for a person who may not read the reports."""
    wanted = set(people)
    if len(wanted) > MAX_PEOPLE:
        raise invalid("people", f"Choose at most {MAX_PEOPLE} people.")
    if wanted - set(readers(place).filter(pk__in=wanted).values_list("pk", flat=True)):
        raise invalid("people", "Choose only people who may read the reports.")
    return sorted(wanted)


def merge_addresses(
    place: Tenant | Organization, wanted: Sequence[str], before: Iterable[dict[str, Any]], by: Actor
) -> list[dict[str, Any]]:
    """Return the addresses as stored. New ones are confirmed if `by` may confirm them, otherwise they wait.

    Raise InvalidInput for a text that is no address, or for too many.
    """
    known = {row["address"]: row for row in before}
    confirmed_by = _confirmer(place, by)
    found: dict[str, dict[str, Any]] = {}
    for text in wanted:
        address = text.strip().lower()
        if not address:
            continue
        try:
            validate_email(address)
        except ValidationError:
            raise invalid("addresses", f"“{text.strip()[:80]}” is not an email address.") from None
        found[address] = known.get(address) or {"address": address, "confirmed_by": confirmed_by}
    if len(found) > MAX_ADDRESSES:
        raise invalid("addresses", f"Enter at most {MAX_ADDRESSES} addresses.")
    return [found[address] for address in sorted(found)]


def confirmed(
    place: Tenant | Organization, addresses: Iterable[dict[str, Any]], by: Actor
) -> list[dict[str, Any]]:
    """Return the addresses, all of them confirmed. Raise PermissionDenied if `by` is no administrator."""
    confirmer = _confirmer(place, by)
    if confirmer is None:
        raise PermissionDenied(
            "Only an administrator can confirm addresses of people without an account. Ask one to open this page."
        )
    return [{**row, "confirmed_by": row["confirmed_by"] or confirmer} for row in addresses]


def may_confirm(place: Tenant | Organization) -> bool:
    """Return whether the person of the scope may confirm addresses."""
    if isinstance(place, Tenant):
        return current().may(Capability.MEMBERS, place.pk)
    return current().may_in_organization(Capability.MEMBERS, place.pk)


def _confirmer(place: Tenant | Organization, by: Actor) -> str | None:
    """Return what is stored as the confirming person; None if `by` may not confirm."""
    if not isinstance(by, Person):
        return OPERATOR
    return str(by.pk) if may_confirm(place) else None

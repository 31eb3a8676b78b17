"""Possible recipients of reports: people who may read them, and other confirmed email addresses."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from portal.distribution.models import PORTFOLIO, OrganizationReportSchedule, ReportSchedule
from tenants.actors import Actor
from tenants.errors import InvalidInput, PermissionDenied, invalid
from tenants.models import Membership, Organization, Person, Tenant
from tenants.roles import ORGANIZATION_ROLES, Capability, roles_with
from tenants.scope import current
from tenants.selectors import people_with_role
from tenants.values.addresses import clean_address

MAX_ADDRESSES: Final = 20
MAX_PEOPLE: Final = 50
OPERATOR: Final = "operator"
_READERS: Final = roles_with(Capability.READ_REPORTS)
_READERS_OF_ALL: Final = tuple(role for role in _READERS if role in ORGANIZATION_ROLES)


def readers(place: Tenant | Organization) -> QuerySet[Person]:
    """Return the active people who may read reports of the customer, or of at least one customer of the
    organization.

    Auditors with a review period may read only records of this period. Scheduled reports are about the present, so
    these auditors are left out.
    """
    if isinstance(place, Tenant):
        rows = people_with_role(place, _READERS)
    else:
        held = Membership.objects.filter(
            Membership.valid_at(timezone.now()),
            organization=place,
            role__in=_READERS,
            review_first__isnull=True,
        )
        rows = Person.objects.filter(is_active=True, pk__in=held.order_by().values("person"))
    return rows.order_by("name", "email", "pk").distinct()


def portfolio_readers(organization: Organization) -> QuerySet[Person]:
    """Return the active people who may read portfolio reports, which are the people with a role in the whole
    organization.
    """
    held = Membership.objects.filter(
        Membership.valid_at(timezone.now()), organization=organization, tenant=None, role__in=_READERS_OF_ALL
    )
    rows = Person.objects.filter(is_active=True, pk__in=held.order_by().values("person"))
    return rows.order_by("name", "email", "pk")


def readers_of(place: Tenant | Organization, kind: str) -> QuerySet[Person]:
    """Return the active people who may get reports of a kind: a key of `portal.reports.kinds`, or `portfolio`."""
    if kind == PORTFOLIO and isinstance(place, Organization):
        return portfolio_readers(place)
    return readers(place)


def check_people(place: Tenant | Organization, people: Iterable[UUID], kind: str = "") -> list[UUID]:
    """Return the ids of people, sorted. Raise InvalidInput for a person who may not read reports of the kind."""
    wanted = set(people)
    if len(wanted) > MAX_PEOPLE:
        raise invalid("people", f"Choose at most {MAX_PEOPLE} people.")
    if wanted - set(readers_of(place, kind).filter(pk__in=wanted).values_list("pk", flat=True)):
        if kind == PORTFOLIO:
            raise invalid(
                "people",
                "Only people with a role in the whole organization may read portfolio reports. Remove the others.",
            )
        raise invalid("people", "Choose only people who may read the reports.")
    return sorted(wanted)


def readers_by_customer(organization_id: UUID, people: Iterable[UUID]) -> dict[UUID | None, set[UUID]]:
    """Return which of these people may read the reports of each customer: {id of the customer: ids of people}.

    People with a role in the whole organization are listed only under None.
    """
    found: dict[UUID | None, set[UUID]] = {}
    held = Membership.objects.filter(
        Membership.valid_at(timezone.now()),
        organization=organization_id,
        role__in=_READERS,
        review_first__isnull=True,
        person__in=set(people),
        person__is_active=True,
    )
    for tenant_id, person_id in held.order_by().values_list("tenant_id", "person_id"):
        found.setdefault(tenant_id, set()).add(person_id)
    return found


def merge_addresses(
    place: Tenant | Organization,
    wanted: Sequence[str],
    before: Iterable[dict[str, Any]],
    by: Actor,
    *,
    customers: Sequence[UUID] | None = None,
    reset: bool = False,
) -> list[dict[str, Any]]:
    """Return the email addresses in the form that schedules store. A new address is stored as confirmed only if `by`
    may confirm addresses. Raise InvalidInput for an invalid address, or too many addresses.

    - `customers`: the customers whose reports a newly confirmed address gets; None for the schedule of a customer
    - `reset`: whether the schedule is to send other reports, for which its addresses were not confirmed. If `by` is a
      person, all stored addresses become unconfirmed. If `by` is a command, the command confirms the addresses that
      were confirmed before
    """
    known = {row["address"]: row for row in before}
    stored = known.keys()
    confirmed_by = _confirmer_id(place, by)
    if reset:
        known = {
            address: {**row, "confirmed_by": None}
            for address, row in known.items()
            if isinstance(by, Person) or row["confirmed_by"] is None
        }
    found: dict[str, dict[str, Any]] = {}
    for text in wanted:
        address = text.strip().lower()
        if not address:
            continue
        if address not in stored:
            _check_new(address)
        found[address] = known.get(address) or _address_entry(address, confirmed_by, customers)
    if len(found) > MAX_ADDRESSES:
        raise invalid("addresses", f"Enter at most {MAX_ADDRESSES} addresses.")
    return [found[address] for address in sorted(found)]


def _check_new(address: str) -> None:
    """Raise InvalidInput for an address that an account may not have, such as an address with letters outside of ASCII.

    An administrator who confirms an address must see to whom it belongs, but letters of another script can look like
    those of a known domain.
    """
    try:
        clean_address(address, "addresses")
    except InvalidInput as error:
        raise invalid("addresses", f"“{address[:80]}” cannot be a recipient. {error.message}") from None


def with_confirmed(
    place: Tenant | Organization,
    addresses: Iterable[dict[str, Any]],
    by: Actor,
    *,
    waiting: Collection[str],
    customers: Sequence[UUID] | None = None,
) -> list[dict[str, Any]]:
    """Return the email addresses in the form that schedules store. The addresses in `waiting` are marked as confirmed
    by `by`.

    Raise PermissionDenied for a person who may not confirm addresses.
    """
    confirmer = _confirmer_id(place, by)
    if confirmer is None:
        raise PermissionDenied(
            "Only an administrator can confirm addresses that belong to no account. Ask an administrator to"
            " confirm these addresses."
        )
    return [
        _address_entry(row["address"], confirmer, customers) if row["address"] in waiting else row
        for row in addresses
    ]


def seen_digest(row: ReportSchedule | OrganizationReportSchedule, customers: Iterable[UUID] = ()) -> str:
    """Return the digest of the email addresses of a schedule, and of the reports that are sent to them.

    The page on which people confirm addresses shows the addresses and reports. Its form sends the digest back as
    `seen`, so that nobody confirms addresses for reports that the page did not show.
    """
    shown = {
        "schedule": str(row.pk),
        "addresses": sorted(entry["address"] for entry in row.addresses),
        "report": [row.kind, row.framework, row.without_names],
        "label": getattr(row, "label", ""),
        "customers": sorted(str(pk) for pk in customers),
    }
    return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()


def may_confirm(place: Tenant | Organization) -> bool:
    """Return whether the person for whom the scope was opened may confirm email addresses."""
    if isinstance(place, Tenant):
        return current().may(Capability.MEMBERS, place.pk)
    return current().may_in_organization(Capability.MEMBERS, place.pk)


def _address_entry(
    address: str, confirmed_by: str | None, customers: Sequence[UUID] | None
) -> dict[str, Any]:
    entry: dict[str, Any] = {"address": address, "confirmed_by": confirmed_by}
    return entry if customers is None else entry | {"customers": sorted(str(pk) for pk in customers)}


def _confirmer_id(place: Tenant | Organization, by: Actor) -> str | None:
    """Return the id that is stored for the confirming person: OPERATOR for a command, None if `by` may not confirm."""
    if not isinstance(by, Person):
        return OPERATOR
    return str(by.pk) if may_confirm(place) else None

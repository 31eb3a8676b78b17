"""Confirm or refuse a role that needs a second administrator.

The second administrator may change access in the same place, has not granted the role, does not get the role, and is
not new (`tenants.people.second_administrators`). If there is no such administrator, the operator decides with
`manage.py confirm_role`.
"""

from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from tenants.actions.members import check_place, end_replaced, record
from tenants.actors import Actor, System
from tenants.errors import Conflict, PermissionDenied
from tenants.ids import parse_uuid
from tenants.models import JournalEntry, Membership, OrganizationJournalEntry, Person
from tenants.people.second_administrators import refuse_new_administrator
from tenants.roles import Role


@transaction.atomic
def decide_membership(*, by: Actor, membership: Membership, confirm: bool, reason: str = "") -> Membership:
    """Confirm or refuse a waiting membership. Return the membership as stored.

    A confirmed membership starts now, or later if it was granted with a later start. If it replaces another membership
    of the person (`change_role`), the replaced membership ends when the confirmed membership starts.

    Raise PermissionDenied if `by` granted the role, gets the role, may not change access in the place of the
    membership, or is too new an administrator to confirm. Raise Conflict if the membership no longer waits, or has
    already ended.
    """
    row = Membership.objects.select_for_update(of=("self",)).get(pk=membership.pk)
    check_place(by, row.organization, row.tenant, Role(row.role))
    if isinstance(by, Person) and by.pk in (row.granted_by_id, row.person_id):
        raise PermissionDenied(
            "You granted this role, or would get this role, so you cannot decide about it. Ask another administrator.",
            code="not_second_administrator",
        )
    if isinstance(by, Person) and confirm:
        refuse_new_administrator(by, row.organization, row.tenant)
    now = timezone.now()
    ended = row.valid_until is not None and row.valid_until <= now
    if row.confirmation != Membership.Confirmation.WAITING or ended:
        raise Conflict("This role no longer waits for a decision. Reload the page.", code="not_waiting")
    chosen = Membership.Confirmation.CONFIRMED
    if not confirm:
        chosen = Membership.Confirmation.REFUSED
    elif isinstance(by, System):
        chosen = Membership.Confirmation.OPERATOR
    row.confirmation, row.confirmed_at = chosen, now
    row.confirmed_by = by if isinstance(by, Person) else None
    if confirm:
        row.valid_from = max(row.valid_from, now)
    row.save(update_fields=["confirmation", "confirmed_by", "confirmed_at", "valid_from"])
    if confirm and (replaced := replaced_memberships([row]).get(row.pk)) is not None:
        end_replaced(by=by, replaced=replaced, granted=row)
    details = {
        "person": row.person.email,
        "role": row.role,
        "granted_by": row.granted_by.email if row.granted_by else None,
        **({"reason": reason} if reason else {}),
    }
    action = "membership.confirmed" if confirm else "membership.confirmation_refused"
    record(by, row.organization, row.tenant, action, row, details)
    return row


def replaced_memberships(rows: Collection[Membership]) -> dict[UUID, Membership]:
    """Return {id of a membership: the membership that it replaces}, according to the journals. Replaced memberships
    that have ended or were refused are left out.
    """
    by_id = {str(row.pk): row for row in rows}
    former: dict[UUID, Membership] = {}
    for target, details in _grants(rows):
        row = by_id.get(target.removeprefix("membership:").partition(" ")[0])
        if row is not None and (pk := parse_uuid(details.get("replaces", ""))) is not None:
            former[pk] = row
    found = Membership.objects.filter(pk__in=former).exclude(valid_until__lte=timezone.now())
    return {
        former[one.pk].pk: one
        for one in found.exclude(confirmation=Membership.Confirmation.REFUSED)
        if _place(one) == _place(former[one.pk])
    }


def _grants(rows: Collection[Membership]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the target and the details of the journal entries about granting these memberships."""
    named = Q(pk__in=())
    for row in rows:
        # In the journal, the name of the membership follows its id (`tenants.journal.target_of`).
        named |= Q(target=f"membership:{row.pk}") | Q(target__startswith=f"membership:{row.pk} ")
    tenants = {row.tenant_id for row in rows if row.tenant_id is not None}
    whole = {row.organization_id for row in rows if row.tenant_id is None}
    granted = Q(named, action="membership.granted")
    if tenants:
        yield from JournalEntry.objects.filter(granted, tenant__in=tenants).values_list("target", "details")
    if whole:
        of_organizations = OrganizationJournalEntry.objects.filter(granted, organization__in=whole)
        yield from of_organizations.values_list("target", "details")


def _place(row: Membership) -> tuple[UUID, UUID, UUID | None]:
    return row.person_id, row.organization_id, row.tenant_id

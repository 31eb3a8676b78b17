"""Confirm or refuse a role that needs a second administrator.

The second administrator may change access in the same place, has not granted the role, does not get the role, and is
not new (`tenants.people.second_administrators`). If there is no such administrator, the operator decides with
`manage.py confirm_role`.
"""

from django.db import transaction
from django.utils import timezone

from tenants.actions.members import check_place, end_replaced, record
from tenants.actors import Actor, System
from tenants.errors import Conflict, PermissionDenied
from tenants.ids import parse_uuid
from tenants.models import Membership, Person
from tenants.people.second_administrators import refuse_new_administrator
from tenants.roles import Role
from tenants.values.stale_values import last_change


@transaction.atomic
def decide_membership(*, by: Actor, membership: Membership, confirm: bool, reason: str = "") -> Membership:
    """Confirm or refuse a waiting membership. Return the membership as stored. A confirmed membership starts now, or at
    a later start for which it was granted. If it replaces another membership of the person (`change_role`), the other
    membership then ends.

    Raise PermissionDenied if `by` granted the role, gets the role, or may not change access in the place of the
    membership. Raise Conflict if the membership no longer waits, or has already ended.
    """
    row = Membership.objects.select_for_update(of=("self",)).get(pk=membership.pk)
    check_place(by, row.organization, row.tenant, Role(row.role))
    if isinstance(by, Person) and by.pk in (row.granted_by_id, row.person_id):
        raise PermissionDenied(
            "The person who granted the role cannot decide about it, and the person who gets the role cannot decide"
            " either. Ask another administrator.",
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
    if confirm and (replaced := _replaced(row)) is not None:
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


def _replaced(row: Membership) -> Membership | None:
    """Return the membership that this one replaces, according to the journal. Return None if there is none, or if it
    has already ended.
    """
    entry = last_change(row.tenant or row.organization, ["membership.granted"], f"membership:{row.pk}")
    former = parse_uuid(entry.details.get("replaces", "")) if entry else None
    if former is None:
        return None
    found = Membership.objects.filter(
        pk=former, person=row.person_id, organization=row.organization_id, tenant=row.tenant_id
    )
    found = found.exclude(valid_until__lte=timezone.now())
    return found.exclude(confirmation=Membership.Confirmation.REFUSED).first()

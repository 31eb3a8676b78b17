"""The waiting period between the confirmation of an erasure and its start.

A longer period takes effect at once. A shorter period takes effect after seven days (a trigger sets the time), and all
administrators get a notice. Without this delay, one administrator could leave the others no time to withdraw an
erasure.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import F

from portal import links
from portal.notify.models import DedupKey, Notice
from portal.notify.publish import Event, publish, stored_key
from portal.offboarding.erasures.checks import require_administrator
from tenants import journal
from tenants.actions.organizations import check_erasure_wait
from tenants.actors import Actor
from tenants.models import Organization, Tenant
from tenants.roles import Role
from tenants.selectors import people_with_role
from tenants.values.stale_values import Part, check_unchanged

SHORTENED: Final = "erasure_wait_shortened"


@transaction.atomic
def set_waiting_period(
    *, organization: Organization, by: Actor, hours: int, expected: Part | None = None
) -> Organization:
    """Set the hours between the confirmation of an erasure and its start. Erasures confirmed earlier keep their period.

    Return the organization, with the time at which a shorter period takes effect. `expected` is {"hours": the number
    that the person saw}. Raise Conflict (changed_meanwhile) if the stored number has changed since then, unless it
    already is `hours`.
    """
    require_administrator(by, organization.pk)
    check_erasure_wait(hours)
    row = Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    check_unchanged(expected, {"hours": row.erasure_wait_hours}, {"hours": hours})
    before, row.erasure_wait_hours = row.erasure_wait_hours, hours
    if before != hours:
        row.save(update_fields=["erasure_wait_hours"])
        row.refresh_from_db()
        journal.record(
            organization=row,
            actor=by,
            action="organization.erasure_wait_changed",
            target=row,
            details={
                "hours": {"from": before, "to": hours},
                **({"effective_at": row.erasure_wait_from} if row.erasure_wait_is_pending else {}),
            },
        )
        announce_shorter_period(organization_id=row.pk)
    return row


def announce_shorter_period(*, organization_id: UUID) -> int:
    """Notify the organization's administrators that the waiting period will become shorter. Needs the organization's
    scope.

    Return the number of new notices. If the organization has no customers, the number is 0, because each notice belongs
    to a customer.
    """
    row = Organization.objects.get(pk=organization_id)
    tenant = (
        Tenant.objects.filter(organization=row).order_by(F("archived_at").asc(nulls_first=True), "pk").first()
    )
    if tenant is None or not row.erasure_wait_is_pending or row.erasure_wait_from is None:
        return 0
    tenant.organization = row
    key = f"erasure-wait:{row.pk}:{row.erasure_wait_from.isoformat()}"
    # An earlier run may have chosen another customer for the notice, for example one that is archived now. So look for
    # the notice in all customers.
    notified = _notified(organization_id, key)
    return publish(
        tenant=tenant,
        event=Event(
            kind=SHORTENED,
            key=key,
            title=(
                f"From {row.erasure_wait_from:%Y-%m-%d} on, erasures of {row.name} will start"
                f" {row.erasure_wait_hours} h after their confirmation"
            ),
            lines=(
                f"At present, erasures start {row.erasure_wait_before} h after their confirmation.",
                (
                    "To prevent this change, enter a longer waiting period before"
                    f" {row.erasure_wait_from:%Y-%m-%d %H:%M} UTC."
                ),
            ),
            path=links.erasures(row.slug),
            data={"hours": row.erasure_wait_hours, "effective_at": row.erasure_wait_from.isoformat()},
            standing=True,
        ),
        subscribers=[
            person
            for person in people_with_role(tenant, [Role.ORGANIZATION_ADMINISTRATOR])
            if person.pk not in notified
        ],
    )


def _notified(organization_id: UUID, key: str) -> set[UUID | None]:
    """Return the ids of the people who got the notice with this key, whatever customer the notice belongs to."""
    stored = {"tenant__organization": organization_id, "kind": SHORTENED, "key": stored_key(key)}
    rows = [
        model.objects.filter(**stored).values_list("person_id", flat=True) for model in (Notice, DedupKey)
    ]
    return {pk for found in rows for pk in found}

"""Hand over the schedules of people who leave, and remove pseudonymised people from the recipients."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from portal.distribution.actions.schedules import Schedule, sync_copies
from portal.distribution.models import (
    OrganizationReportSchedule,
    PortfolioDelivery,
    PortfolioLink,
    ReportDelivery,
    ReportLink,
    ReportSchedule,
)
from portal.distribution.responsible import eligible_successors, schedules_of
from tenants import journal
from tenants.actors import Actor
from tenants.errors import invalid
from tenants.models import Organization, Person, Tenant

REMOVED: Final = "The recipient left and was pseudonymised."


@transaction.atomic
def hand_over_schedules(
    *,
    by: Actor,
    person: Person,
    to: Person,
    tenants: Iterable[Tenant],
    organization: Organization | None = None,
) -> int:
    """Make `to` responsible for the person's schedules: those of the given customers and, if an organization is given,
    those of the organization.

    Return the number of schedules. Raise InvalidInput if `to` may not change one of the schedules.
    """
    rows = schedules_of(person, tenants, organization)
    if rows and to.pk not in eligible_successors(rows):
        raise invalid(
            "to",
            f"{to} lacks the right to change at least one of these report schedules. Choose another person.",
        )
    for schedule in rows:
        row = type(schedule).objects.select_for_update(of=("self",)).get(pk=schedule.pk)
        row.made_by = to
        row.save(update_fields=["made_by"])
        if isinstance(row, OrganizationReportSchedule):
            sync_copies(row)
        journal.record(
            tenant=schedule.tenant if isinstance(schedule, ReportSchedule) else None,
            organization=None if isinstance(schedule, ReportSchedule) else schedule.organization,
            actor=by,
            action="report_schedule.handed_over",
            target=f"reportschedule:{row.pk}",
            details={"name": row.name, "from": person.email, "to": to.email},
        )
    return len(rows)


def remove_recipient(*, person: Person, replaced_by: str, erased: UUID | None) -> list[Schedule]:
    """Remove a pseudonymised person from all schedules, and stop mails and links for the person's email addresses.
    Needs the scope of the organization.

    `replaced_by` is the pseudonym that the caller has already written in place of these addresses. `erased` is the id
    of the customer or person that is being erased.

    Return the changed schedules for `record_removals`, without copies of an organization's schedule, and without
    schedules of the customer that is being erased.
    """
    changed: list[Schedule] = []
    listed = Q(people__contains=[person.pk]) | Q(addresses__icontains=replaced_by)
    for model in (OrganizationReportSchedule, ReportSchedule):
        for row in model.objects.select_for_update(of=("self",)).filter(listed).order_by("pk"):
            row.people = [pk for pk in row.people if pk != person.pk]
            row.addresses = [entry for entry in row.addresses if replaced_by not in entry["address"]]
            row.save(update_fields=["people", "addresses"])
            if not isinstance(row, ReportSchedule) or (row.origin_id is None and row.tenant_id != erased):
                changed.append(row)
    # Revoke the links that were made for the person's email addresses. Otherwise, the links would work until they
    # expire.
    for links in (ReportLink.objects, PortfolioLink.objects):
        links.filter(recipient__contains=replaced_by, revoked_at=None).update(revoked_at=timezone.now())
    for mails in (ReportDelivery.objects, PortfolioDelivery.objects):
        waiting = mails.filter(state=ReportDelivery.State.WAITING)
        waiting.filter(Q(person=person) | Q(address__contains=replaced_by)).update(
            state=ReportDelivery.State.STOPPED, error=REMOVED
        )
    return changed


def record_removals(schedules: Iterable[Schedule], by: Actor) -> None:
    """Record in the journals that a recipient of these schedules was removed."""
    for row in schedules:
        journal.record(
            tenant=row.tenant if isinstance(row, ReportSchedule) else None,
            organization=None if isinstance(row, ReportSchedule) else row.organization,
            actor=by,
            action="report_schedule.recipient_removed",
            target=f"reportschedule:{row.pk}",
            details={"name": row.name, "reason": REMOVED, "recipients": len(row.people) + len(row.addresses)},
        )

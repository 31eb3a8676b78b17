"""Record events of exceptions in the journal and in the timelines of findings, and publish notifications about them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from assessments.models import Finding
from portal import links
from portal.notify.publish import Event, publish
from portal.treatment.bulk import Constant, bulk_insert
from portal.treatment.matching import describe_rule
from portal.treatment.models import FindingException, TreatmentEvent
from portal.treatment.naming import count_of_findings
from portal.treatment.selectors.exceptions import name_with_problem
from portal.treatment.timeline import actor_label, format_day
from tenants import journal
from tenants.actors import Actor
from tenants.models import Person
from tenants.people.service_accounts import controllers_of
from tenants.roles import Role
from tenants.selectors import people_with_role

# If there are more findings than this, the journal records only their number.
MAX_IDS_IN_JOURNAL: Final = 200


def record_journal(
    exception: FindingException, *, by: Actor, action: str, findings: Collection[UUID], **details: Any
) -> None:
    """Write one journal entry about the exception. It has the ids of the findings, unless there are too many."""
    content: dict[str, Any] = {"number": exception.number, "findings": len(findings), **details}
    if len(findings) <= MAX_IDS_IN_JOURNAL:
        content["finding_ids"] = sorted(str(pk) for pk in findings)
    journal.record(tenant=exception.tenant, actor=by, action=action, target=exception, details=content)


def record_timeline(
    exception: FindingException,
    findings: Iterable[UUID],
    *,
    by: Actor,
    at: datetime,
    kind: TreatmentEvent.Kind,
    note: str = "",
) -> None:
    """Add the same event to the timeline of each finding."""
    ids = list(findings)
    if not ids:
        return
    bulk_insert(
        TreatmentEvent,
        {
            "tenant": Constant(exception.tenant_id),
            "finding": ids,
            "at": Constant(at),
            "by": Constant(by if isinstance(by, Person) else None),
            "actor": Constant(actor_label(by)),
            "kind": Constant(kind.value),
            "after": Constant(f"{exception} (until {format_day(exception.ends_at)})"),
            "note": Constant(note),
            "exception": Constant(exception),
        },
    )


def owners(exception: FindingException) -> list[Person]:
    """Return the active owners of the exception's findings."""
    findings = Finding.objects.filter(pk__in=exception.items.order_by().values("finding"))
    ids = findings.filter(treatment__owner__isnull=False).values("treatment__owner")
    return list(Person.objects.filter(pk__in=ids, is_active=True))


def approvers(exception: FindingException) -> list[Person]:
    """Return the approvers who can decide the exception: all except the requester.

    If the requester is a service account, its controllers cannot decide either.
    """
    people = people_with_role(exception.tenant, [Role.APPROVER]).exclude(pk=exception.requested_by_id)
    if exception.requested_by.is_service:
        people = people.exclude(pk__in=controllers_of(exception.requested_by_id))
    return list(people)


def notify(
    exception: FindingException,
    *,
    kind: str,
    key: str,
    title: str,
    lines: Iterable[str],
    subscribers: Iterable[Person],
    by: Actor | None = None,
    title_for_all: str = "",
) -> None:
    """Publish an event of the exception. `key` identifies the event among the events of this exception."""
    event = Event(
        kind=kind,
        key=f"exception:{exception.pk}:{key}",
        title=title,
        title_to_all=title_for_all,
        path=links.exception(exception.tenant.slug, exception.pk),
        lines=tuple(line for line in lines if line),
        data={
            "exception": exception.number,
            "state": str(exception.state),
            "ends_at": exception.ends_at.isoformat(),
        },
    )
    publish(tenant=exception.tenant, event=event, subscribers=subscribers, by=by)


def notify_requested(exception: FindingException, count: int, *, by: Person) -> None:
    """Tell the approvers that an exception was requested, and that it would cover `count` findings now."""
    findings = count_of_findings(count)
    has_rule = exception.scope == FindingException.Scope.RULE
    notify(
        exception,
        kind="exception_requested",
        key="requested",
        title=f"{name_with_problem(exception)} waits for your decision: {findings}",
        title_for_all=f"{name_with_problem(exception)} was requested: {findings}",
        lines=(
            f"Requested by {by.name or by.email}. The exception would last until {format_day(exception.ends_at)}.",
            f"Rule: {describe_rule(exception)}. At most {count_of_findings(exception.maximum)}."
            if has_rule
            else "",
            f"Reason: {exception.reason}",
        ),
        subscribers=approvers(exception),
        by=by,
    )

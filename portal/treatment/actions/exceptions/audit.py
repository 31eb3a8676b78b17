"""What is said of exceptions: to the journal, to the findings' timelines, and to people."""

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
from portal.treatment.timeline import TREATMENT_ACTOR, actor_label, format_day
from tenants import journal
from tenants.actors import Actor, System
from tenants.models import Person
from tenants.roles import Role
from tenants.selectors import people_with_role

SURETY: Final = System(TREATMENT_ACTOR)
# More findings than this are counted in the journal and not listed one by one.
LISTED: Final = 200


def record_journal(
    exception: FindingException, *, by: Actor, action: str, findings: Collection[UUID], **details: Any
) -> None:
    """One journal entry about the exception. The findings' ids are listed while they are few."""
    content: dict[str, Any] = {"number": exception.number, "findings": len(findings), **details}
    if len(findings) <= LISTED:
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
    """The same line in the timeline of each finding."""
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
    """The people who own findings that the exception means."""
    owning = Finding.objects.filter(pk__in=exception.items.order_by().values("finding"))
    ids = owning.filter(treatment__owner__isnull=False).values("treatment__owner")
    return list(Person.objects.filter(pk__in=ids, is_active=True))


def approvers(exception: FindingException) -> list[Person]:
    """Who may decide it: nobody decides their own request."""
    people = people_with_role(exception.tenant, [Role.APPROVER])
    return list(people.exclude(pk=exception.requested_by_id))


def count_of_findings(count: int) -> str:
    return "1 finding" if count == 1 else f"{count} findings"


def notify(
    exception: FindingException,
    *,
    kind: str,
    key: str,
    title: str,
    lines: Iterable[str],
    people: Iterable[Person],
    by: Actor | None = None,
) -> None:
    """Tell people of the exception. `key` names the event among those of this exception."""
    event = Event(
        kind=kind,
        key=f"exception:{exception.pk}:{key}",
        title=title,
        path=links.exception(exception.tenant.slug, exception.pk),
        lines=tuple(line for line in lines if line),
        data={
            "exception": exception.number,
            "state": str(exception.state),
            "ends_at": exception.ends_at.isoformat(),
        },
    )
    publish(tenant=exception.tenant, event=event, subscribers=people, by=by)


def notify_requested(exception: FindingException, count: int, *, by: Person) -> None:
    """The approvers hear of a request."""
    rule = exception.scope == FindingException.Scope.RULE
    notify(
        exception,
        kind="exception_requested",
        key="requested",
        title=f"{exception} waits for your decision: {count_of_findings(count)}",
        lines=(
            f"Asked for by {by.name or by.email}, until {format_day(exception.ends_at)}.",
            f"Where {describe_rule(exception)}; at most {exception.maximum}." if rule else "",
            f"Reason: {exception.reason}",
        ),
        people=approvers(exception),
        by=by,
    )

"""Exceptions that go back to an approver: what was approved is no longer what is there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from portal.treatment.actions.exceptions.audit import (
    SURETY,
    approvers,
    count_of_findings,
    notify,
    owners,
    record_journal,
    record_timeline,
)
from portal.treatment.models import FindingException, TreatmentEvent

State = FindingException.State
Because = FindingException.Because


def return_for_review(
    exception: FindingException, because: FindingException.Because, findings: Sequence[UUID], *, now: datetime
) -> None:
    """It waits for a decision on these findings; the others stay covered. Told to all it concerns.

    One that has returned already returns once more for what has changed besides.
    """
    exception.state = State.RETURNED
    exception.returned_at = now
    exception.returned_because = because
    exception.save(update_fields=["state", "returned_at", "returned_because"])
    record_timeline(
        exception,
        findings,
        by=SURETY,
        at=now,
        kind=TreatmentEvent.Kind.EXCEPTION_RETURNED,
        note=str(because.label),
    )
    record_journal(
        exception, by=SURETY, action="exception.returned", findings=findings, because=str(because.value)
    )
    count = count_of_findings(len(findings))
    what = {
        Because.CHANGED: f"What is observed of {count} is no longer what was approved.",
        Because.GROWN: f"It matches {count} more than the {exception.maximum} that were approved.",
    }[because]
    notify(
        exception,
        kind="exception_returned",
        key=f"returned:{now.isoformat()}:{because.value}",
        title=f"{exception} came back: {because.label.lower()}",
        lines=(what, _open_until_decided(len(findings))),
        people=[exception.requested_by, *owners(exception), *approvers(exception)],
    )


def _open_until_decided(count: int) -> str:
    subject = "It is" if count == 1 else "They are"
    return f"{subject} open until an approver decides; what has not changed stays covered."

"""Exceptions that go back to an approver: what was approved is no longer what is there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from portal.treatment.actions.exception_words import (
    DERIVING,
    approvers,
    enter,
    findings_in_words,
    owners,
    say,
    timeline,
)
from portal.treatment.models import FindingException, TreatmentEvent

State = FindingException.State
Because = FindingException.Because


def give_back(
    exception: FindingException, because: FindingException.Because, findings: Sequence[UUID], *, now: datetime
) -> None:
    """It waits for a decision on these findings; the others stay covered. Told to all it concerns.

    One that has returned already returns once more for what has changed besides.
    """
    exception.state = State.RETURNED
    exception.returned_at = now
    exception.returned_because = because
    exception.save(update_fields=["state", "returned_at", "returned_because"])
    timeline(
        exception,
        findings,
        by=DERIVING,
        at=now,
        kind=TreatmentEvent.Kind.EXCEPTION_RETURNED,
        note=str(because.label),
    )
    enter(exception, by=DERIVING, action="exception.returned", findings=findings, because=str(because.value))
    count = findings_in_words(len(findings))
    what = {
        Because.CHANGED: f"What is observed of {count} is no longer what was approved.",
        Because.GROWN: f"It matches {count} more than the {exception.maximum} that were approved.",
    }[because]
    say(
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

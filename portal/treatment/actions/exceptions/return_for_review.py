"""Return exceptions to an approver, for example when values of their findings differ from the approved values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from portal.treatment.actions.exceptions.records import (
    approvers,
    notify,
    owners,
    record_journal,
    record_timeline,
)
from portal.treatment.changed_values import in_words
from portal.treatment.models import FindingException, TreatmentEvent
from portal.treatment.naming import count_of_findings
from portal.treatment.selectors.exceptions import name_with_problem
from portal.treatment.timeline import SURETY

State = FindingException.State
Because = FindingException.Because


def return_for_review(
    exception: FindingException,
    because: FindingException.Because,
    findings: Sequence[UUID],
    *,
    now: datetime,
    changed: Sequence[str] = (),
) -> None:
    """Return the exception to an approver. Notify the requester, the owners of the findings, and the approvers.

    `because` is the reason. `findings` are the findings that caused the return. `changed` are the labels of the changed
    properties (`portal.treatment.changed_values`). Unchanged findings remain covered. If more findings change later,
    the exception is returned again.
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
    notify(
        exception,
        kind="exception_returned",
        key=f"returned:{now.isoformat()}:{because.value}",
        title=f"{name_with_problem(exception)} needs a new decision: {_what(because, changed)}",
        lines=(_cause(exception, because, len(findings)), _consequence(len(findings))),
        subscribers=[exception.requested_by, *owners(exception), *approvers(exception)],
    )


def _what(because: FindingException.Because, changed: Sequence[str]) -> str:
    if because == Because.CHANGED and changed:
        return f"{in_words(changed)} changed"
    return f"{because.label[0].lower()}{because.label[1:]}"


def _cause(exception: FindingException, because: FindingException.Because, count: int) -> str:
    findings = count_of_findings(count)
    if because == Because.GROWN:
        verb = "matches" if count == 1 else "match"
        return f"{findings} {verb} the rule beyond the approved maximum of {exception.maximum}."
    if count == 1:
        return f"The observed value of {findings} differs from the approved one."
    return f"The observed values of {findings} differ from the approved ones."


def _consequence(count: int) -> str:
    subject = "This finding is" if count == 1 else "These findings are"
    return f"{subject} open until an approver decides. Unchanged findings remain covered."

"""Build the panel that shows the treatment of a finding, and the actions that the person may take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from assessments.estate.quantities import in_days
from assessments.models import Finding
from portal.treatment.due_dates import due_at, overdue_days
from portal.treatment.models import FindingException, Treatment
from portal.treatment.states import WITH_DUE_DATE, ShownState
from portal.web.components.formatting import format_duration
from portal.web.shared.visible import may, visible_exceptions
from tenants.models import Person, Tenant
from tenants.roles import Capability


@dataclass(frozen=True, slots=True)
class Panel:
    """The treatment of a finding.

    `due` is a sentence about the due date. `exceptions` are the pending exceptions and the exceptions in force, newest
    first.
    """

    shown: str
    treatment: Treatment | None
    due: str
    due_at: datetime | None
    overdue: bool
    acknowledged: bool
    plan_is_late: bool
    exceptions: list[FindingException]
    answered: bool
    may_claim: bool
    may_assign: bool
    may_treat: bool
    may_acknowledge: bool
    may_undo_acknowledgement: bool
    may_request_exception: bool
    may_answer: bool
    may_change_policy: bool
    owner_left: bool
    """The owner no longer has access."""

    @property
    def has_actions(self) -> bool:
        """Return whether the person may take any action."""
        return any(
            (
                self.may_claim,
                self.may_assign,
                self.may_acknowledge,
                self.may_undo_acknowledgement,
                self.may_request_exception,
                self.may_answer,
            )
        )


def panel(
    tenant: Tenant, finding: Finding, shown: str, who: Person, now: datetime, *, owner_left: bool = False
) -> Panel:
    """Return the panel. `shown` is the finding's `ShownState`. `finding.treatment` must be loaded."""
    treatment: Treatment | None = getattr(finding, "treatment", None)
    treats, assigns = may(Capability.TREAT, tenant), may(Capability.ASSIGN, tenant)
    fails = finding.outcome == Finding.Outcome.FAIL and finding.gone_at is None
    manual = finding.outcome == Finding.Outcome.MANUAL and finding.gone_at is None
    exceptions = list(
        visible_exceptions(tenant)
        .filter(items__finding=finding)
        .exclude(state__in=FindingException.ENDED)
        .distinct()
        .order_by("-number")
    )
    due = due_at(tenant, finding) if shown in WITH_DUE_DATE else None
    acknowledged = shown == ShownState.ACKNOWLEDGED
    return Panel(
        shown=shown,
        treatment=treatment,
        due=_due_sentence(due, now) if due else "",
        due_at=due,
        overdue=due is not None and due < now,
        acknowledged=acknowledged,
        plan_is_late=acknowledged
        and treatment is not None
        and treatment.planned_for is not None
        and treatment.planned_for < _today(tenant, now),
        exceptions=exceptions,
        answered=manual and treatment is not None and treatment.attestation_id is not None,
        may_claim=treats and (treatment is None or treatment.owner_id is None),
        may_assign=assigns,
        may_treat=treats,
        may_acknowledge=treats and shown == ShownState.OPEN,
        may_undo_acknowledgement=treats and acknowledged,
        may_request_exception=treats and fails and all(one.ends_soon(now) for one in exceptions),
        may_answer=manual and may(Capability.ATTEST, tenant),
        may_change_policy=may(Capability.ADMINISTER, tenant),
        owner_left=owner_left,
    )


def _today(tenant: Tenant, now: datetime) -> date:
    return now.astimezone(ZoneInfo(tenant.timezone)).date()


def _due_sentence(due: datetime, now: datetime) -> str:
    if days := overdue_days(due, now):
        return f"Overdue by {in_days(days)}"
    return f"Due in {format_duration(now, due) or 'less than a minute'}"

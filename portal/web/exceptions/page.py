"""Context of the page of one exception."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Count
from django.urls import reverse

from assessments.display.names import Names
from assessments.display.observed import describe
from assessments.display.sentences import sentence
from assessments.display.subjects import subject_text
from assessments.models import Finding
from assessments.presentation.finding_names import Mentions, mentions_of, names_for
from portal.treatment.actions.exceptions.end import REVOCABLE, WITHDRAWABLE
from portal.treatment.matching import FIELDS, describe_rule
from portal.treatment.models import ExceptionItem, FindingException, TreatmentEvent
from portal.treatment.naming import control_problem, finding_title
from portal.treatment.selectors import exceptions as selectors
from portal.web.components.timeline import Entry
from portal.web.components.values import side_by_side, value_rows
from portal.web.exceptions.deciders import without_decider
from portal.web.shared.event_marks import MARKS
from portal.web.shared.visible import may, unit_names, visible_findings
from tenants.models import Person, Tenant
from tenants.people.service_accounts import controls
from tenants.roles import Capability
from tenants.values import time_display

PER_PAGE: Final = 25
MAX_CONTROLS: Final = 8
State = FindingException.State
Kind = TreatmentEvent.Kind


class Standing(NamedTuple):
    """A badge that says how a finding differs from its approved state or, before an approval, from its state at the
    request. `role` is the colour role. `needs_attention` says whether the approver should look at the difference.
    """

    label: str
    role: str
    needs_attention: bool


class Start(NamedTuple):
    """The start of an exception, for the page. `at` is None if the exception starts on approval."""

    label: str
    at: datetime | None


class End(NamedTuple):
    """The end of an exception, for the page. `planned` is the planned end of an exception that ended earlier."""

    label: str
    at: datetime
    planned: datetime | None = None


def context(
    tenant: Tenant,
    found: FindingException,
    items: list[ExceptionItem],
    person: Person,
    now: datetime,
    until: datetime | None = None,
) -> dict[str, Any]:
    """Return the context of the page about the exception `found`, for this person.

    `items` are the items of the exception that the page lists. `until` is the end of the person's review period, or
    None. If `until` is set, the page shows the exception as it was at that time.
    """
    ended = found.state in FindingException.ENDED
    decided = found.state != State.REQUESTED
    sees_all = may(Capability.VIEW_ALL, tenant)
    is_rule = found.scope == FindingException.Scope.RULE
    # People who see only their own findings get the number of the exception's other findings, but no details of them.
    visible = set(
        visible_findings(tenant)
        .filter(pk__in=[item.finding_id for item in items])
        .values_list("pk", flat=True)
    )
    shown = [item for item in items if item.finding_id in visible]
    additional = [] if ended or until else _additional(tenant, found)
    names = names_for(
        tenant,
        [*(mention for item in shown for mention in _mentions(item, until)), *map(mentions_of, additional)],
        unit_names(tenant),
    )
    zone = ZoneInfo(tenant.timezone)
    events = _events(found, until)
    start = _start(found, events, until or now)
    return {
        "sentence": _sentence(found, covers=bool(until) or _covers(found)),
        "conditions": describe_rule(found) if is_rule else "",
        "items": [
            _recorded(tenant, item, names, until) if until else _item(tenant, item, ended, decided, names)
            for item in shown
        ],
        "reviewed": (until - timedelta(days=1)).date() if until else None,
        "hidden": len(items) - len(visible),
        "matching": _matching(tenant, found) if is_rule and not ended and sees_all and not until else None,
        "additional": [_additional_row(tenant, row, names, zone) for row in additional],
        "files": list(found.files.all()),
        "start": start,
        "end": _end(found, start),
        "history": _history(events),
        **({} if until else _allowed(tenant, found, person)),
    }


def _covers(found: FindingException) -> bool:
    """Return whether an exception in force covers findings. A returned exception covers none if the observed values of
    all its findings have changed.
    """
    return found.state != State.RETURNED or found.items.filter(changed_at__isnull=True).exists()


def _sentence(found: FindingException, *, covers: bool) -> str:
    end, start = time_display.minute(found.ends_at), time_display.minute(found.starts_at)
    return {
        State.REQUESTED: "The exception waits for an approver. Before the approval, it covers no findings.",
        State.APPROVED: f"Approved. Starts on {start}.",
        State.ACTIVE: f"Covers its findings until {end}.",
        State.RETURNED: (
            f"{found.get_returned_because_display()}. "
            + (
                f"The exception covers unchanged findings until {end}. Changed and additional findings are open until"
                " an approver decides again."
                if covers
                else "The exception covers no findings until an approver decides again."
            )
        ),
        State.REFUSED: "The exception was refused, so it covers no findings.",
        State.WITHDRAWN: "Withdrawn before it was approved.",
        State.EXPIRED: "The exception has expired. Findings that still fail are open again.",
        State.REVOKED: "The exception was revoked. Findings that still fail are open again.",
    }[State(found.state)]


def _allowed(tenant: Tenant, found: FindingException, person: Person) -> dict[str, Any]:
    """Return the actions that the person may take now. If the person may not decide, also return the reason."""
    approves = may(Capability.APPROVE, tenant)
    mine = found.requested_by_id == person.pk
    controlled = controls(person, found.requested_by)
    pending = found.state in FindingException.PENDING
    why_not = ""
    if pending and mine:
        why_not = "You requested this exception, so someone else must decide."
    elif pending and controlled:
        why_not = (
            "A service account requested this exception. You created this account, are or were responsible for it, or"
            " created a token or client secret for it, so someone else must decide."
        )
    elif pending and not approves:
        why_not = "A person with the role Approver must decide."
    if why_not and (nobody := without_decider(found)):
        why_not = f"{why_not} {nobody}"
    return {
        "may_decide": approves and pending and not mine and not controlled,
        "may_revoke": approves and found.state in REVOCABLE,
        "may_withdraw": mine and found.state in WITHDRAWABLE and may(Capability.TREAT, tenant),
        "why_not": why_not,
    }


def _approved(item: ExceptionItem, until: datetime | None) -> bool:
    """Return whether the item has an approved value that may be shown. If `until` is set, the value must have been
    approved before this time.
    """
    return item.approved_at is not None and (until is None or item.approved_at < until)


def _mentions(item: ExceptionItem, until: datetime | None) -> list[Mentions]:
    recorded = item.approved_observed if _approved(item, until) else item.requested_observed
    return [mentions_of(item.finding), Mentions("", recorded)]


def _item(tenant: Tenant, item: Any, ended: bool, decided: bool, names: Names) -> dict[str, Any]:
    """Return the approved state of a finding and its current state. Before the first approval, return the state at the
    request instead of the approved state.
    """
    finding = item.finding
    approved = bool(item.approved_sha256)
    recorded_hash = item.approved_sha256 or item.requested_sha256
    recorded = item.approved_observed if approved else item.requested_observed
    standing = _standing(
        finding, approved, in_force=decided and not ended, changed=recorded_hash != finding.observed_sha256
    )
    return {
        "url": reverse("finding", args=[tenant.slug, finding.pk]),
        "title": finding_title(finding.control, finding.outcome),
        "subject": subject_text(finding.subject, finding.subject_name, names),
        "severity": finding.severity,
        "reason": sentence(finding.reason, names).capitalized(),
        "standing": standing,
        "added_at": item.added_at,
        "recorded_label": "When approved" if approved else "When requested",
        "values_label": f"Observed values of {finding.subject_name or finding.subject}, {finding.control}",
        "values": side_by_side(recorded, finding.observed, names, ZoneInfo(tenant.timezone)),
    }


def _recorded(tenant: Tenant, item: Any, names: Names, until: datetime) -> dict[str, Any]:
    """Return the row of a finding, with the observed value that was approved before `until`, the end of a review
    period.

    If no value was approved before `until`, or a later approval has overwritten it, the row has the value at the
    request or, for a finding that the rule added later, the value at the addition.
    """
    finding, approved = item.finding, _approved(item, until)
    recorded = item.approved_observed if approved else item.requested_observed
    if approved:
        standing, label = Standing("Approved", "manual", False), "When approved"
    else:
        later = item.approved_at is not None
        standing = Standing("Approved after the review period" if later else "Requested", "low", False)
        label = "When added by the rule" if item.added_at else "When requested"
    return {
        "title": control_problem(finding.control),
        "subject": subject_text(finding.subject, finding.subject_name, names),
        "severity": finding.severity,
        "standing": standing,
        "added_at": item.added_at,
        "recorded_label": label,
        "recorded": value_rows(describe(recorded, names, ZoneInfo(tenant.timezone))),
    }


def _standing(finding: Finding, approved: bool, *, in_force: bool, changed: bool) -> Standing:
    if finding.gone_at is not None:
        # If the finding is gone by exclusion, the resource may still exist: its subscription was excluded, or the
        # control was switched off or removed.
        label = "No longer assessed" if finding.is_gone_by_exclusion else "No longer exists"
        return Standing(label, "unknown", False)
    if finding.outcome == Finding.Outcome.UNKNOWN:
        return Standing("Unknown: may still fail", "unknown", False)
    if finding.outcome != Finding.Outcome.FAIL:
        return Standing(f"No longer fails ({finding.get_outcome_display().lower()})", "pass", False)
    if in_force and not approved:
        return Standing("Not approved yet", "warn", True)
    if not changed:
        return (
            Standing("As approved", "manual", False) if approved else Standing("As requested", "low", False)
        )
    if not approved:
        return Standing("Changed since the request", "warn", True)
    if in_force:
        return Standing("Changed: not covered", "fail", True)
    return Standing("Changed since the approval", "unknown", False)


def _additional(tenant: Tenant, found: FindingException) -> list[Finding]:
    """Return the most severe findings that match the exception's rule and are not approved yet. An approval now would
    cover these findings.
    """
    rows = visible_findings(tenant).filter(pk__in=selectors.excess(found).order_by().values("pk"))
    return list(rows.order_by("severity_rank", "control", "pk")[:PER_PAGE])


def _additional_row(tenant: Tenant, row: Finding, names: Names, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "url": reverse("finding", args=[tenant.slug, row.pk]),
        "title": control_problem(row.control),
        "subject": subject_text(row.subject, row.subject_name, names),
        "severity": row.severity,
        "reason": sentence(row.reason, names).capitalized(),
        "observed": value_rows(describe(row.observed, names, zone)),
    }


def _matching(tenant: Tenant, found: FindingException) -> dict[str, Any]:
    """Count findings that the rule matches. `over`: failing findings above the exception's maximum. `excess`: failing
    findings that are not items yet.
    """
    seen = selectors.preview(tenant, {name: getattr(found, name) for name in FIELDS})
    return {
        "count": seen.count,
        "failing": seen.failing,
        "maximum": found.maximum,
        "over": max(0, seen.failing - found.maximum),
        "excess": selectors.excess(found).count(),
        "by_control": [(control_problem(slug), count) for slug, count in seen.by_control[:MAX_CONTROLS]],
    }


def _events(found: FindingException, until: datetime | None) -> list[Any]:
    """Return the events before `until`, newest first. Events of several findings at the same moment are one row."""
    events = TreatmentEvent.objects.filter(exception=found)
    return list(
        (events if until is None else events.filter(at__lt=until))
        .values("kind", "at", "actor", "note")
        .annotate(count=Count("id"))
        .order_by("-at", "-kind")
    )


def _history(events: list[Any]) -> list[Entry]:
    entries = []
    for line in events:
        mark = MARKS[Kind(line["kind"])]
        count = line["count"]
        title = f"{mark.label} ({count} finding{'' if count == 1 else 's'})"
        entries.append(Entry(line["at"], mark.icon, mark.role, title, note=line["note"], who=line["actor"]))
    return entries


def _start(found: FindingException, events: list[Any], now: datetime) -> Start | None:
    """Return the start of an exception. Return None if the exception ended before it started.

    An exception starts on its first approval, but not before the start that was requested.
    """
    # The exception itself stores only the last decision, so take the first approval from the events. An approval
    # writes one event for each finding. If the rule of the exception matched no finding at the approval, there is no
    # event, so take the last decision.
    approvals = [line["at"] for line in events if line["kind"] == Kind.EXCEPTION_APPROVED]
    approved = min(approvals, default=None if found.state == State.REFUSED else found.decided_at)
    if approved is None:
        if found.state in FindingException.ENDED:
            return None
        return Start("Starts", found.starts_at if found.starts_at > now else None)
    begins = max(found.starts_at, approved)
    if found.ended_at is not None and found.ended_at <= begins:
        return None
    return Start("Started" if begins <= now else "Starts", begins)


def _end(found: FindingException, start: Start | None) -> End:
    if found.state not in FindingException.ENDED:
        return End("Ends", found.ends_at)
    if start is None:
        return End("Requested end", found.ends_at)
    if found.ended_at is not None and found.ended_at < found.ends_at:
        return End("Ended", found.ended_at, found.ends_at)
    return End("Ended", found.ends_at)

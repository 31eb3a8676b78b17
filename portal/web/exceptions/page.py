"""What the page of one exception says."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.db.models import Count
from django.urls import reverse

from assessments.controls.registry import catalogue
from assessments.models import Finding
from portal.treatment.actions.exception_end import REVOCABLE, WITHDRAWABLE
from portal.treatment.matching import FIELDS, in_words
from portal.treatment.models import ExceptionItem, FindingException, TreatmentEvent
from portal.treatment.selectors import exceptions as selectors
from portal.web.components.timeline import Entry
from portal.web.components.values import side_by_side
from portal.web.shared.event_marks import MARKS
from portal.web.shared.visible import may, visible_findings
from tenants.models import Person, Tenant
from tenants.roles import Capability

PER_PAGE: Final = 25
State = FindingException.State
Kind = TreatmentEvent.Kind


def facts(
    tenant: Tenant, found: FindingException, items: list[ExceptionItem], who: Person, now: datetime
) -> dict[str, Any]:
    """The context of the page for that person; `items` are those of the page's part."""
    ended = found.state in FindingException.ENDED
    decided = found.state != State.REQUESTED
    sees_all = may(Capability.VIEW_ALL, tenant)
    is_rule = found.scope == FindingException.Scope.RULE
    # An owner sees the others' findings as a number, not one by one.
    seen = set(
        visible_findings(tenant)
        .filter(pk__in=[item.finding_id for item in items])
        .values_list("pk", flat=True)
    )
    return {
        "sentence": _sentence(found),
        "conditions": in_words(found) if is_rule else "",
        "items": [_item(tenant, item, ended, decided) for item in items if item.finding_id in seen],
        "hidden": len(items) - len(seen),
        "matching": _matching(tenant, found) if is_rule and not ended and sees_all else None,
        "additional": [] if ended else _additional(tenant, found),
        "files": list(found.files.all()),
        "history": _history(found),
        **_allowed(tenant, found, who),
    }


def _sentence(found: FindingException) -> str:
    until = f"{found.ends_at:%Y-%m-%d %H:%M} UTC"
    return {
        State.REQUESTED: "It waits for an approver and covers nothing yet.",
        State.APPROVED: f"It is approved and begins on {found.starts_at:%Y-%m-%d %H:%M} UTC.",
        State.ACTIVE: f"It covers its findings until {until}.",
        State.RETURNED: (
            f"{found.get_returned_because_display()}. What is as it was approved stays covered until {until}; "
            "the rest is open until an approver decides again."
        ),
        State.REFUSED: "It was refused. Its findings are open.",
        State.WITHDRAWN: "It was withdrawn before anybody approved it.",
        State.EXPIRED: "It has expired. What still fails of it is open again.",
        State.REVOKED: "It was revoked. What still fails of it is open again.",
    }[State(found.state)]


def _allowed(tenant: Tenant, found: FindingException, who: Person) -> dict[str, Any]:
    """What this person may do now, and where they may not although their role would: why."""
    approves = may(Capability.APPROVE, tenant)
    mine = found.requested_by_id == who.pk
    waits = found.state in FindingException.PENDING
    why_not = ""
    if waits and mine:
        why_not = "You asked for this exception yourself, so somebody else has to decide it."
    elif waits and not approves:
        why_not = "It is decided by somebody with the role of an approver."
    return {
        "may_decide": approves and waits and not mine,
        "may_revoke": approves and found.state in REVOCABLE,
        "may_withdraw": mine and found.state in WITHDRAWABLE and may(Capability.TREAT, tenant),
        "why_not": why_not,
    }


def _item(tenant: Tenant, item: Any, ended: bool, decided: bool) -> dict[str, Any]:
    """A finding as it was approved (or, before any approval, as it was requested) beside what is there now."""
    finding = item.finding
    control = catalogue().get(finding.control)
    approved = bool(item.approved_sha256)
    then = item.approved_sha256 or item.requested_sha256
    word, role, asks = _standing(finding, approved, decided and not ended, then != finding.observed_sha256)
    before = item.approved_observed if approved else item.requested_observed
    return {
        "url": reverse("finding", args=[tenant.slug, finding.pk]),
        "title": control.title if control else finding.control,
        "subject": finding.subject_name,
        "severity": finding.severity,
        "reason": finding.reason,
        "word": word,
        "role": role,
        "open": asks,
        "added_at": item.added_at,
        "before_word": "When approved" if approved else "When requested",
        "values": side_by_side(before, finding.observed),
    }


def _standing(finding: Finding, approved: bool, in_force: bool, differs: bool) -> tuple[str, str, bool]:
    """(words, role, whether it asks to be looked at)."""
    if finding.gone_at is not None:
        return "No longer there", "unknown", False
    if finding.outcome != Finding.Outcome.FAIL:
        return f"Does not fail now ({finding.get_outcome_display().lower()})", "pass", False
    if in_force and not approved:
        return "Not approved yet", "warn", True
    if approved:
        if not differs:
            return "As it was approved", "manual", False
        return ("Changed: not covered", "fail", True) if in_force else ("Changed since", "unknown", False)
    return ("Changed since the request", "warn", True) if differs else ("As it was requested", "low", False)


def _additional(tenant: Tenant, found: FindingException) -> list[dict[str, Any]]:
    """What a rule matches and nobody approved: an approval now would cover it too. The gravest of it."""
    rows = visible_findings(tenant).filter(pk__in=selectors.excess(found).order_by().values("pk"))
    known = catalogue()
    return [
        {
            "url": reverse("finding", args=[tenant.slug, row.pk]),
            "title": known[row.control].title if row.control in known else row.control,
            "subject": row.subject_name,
            "severity": row.severity,
            "reason": row.reason,
            "observed": [(pair.key, pair.now) for pair in side_by_side({}, row.observed)],
        }
        for row in rows.order_by("severity_rank", "control", "pk")[:PER_PAGE]
    ]


def _matching(tenant: Tenant, found: FindingException) -> dict[str, Any]:
    known = catalogue()
    seen = selectors.preview(tenant, {name: getattr(found, name) for name in FIELDS})
    return {
        "count": seen.count,
        "failing": seen.failing,
        "maximum": found.maximum,
        "over": max(0, seen.failing - found.maximum),
        "excess": selectors.excess(found).count(),
        "by_control": [
            (known[slug].title if slug in known else slug, count) for slug, count in seen.by_control[:8]
        ],
    }


def _history(found: FindingException) -> list[Entry]:
    """What happened to it, newest first: the findings' lines of the same moment are one."""
    lines = (
        TreatmentEvent.objects.filter(exception=found)
        .values("kind", "at", "actor", "note")
        .annotate(count=Count("id"))
        .order_by("-at", "-kind")
    )
    entries = []
    for line in lines:
        icon, role = MARKS[Kind(line["kind"])]
        count = line["count"]
        entries.append(
            Entry(
                line["at"],
                icon,
                role,
                f"{Kind(line['kind']).label} ({count} finding{'' if count == 1 else 's'})",
                note=line["note"],
                who=line["actor"],
            )
        )
    return entries

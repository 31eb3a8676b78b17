"""Compute the parts of an assessment's page: counts, units, gaps and the coverage ledger."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from typing import Any, Final

from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst

from assessments import selectors
from assessments.controls.registry import known_controls
from assessments.estate.gaps import Reason
from assessments.models import Assessment, Unit
from assessments.presentation.extent import Extent, extent_label
from portal.queries.run_state import run_key
from portal.web.components.vocabulary import mark
from portal.web.shared.subject_names import place

MAX_GAPS_PER_REASON: Final = 50
_ROLES: Final = {"done": "pass", "failed": "fail", "cancelled": "unknown", "waiting": "unknown"}


def duration(assessment: Assessment) -> str:
    """Return how long the assessment took, or how long it has been running. Return an empty text before the start."""
    if assessment.started_at is None:
        return ""
    return format_seconds((assessment.ended_at or timezone.now()) - assessment.started_at)


def format_seconds(length: timedelta) -> str:
    """Return ``less than 1 s``, ``42 s``, ``3 min 5 s`` or ``2 h 7 min``."""
    seconds = max(0, round(length.total_seconds()))
    if not seconds:
        return "less than 1 s"
    hours, minutes = seconds // 3600, seconds % 3600 // 60
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {seconds % 60} s" if minutes else f"{seconds} s"


def units_read(assessment: Assessment) -> str:
    """Return how many of the expected units were read, such as “3 of 5 read”.

    While the assessment is running, return how many of the units have ended, such as “3 of 5 ended”.
    """
    if assessment.is_active:
        return f"{assessment.units_ended} of {assessment.units_total} ended"
    extent = Extent.of(assessment)
    return f"{extent.read} of {extent.expected} read"


def facts(
    assessment: Assessment, units: list[Unit], names: dict[str, str], *, see_all: bool
) -> dict[str, Any]:
    """Return the context of the page, and of the part that is reloaded while the assessment is running.

    If `see_all` is False, leave out the errors of units, which can name service principals, and the names of unread
    resources.
    """
    gaps = [(unit, gap) for unit in units for gap in unit.gaps]
    counts = Counter[str]()
    for unit in units:
        counts.update(unit.counts)
    running = assessment.is_active
    ended = sum(unit.state in Unit.ENDED for unit in units)
    read = sum(unit.state == Unit.State.DONE for unit in units)
    failed = sum(unit.state == Unit.State.FAILED for unit in units)
    expected = assessment.units_total or len(units)
    status = run_key(assessment)
    ledger, without = _ledger(units)
    return {
        "status": status,
        "extent": extent_label(assessment) if assessment.only else "",
        "started": assessment.started_at or assessment.created_at,
        "live": running,
        "may_cancel": running and assessment.cancel_requested_at is None,
        "may_retry": not running
        and any(unit.gaps or unit.state in (Unit.State.FAILED, Unit.State.CANCELLED) for unit in units),
        "summary": _summary(assessment),
        "announcement": f"{mark('run', status).label}: {ended} of {expected} units ended, {read} read.",
        "unread": _unread(units) if not running else "",
        "figures": [
            ("Units", f"{ended if running else read} of {expected}", "ended" if running else "read"),
            ("Requests", sum(unit.requests for unit in units), "to Azure"),
            ("Throttled", sum(unit.throttled for unit in units), ""),
            ("Gaps", len(gaps), "not read"),
            _verdicts(counts, 0 if running else expected - read - failed),
        ],
        "units": [_unit(unit, see_all=see_all) for unit in units if not _is_complete(unit)],
        "complete": [_unit(unit, see_all=see_all) for unit in units if _is_complete(unit)],
        "gaps": gaps_by_reason(gaps, names, see_all=see_all),
        "ledger": ledger,
        "without_verdicts": without,
    }


def _verdicts(counts: Counter[str], unread: int) -> tuple[str, int, str]:
    """Return label, number and explanation of the figure “Verdicts”. The number excludes the verdict “not applicable”.

    `unread` is the number of units that got no verdicts, because the assessment was cancelled before it had read them.
    Units that could not be read are not included, because their verdicts are “unknown”.
    """
    text = f"{counts['fail']:,} fail, {counts['unknown']:,} unknown"
    if unread:
        text += f"; the overview adds earlier findings of {unread} unread unit{'' if unread == 1 else 's'}"
    return "Verdicts", counts.total() - counts["not_applicable"], text


def _is_complete(unit: Unit) -> bool:
    """Return whether everything in the unit was read. The page shows such a unit collapsed."""
    return unit.state == Unit.State.DONE and not unit.gaps


def gaps_by_reason(
    gaps: list[tuple[Unit, dict[str, Any]]], names: dict[str, str], *, see_all: bool = True
) -> list[dict[str, Any]]:
    """Group gaps by reason and missing permission, the group with the most gaps first.

    All gaps of a refused sign-in are one group, because no permission would help.
    """
    groups: dict[tuple[str, str], list[tuple[Unit, dict[str, Any]]]] = defaultdict(list)
    for unit, gap in gaps:
        permission = "" if gap.get("reason") == Reason.UNAUTHENTICATED else str(gap.get("permission") or "")
        groups[_why(gap), permission].append((unit, gap))
    found = [
        {
            "why": why,
            "permission": permission,
            "number": len(rows),
            "units": len({unit.pk for unit, _ in rows}),
            "rows": [_gap(unit, gap, names, see_all=see_all) for unit, gap in rows[:MAX_GAPS_PER_REASON]],
            "more": max(0, len(rows) - MAX_GAPS_PER_REASON),
        }
        for (why, permission), rows in groups.items()
    ]
    return sorted(found, key=lambda group: (-group["number"], group["why"], group["permission"]))


def _why(gap: dict[str, Any]) -> str:
    return capfirst(Reason(gap["reason"]).label) if gap.get("reason") else "Not read"


def _unread(units: list[Unit]) -> str:
    """Return a sentence about the units that a cancelled assessment did not read. Return an empty text if all were
    read.
    """
    unread = sum(unit.state == Unit.State.CANCELLED for unit in units)
    if not unread:
        return ""
    read = sum(unit.state == Unit.State.DONE for unit in units)
    others = "The cancelled unit keeps its" if unread == 1 else f"The {unread} cancelled units keep their"
    return (
        f"{read} of {len(units)} units were read before this assessment was cancelled. {others} earlier verdicts."
        " Verdicts of units that were never read are unknown."
    )


def started_by(assessment: Assessment) -> str:
    """Return who started the assessment: a person's name, “The schedule”, “The watch” or “A command”.

    “A command” stands for a command that somebody ran on the server, such as the command for the demonstration.
    """
    if assessment.trigger == Assessment.Trigger.SCHEDULE:
        return "The schedule"
    if assessment.trigger in Assessment.BY_WATCH:
        return "The watch"
    return str(assessment.requested_by or "A command")


def _summary(assessment: Assessment) -> str:
    who = started_by(assessment)
    retry = "Retry of failed parts. " if assessment.trigger == Assessment.Trigger.RETRY else ""
    opening = f"{retry}Started by {who[0].lower() + who[1:] if assessment.requested_by is None else who}."
    if not assessment.is_active:
        return f"{opening} Duration: {duration(assessment) or '0 s'}."
    if assessment.cancel_requested_at is not None:
        return (
            f"{opening} The assessment is being cancelled. Subscriptions and directories that are being assessed"
            " stop at their next step. Results that are already stored remain."
        )
    if assessment.started_at is None:
        return f"{opening} Waiting for a worker."
    return f"{opening} Running for {duration(assessment)}."


def _unit(unit: Unit, *, see_all: bool) -> dict[str, Any]:
    ended = unit.state in Unit.ENDED
    phase = {
        Unit.State.WAITING: "Waiting for a worker",
        Unit.State.DONE: "Done",
        Unit.State.FAILED: "Stopped",
        Unit.State.CANCELLED: "Cancelled",
    }.get(Unit.State(unit.state), unit.step or "Starting")
    return {
        "name": unit.name or unit.azure_id,
        "kind": unit.get_kind_display(),
        "azure_id": unit.azure_id if unit.name else "",
        "status": unit.state,
        "error": unit.error if see_all else "",
        "done": unit.steps_done,
        "total": unit.steps_planned,
        "phase": phase,
        "role": _ROLES.get(unit.state, "accent") if ended else "accent",
        "requests": unit.requests,
        "throttled": unit.throttled,
        "gaps": len(unit.gaps),
    }


def _gap(unit: Unit, gap: dict[str, Any], names: dict[str, str], *, see_all: bool) -> dict[str, str]:
    scope = str(gap.get("scope") or "") if see_all else ""
    where = place(scope)
    here = unit.name or unit.azure_id
    inner = "" if not where.kind else f" · {where.group + ' · ' if where.group else ''}{where.name}"
    status = " ".join(str(part) for part in (gap.get("status"), gap.get("code")) if part)
    request = gap.get("request_id")
    return {
        "collection": str(gap.get("collection", "")),
        "where": names.get(scope.lower(), here) + inner,
        "detail": f"{status}{f' · request {request}' if request else ''}",
    }


def _ledger(units: list[Unit]) -> tuple[list[dict[str, Any]], int]:
    """Add up the units' coverage by control. Controls with unknown verdicts come first.

    Return the rows, and the number of controls that have no row, because they apply to nothing or are not in the
    customer's profile.
    """
    known = known_controls()
    table, without = [], 0
    for slug, line in selectors.ledger(units)["controls"].items():
        outcomes = dict(line.get("outcomes", {}))
        expected = line.get("subjects", 0) - outcomes.pop("not_applicable", 0)
        if not expected and not line.get("not_covered"):
            without += 1
            continue
        reasons = Counter[str](line.get("unknown", {}))
        unknown = reasons.total()
        table.append(
            {
                "title": known[slug].title if slug in known else slug,
                "url": reverse("control", args=[slug]),
                "slug": slug,
                "expected": expected,
                "evaluated": expected - unknown,
                "unknown": unknown,
                "reasons": "; ".join(f"{n} × {Reason(key).label}" for key, n in reasons.most_common()),
                "not_covered": "; ".join(
                    f"{number} × {what}" for what, number in sorted(line.get("not_covered", {}).items())
                ),
                "counts": list(outcomes.items()),
            }
        )
    return sorted(table, key=lambda row: (-row["unknown"], row["slug"])), without

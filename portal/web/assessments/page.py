"""What the page of one assessment says: figures, a bar per unit, gaps, and the coverage ledger."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any, Final

from django.urls import reverse
from django.utils import timezone

from assessments import selectors
from assessments.controls.registry import catalogue
from assessments.estate.gaps import Reason
from assessments.models import Assessment, Unit
from portal.web.shared.fixes import place
from portal.web.shared.run_state import run_key

MOST_GAPS: Final = 200
_ROLES: Final = {"done": "pass", "failed": "fail", "cancelled": "unknown", "waiting": "unknown"}


def took(assessment: Assessment) -> str:
    """How long it has run, or ran: ``42 s``, ``3 min 5 s``."""
    if assessment.started_at is None:
        return ""
    return spell((assessment.ended_at or timezone.now()) - assessment.started_at)


def spell(span: timedelta) -> str:
    seconds = max(0, round(span.total_seconds()))
    hours, minutes = seconds // 3600, seconds % 3600 // 60
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {seconds % 60} s" if minutes else f"{seconds} s"


def facts(assessment: Assessment, units: list[Unit], names: dict[str, str]) -> dict[str, Any]:
    """The context of the page (and of its live part)."""
    gaps = [(unit, gap) for unit in units for gap in unit.gaps]
    counts = Counter[str]()
    for unit in units:
        counts.update(unit.counts)
    running = assessment.is_active
    ended = sum(unit.state in Unit.ENDED for unit in units)
    word = run_key(assessment)
    return {
        "status": word,
        "started": assessment.started_at or assessment.created_at,
        "live": running,
        "may_cancel": running and assessment.cancel_requested_at is None,
        "may_retry": not running
        and any(unit.gaps or unit.state in (Unit.State.FAILED, Unit.State.CANCELLED) for unit in units),
        "summary": _summary(assessment),
        "announcement": f"{word.capitalize()}: {ended} of {assessment.units_total} units ended.",
        "figures": [
            ("Units", f"{ended} of {assessment.units_total or len(units)}", "ended"),
            ("Requests", sum(unit.requests for unit in units), "to Azure"),
            ("Throttled", sum(unit.throttled for unit in units), ""),
            ("Gaps", len(gaps), "could not be read"),
            ("Verdicts", sum(counts.values()), f"{counts['fail']} fail, {counts['unknown']} unknown"),
        ],
        "units": [_unit(unit) for unit in units],
        "gaps": [_gap(unit, gap, names) for unit, gap in gaps[:MOST_GAPS]],
        "gaps_hidden": max(0, len(gaps) - MOST_GAPS),
        "ledger": _ledger(units),
    }


def _summary(assessment: Assessment) -> str:
    who = assessment.requested_by
    opening = f"{assessment.get_trigger_display()}{f' ({who})' if who else ''}."
    if not assessment.is_active:
        return f"{opening} Took {took(assessment) or 'no time'}."
    if assessment.cancel_requested_at is not None:
        return f"{opening} Being cancelled: units that run end at their next step; what is written stays."
    if assessment.started_at is None:
        return f"{opening} Waiting for a worker to find the subscriptions."
    return f"{opening} Running for {took(assessment)}."


def _unit(unit: Unit) -> dict[str, Any]:
    ended = unit.state in Unit.ENDED
    phase = {
        Unit.State.WAITING: "Waiting for a worker",
        Unit.State.DONE: "Judged",
        Unit.State.FAILED: "Stopped",
        Unit.State.CANCELLED: "Cancelled",
    }.get(Unit.State(unit.state), unit.step or "Starting")
    return {
        "name": unit.name or unit.azure_id,
        "kind": f"{unit.get_kind_display()} {unit.azure_id}",
        "status": unit.state,
        "error": unit.error,
        "done": unit.steps_done,
        "total": unit.steps_planned,
        "phase": phase,
        "role": _ROLES.get(unit.state, "accent") if ended else "accent",
        "requests": unit.requests,
        "throttled": unit.throttled,
        "gaps": len(unit.gaps),
    }


def _gap(unit: Unit, gap: dict[str, Any], names: dict[str, str]) -> dict[str, str]:
    scope = str(gap.get("scope") or "")
    where = place(scope)
    here = unit.name or unit.azure_id
    inner = "" if not where.kind else f" · {where.group + ' · ' if where.group else ''}{where.name}"
    status = " ".join(str(part) for part in (gap.get("status"), gap.get("code")) if part)
    request = gap.get("request_id")
    return {
        "collection": str(gap.get("collection", "")),
        "where": names.get(scope.lower(), here) + inner,
        "why": Reason(gap["reason"]).label.capitalize() if gap.get("reason") else "",
        "detail": f"{status}{f' · request {request}' if request else ''}",
        "permission": str(gap.get("permission") or ""),
    }


def _ledger(units: list[Unit]) -> list[dict[str, Any]]:
    """The units' ledgers of controls added up, controls with unknown verdicts first."""
    known = catalogue()
    table = []
    for slug, line in selectors.ledger(units)["controls"].items():
        reasons = Counter[str](line.get("unknown", {}))
        unknown = reasons.total()
        table.append(
            {
                "title": known[slug].title if slug in known else slug,
                "url": reverse("control", args=[slug]),
                "slug": slug,
                "expected": line.get("subjects", 0),
                "evaluated": line.get("subjects", 0) - unknown,
                "unknown": unknown,
                "reasons": "; ".join(f"{n} × {Reason(key).label}" for key, n in reasons.most_common()),
                "counts": list(line.get("outcomes", {}).items()),
            }
        )
    return sorted(table, key=lambda row: (-row["unknown"], row["slug"]))

"""What the page of one tenant says: scores and their difference, sections, what waits, coverage."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.urls import reverse

from assessments import selectors
from assessments.controls.registry import SECTIONS
from assessments.estate.gaps import Reason
from assessments.models import Assessment
from portal.queries.findings.filters import WITHOUT_ACCESS
from portal.queries.portfolio import unknown_reasons
from portal.treatment.models import FindingException
from portal.treatment.selectors import attestations as answers
from portal.treatment.selectors.exceptions import ending
from portal.treatment.selectors.scores import Standing
from portal.treatment.selectors.stranded import left_behind
from portal.treatment.states import FAILURES, TODO
from portal.web.components.formatting import format_score
from portal.web.components.vocabulary import SEVERITIES
from portal.web.shared.visible import visible_exceptions
from portal.web.tenant_overview import changes
from tenants.models import Tenant

SOON: Final = timedelta(days=30)
MOST_CHANGES: Final = 8
MOST_ENDING: Final = 5
MOST_LEFT: Final = 3
# The kinds of change that the tenant's page shows rows of; of the others it says how many there are.
TOLD: Final = ("began", "unknown", "resolved", "other")

# Shown state -> what it does to the adjusted score, for one and for several.
_DIFFERENCES: Final = {
    "excepted": ("excepted failure is left out", "excepted failures are left out"),
    "attested": ("control attested as met counts as a pass", "controls attested as met count as passes"),
    "not_met": ("control attested as not met counts as a failure", "controls attested as not met count as failures"),
    "lapsed": ("expired attestation counts as a failure", "expired attestations count as failures"),
    "manual": (
        "control that nobody has answered counts as a failure",
        "controls that nobody has answered count as failures",
    ),
}  # fmt: skip


def findings_url(tenant: Tenant, **query: object) -> str:
    """The findings page with these filters."""
    return f"{reverse('findings', args=[tenant.slug])}?{urlencode(query, doseq=True)}"


def differences(tenant: Tenant, standing: Standing) -> list[dict[str, Any]]:
    """Why the adjusted score is another than the raw one: how many findings, in words, and their list."""
    return [
        {"count": count, "words": words[count != 1], "url": findings_url(tenant, state=state)}
        for state, words in _DIFFERENCES.items()
        if (count := standing.states.get(state, 0))
    ]


def figures(tenant: Tenant, standing: Standing, unowned: int) -> list[dict[str, Any]]:
    """The row of numbers, each with the findings that it counts."""
    found: list[dict[str, Any]] = [
        {
            "severity": key,
            "value": standing.adjusted["open"].get(key, 0),
            "url": findings_url(tenant, state=list(FAILURES), severity=key),
        }
        for key in SEVERITIES
        if key != "info"
    ]
    found.append(
        {
            "label": "Overdue",
            "icon": "clock",
            "role": "fail" if standing.overdue else "unknown",
            "value": standing.overdue_total,
            "url": findings_url(tenant, due="overdue"),
        }
    )
    found.append(
        {
            "label": "Nobody owns",
            "icon": "person",
            "role": "warn" if unowned else "unknown",
            "value": unowned,
            "url": findings_url(tenant, owner="nobody", state=list(TODO)),
        }
    )
    found.append(
        {
            "verdict": "unknown",
            "value": standing.raw["counts"].get("unknown", 0),
            "url": findings_url(tenant, verdict="unknown"),
        }
    )
    return found


def left(tenant: Tenant, now: datetime) -> dict[str, Any] | None:
    """What is to be done and belongs to people without access: how much, whose, and its list; None for nothing."""
    found = left_behind(tenant, now)
    if not found:
        return None
    return {
        "count": sum(one.count for one in found),
        "people": [(one.person.get_full_name(), one.count) for one in found[:MOST_LEFT]],
        "more": len(found) - MOST_LEFT,
        "url": findings_url(tenant, owner=WITHOUT_ACCESS, state=list(TODO)),
    }


def sections(tenant: Tenant, standing: Standing) -> list[dict[str, Any]]:
    """A row a section of the catalogue that was judged, with both scores."""
    rows = []
    for key, title in SECTIONS.items():
        part = standing.raw["sections"].get(key)
        if part is None:
            continue
        adjusted = standing.adjusted["sections"][key]
        rows.append(
            {
                "section": key,
                "label": f"{title}, raw: {format_score(part['score'])}",
                "score": part["score"],
                "adjusted": adjusted["score"],
                "adjusted_label": f"{title}, adjusted",
                "counts": list(part["counts"].items()),
                "fail": part["counts"].get("fail", 0),
                "unknown": part["counts"].get("unknown", 0),
                "url": findings_url(tenant, section=key),
            }
        )
    return rows


def exceptions(tenant: Tenant, now: datetime) -> dict[str, Any]:
    """How many wait for an approver, and what ends within 30 days, of what the person sees."""
    found = visible_exceptions(tenant).aggregate(
        pending=Count("id", filter=Q(state__in=FindingException.PENDING)),
        returned=Count("id", filter=Q(state=FindingException.State.RETURNED)),
        in_force=Count("id", filter=Q(state__in=FindingException.IN_FORCE)),
    )
    soon = list(ending(tenant, within=SOON, now=now))
    return {
        **found,
        "ending": len(soon),
        "soonest": [(row, reverse("exception", args=[tenant.slug, row.pk])) for row in soon[:MOST_ENDING]],
    }


def attestations(tenant: Tenant, now: datetime) -> dict[str, Any]:
    """{total, due, rows: [(standing, number)]} of the manual controls that the person sees."""
    rows = answers.with_standing(answers.manual_findings(tenant).select_related(None), now)
    counts = answers.count_by_standing(rows)
    listed = [(str(key), counts[key]) for key in answers.ORDER if counts.get(key)]
    due = sum(counts.get(key, 0) for key in answers.DUE_STANDINGS)
    return {"total": sum(counts.values()), "due": due, "rows": listed}


def changed(tenant: Tenant, last: Assessment, names: dict[str, str]) -> dict[str, Any]:
    """What the last assessment found otherwise: numbers by kind, and the gravest rows. Of the first one nothing
    is counted: everything is new."""
    if last.number == 1:
        return {"is_first": True, "url": reverse("changes", args=[tenant.slug])}
    rows = changes.changes_of(last, tenant)
    here = f"{reverse('changes', args=[tenant.slug])}?assessment={last.number}"
    told = rows.filter(kind__in=[changes.KINDS[key].value for key in TOLD])
    counts = changes.counts(rows)
    return {
        "url": here,
        "total": sum(counts.values()),
        "kinds": [(changes.KINDS[key], count, f"{here}&kind={key}") for key, count in counts.items()],
        "rows": changes.read(told, tenant, names, 0, MOST_CHANGES),
        "is_first": changes.is_first(last, counts),
        "extent": changes.extent(last),
    }


def ledger(summary: dict[str, Any], last: Assessment | None) -> list[tuple[str, object]]:
    """Expected, reached, evaluated."""
    units: dict[str, int] = last.summary.get("units", {}) if last else {}
    if last is not None and last.only:
        # It judged some scopes again; the others stand as they were.
        states = selectors.current_units(last).order_by().values_list("state")
        units = dict(states.annotate(count=Count("id")))
    counts = summary["counts"]
    judged = sum(counts.values()) - counts.get("not_applicable", 0)
    coverage = summary["coverage"]
    return [
        ("Units expected", sum(units.values())),
        ("Units read", units.get("done", 0)),
        ("Verdicts expected", judged),
        ("Decided", judged - counts.get("unknown", 0)),
        ("Unknown", counts.get("unknown", 0)),
        ("Coverage", "nothing judged" if coverage is None else f"{coverage} %"),
    ]


def reasons(tenant: Tenant) -> list[tuple[str, int]]:
    """Why verdicts are unknown, the most frequent first."""
    return [(Reason(key).label, count) for key, count in unknown_reasons(tenant)]

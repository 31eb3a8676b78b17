"""Build the rows of the findings page: findings (in the list or in an open group), and groups by control."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from assessments.display.names import Names
from assessments.display.sentences import sentence
from assessments.display.subjects import subject_text
from assessments.estate.quantities import in_days
from assessments.models import Finding
from portal.queries.findings.facet_counts import ControlGroup
from portal.queries.findings.groups import GroupFacts
from portal.treatment.due_dates import due_at, overdue_days
from portal.treatment.naming import control_problem, control_title, finding_title
from portal.treatment.states import WITH_DUE_DATE, ShownState, shown_state
from portal.web.components.bars import group_bar
from portal.web.components.vocabulary import SEVERITIES, STATES, VERDICTS
from portal.web.findings.address import Address
from tenants.models import Tenant
from tenants.values import time_display

MAX_OWNERS: Final = 2
# Large columns that no row shows.
NOT_SHOWN: Final = ("observed", "expected", "evidence", "remarks", "observed_sha256")


def with_row_columns(rows: QuerySet[Finding], now: datetime) -> QuerySet[Any]:
    """Load only the columns and related objects that `row` needs."""
    return (
        rows.select_related("treatment__owner")
        .annotate(shown=shown_state(now))
        .defer(*NOT_SHOWN, "treatment__plan")
    )


def row(
    tenant: Tenant,
    found: Any,
    places: Mapping[str, str],
    names: Names,
    now: datetime,
    query: str = "",
) -> dict[str, Any]:
    """Return the values that templates show of a finding. `with_row_columns` must have read the finding.

    `places` maps ids of subscriptions and directories to names. `query` is the query string of the list, beginning with
    "?". The page of the finding uses `query` to find the previous and the next finding of the list.
    """
    treatment = getattr(found, "treatment", None)
    due = due_at(tenant, found) if found.shown in WITH_DUE_DATE else None
    unit = places.get(found.unit, found.unit)
    return {
        "id": found.pk,
        "url": reverse("finding", args=[tenant.slug, found.pk]) + query,
        "panel_url": reverse("finding-panel", args=[tenant.slug, found.pk]) + query,
        "control": found.control,
        "title": finding_title(found.control, found.outcome),
        "severity": found.severity,
        "section": found.section,
        "outcome": found.outcome,
        "state": found.shown,
        "reason": sentence(found.reason, names).capitalized(),
        "subject": subject_text(found.subject, found.subject_name, names),
        "type": found.subject_type,
        "resource_group": found.resource_group,
        "unit": unit,
        "place": " · ".join(part for part in (found.resource_group, unit) if part),
        "owner": treatment.owner if treatment else None,
        "planned_for": treatment.planned_for
        if treatment and found.shown == ShownState.ACKNOWLEDGED
        else None,
        "due": due,
        "overdue": due is not None and due < now,
        "due_label": due_label(due, now) if due else "",
        "since": found.failing_since or found.first_seen_at,
        "exception_until": treatment.excepted_until
        if treatment and found.shown == ShownState.EXCEPTED
        else None,
    }


def group(found: ControlGroup, address: Address, list_url: str, *, may_open: bool) -> dict[str, Any]:
    """Return the row of a control with its matching findings.

    `list_url` is the URL of the list of findings, to which the control is added as a filter. `may_open` is False if the
    URL opens more groups than the page allows, and this group is beyond the limit.
    """
    is_open = found.control in address.opened
    others = [slug for slug in address.opened if slug != found.control]
    opened = others if is_open else [*others, found.control]
    return {
        "control": found.control,
        "title": _group_title(found),
        "severity": _highest_severity(found),
        "count": found.count,
        "open": is_open and may_open,
        "url": f"?{address.text}{''.join(f'&open={quote(slug)}' for slug in opened)}",
        "all_url": f"{list_url}&control={quote(found.control)}",
        "rows": (),
        **count_of_group(found),
    }


def count_of_group(found: ControlGroup) -> dict[str, Any]:
    """Return the number that a group shows: the number of open findings. If no finding is open, return the number of
    findings in the most urgent state.
    """
    return count_of_states(found.states)


def count_of_states(states: Mapping[str, int]) -> dict[str, Any]:
    """Return the number that `count_of_group` describes, computed from {state: number of matching findings}."""
    state = next((key for key in STATES if states.get(key)), ShownState.OPEN)
    is_open = state == ShownState.OPEN
    number = states.get(state, 0)
    return {
        "number": number,
        "number_word": "" if is_open else STATES[state].label.lower(),
        "failing": is_open,
    }


def facts_of_group(facts: GroupFacts | None, now: datetime) -> dict[str, Any]:
    """Return the bar of verdicts, the owners and the earliest due date of a group. If `facts` is None, the result has
    no facts, because the page loads the facts later.
    """
    if facts is None:
        return {"facts": None}
    return {
        "facts": facts,
        "bar": group_bar(facts.counts.items()),
        "owners": facts.owners[:MAX_OWNERS],
        "more_owners": max(0, len(facts.owners) - MAX_OWNERS),
        "due_label": due_label(facts.due, now) if facts.due else "",
    }


def due_label(due: datetime, now: datetime) -> SafeString:
    """Return a due date in a few words, such as ``3 Dec`` or ``5 days late``, with the exact time in its tooltip."""
    exact = due.astimezone(UTC)
    if days := overdue_days(due, now):
        text = f"{in_days(days)} late"
    else:
        day = time_display.local_date(due)
        text = f"{day.day} {day:%b}" if day.year == now.year else f"{day.day} {day:%b %Y}"
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', exact.isoformat(), time_display.minute(exact), text
    )


def _group_title(found: ControlGroup) -> str:
    return control_problem(found.control) if found.verdicts.get("fail") else control_title(found.control)


def _highest_severity(found: ControlGroup) -> str:
    return min(found.severities, key=list(SEVERITIES).index)


def ordered_groups(groups: list[ControlGroup], order: str) -> list[ControlGroup]:
    """Return the groups in their order.

    In the order `subject`, groups are sorted by title. In all other orders, controls with open findings come before the
    other controls. Both parts are sorted by severity, then by verdict, then by number of open and acknowledged
    findings.
    """
    if order == "subject":
        return sorted(groups, key=lambda found: (_group_title(found).casefold(), found.control))
    severities = list(SEVERITIES)
    verdicts = list(VERDICTS)

    def key(found: ControlGroup) -> tuple[Any, ...]:
        worst = min(verdicts.index(outcome) for outcome, count in found.verdicts.items() if count)
        untreated = sum(found.states.get(state, 0) for state in (ShownState.OPEN, ShownState.ACKNOWLEDGED))
        severity = severities.index(_highest_severity(found))
        return (
            not found.states.get(ShownState.OPEN),
            severity,
            worst,
            -untreated,
            -found.count,
            found.control,
        )

    return sorted(groups, key=key)

"""Compute the parts of a tenant's overview: scores, sections, pending work and coverage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Count, Min, Q
from django.urls import reverse

from assessments import selectors
from assessments.controls.registry import SECTIONS
from assessments.estate.gaps import Reason
from assessments.models import Assessment, Unit
from assessments.scoring import coverage_label
from portal.queries.findings.filters import UNASSIGNED, WITHOUT_ACCESS
from portal.queries.portfolio.by_tenant import unknown_reasons
from portal.queries.tenant_overview.fix_next import FixGroup
from portal.treatment.models import FindingException
from portal.treatment.naming import control_problem, cost_of_fix, why_it_matters
from portal.treatment.scores import is_known
from portal.treatment.selectors import attestations as answers
from portal.treatment.selectors.exceptions import ending, problems
from portal.treatment.selectors.orphaned_owners import former_owners_with_work
from portal.treatment.selectors.scores import Standing
from portal.treatment.states import ACTIONABLE, ShownState
from portal.web.components.formatting import format_score
from portal.web.components.vocabulary import SEVERITIES, Mark
from portal.web.shared.findings_url import findings_url
from portal.web.shared.long_lists import split_worst
from portal.web.shared.visible import visible_exceptions
from portal.web.tenant_overview import changes
from tenants.models import Tenant

SOON: Final = timedelta(days=30)
MAX_CHANGES: Final = 8
MAX_ENDING: Final = 5
MAX_FORMER_OWNERS: Final = 3
MAX_OWNERS: Final = 2
MAX_SECTIONS: Final = 8
# The overview lists the changes of these kinds row by row. Changes of all other kinds are only counted.
LISTED_KINDS: Final = ("began", "unknown", "resolved", "other")

# {state of a finding: its effect on the adjusted score, in words for one finding and for several}
_DIFFERENCES: Final = {
    "excepted": ("excepted failure, not counted", "excepted failures, not counted"),
    "attested": ("check attested as met, counted as a pass", "checks attested as met, counted as passes"),
    "not_met": (
        "check attested as not met, counted as a failure",
        "checks attested as not met, counted as failures",
    ),
    "lapsed": ("expired attestation, counted as a failure", "expired attestations, counted as failures"),
    "manual": (
        "unanswered manual check, counted as a failure",
        "unanswered manual checks, counted as failures",
    ),
}


def differences(tenant: Tenant, standing: Standing) -> list[dict[str, Any]]:
    """Return a row for each reason why the adjusted score differs from the raw score.

    A row has the number of findings, the reason in words, and the URL of the list of these findings.
    """
    return [
        {"count": count, "words": words[count != 1], "url": findings_url(tenant, state=state)}
        for state, words in _DIFFERENCES.items()
        if (count := standing.states.get(state, 0))
    ]


@dataclass(frozen=True, slots=True)
class Figure:
    """A number at the top of the page, linked to the counted objects. If `is_bad` is True, the number is red."""

    label: str
    value: str
    url: str
    note: str = ""
    is_bad: bool = False


def figures(tenant: Tenant, standing: Standing, unassigned: int, pending: int, returned: int) -> list[Figure]:
    """Return the numbers of open, overdue and unassigned findings, and of exceptions that wait for approval.

    If no check of the customer has a result, the numbers of findings are "not known", because 0 would look like a pass.
    """
    late = [(standing.overdue[key], mark) for key, mark in SEVERITIES.items() if standing.overdue.get(key)]
    open_ = [(number, SEVERITIES[key]) for key in ("critical", "high") if (number := standing.open(key))]

    def known(count: int) -> str:
        return f"{count:,}" if standing.is_known or count else "not known"

    return [
        Figure("Open", known(standing.open()), findings_url(tenant, state=ShownState.OPEN), _numbers(open_)),
        Figure(
            "Overdue",
            known(standing.overdue_total),
            findings_url(tenant, due="overdue"),
            _numbers(late[:2]),
            standing.overdue_total > 0,
        ),
        Figure(
            "Unassigned",
            known(unassigned),
            findings_url(tenant, owner=UNASSIGNED, state=ShownState.OPEN),
            "of the open findings" if unassigned else "",
        ),
        Figure(
            "Undecided exceptions",
            f"{pending:,}",
            f"{reverse('exceptions', args=[tenant.slug])}?state=requested&state=returned",
            f"{returned} returned" if returned else "",
        ),
    ]


def _numbers(rows: Iterable[tuple[int, Mark]]) -> str:
    return ", ".join(f"{number:,} {mark.label.lower()}" for number, mark in rows)


def fix_groups(tenant: Tenant, groups: Iterable[FixGroup], now: datetime) -> list[dict[str, Any]]:
    """Return the rows of the table "Fix next": control, why it matters, cost of the fix, bar, owners, due date, and the
    URL of the list of open findings.
    """
    return [
        {
            "group": group,
            "title": control_problem(group.control),
            "why": why_it_matters(group.control),
            "cost": cost_of_fix(group.control),
            "bar": [
                ("open", group.open),
                ("other_open", group.other_open),
                ("treated", group.treated),
                ("unknown", group.counts.get("unknown", 0)),
                ("manual", group.counts.get("manual", 0)),
                ("passing", group.counts.get("pass", 0)),
            ],
            "owners": group.owners[:MAX_OWNERS],
            "more_owners": max(0, len(group.owners) - MAX_OWNERS),
            "is_due_soon": group.due is not None and group.due - now < SOON,
            "url": findings_url(tenant, state=ShownState.OPEN, control=group.control),
        }
        for group in groups
    ]


def former_owners(tenant: Tenant, now: datetime) -> dict[str, Any] | None:
    """Return the number of findings that need work and whose owners have lost access, the names of these owners, and
    the URL of the list of these findings.

    Return None if there are no such findings.
    """
    found = former_owners_with_work(tenant, now)
    if not found:
        return None
    return {
        "count": sum(one.count for one in found),
        "people": [(one.person.get_full_name(), one.count) for one in found[:MAX_FORMER_OWNERS]],
        "more": len(found) - MAX_FORMER_OWNERS,
        "url": findings_url(tenant, owner=WITHOUT_ACCESS, state=list(ACTIONABLE)),
    }


def sections(
    tenant: Tenant, standing: Standing, changes_of_30_days: dict[str, int] | None
) -> list[dict[str, Any]]:
    """Return a row for each assessed section of the catalogue, with the score of the section. The worst section is
    first.

    Sections are sorted by their open findings, from critical to low. Sections with the same numbers of open findings
    are sorted by their shares of failing and unknown checks, and then as in the catalogue. `change` is how many more
    findings fail than 30 days ago, or None if this is unknown.
    """
    rows = []
    for key, title in SECTIONS.items():
        part = standing.raw["sections"].get(key)
        if part is None:
            continue
        adjusted = standing.adjusted["sections"][key]
        # If all verdicts of a section are “not applicable”, the customer has no resources that the section's controls
        # check. So the section gets no score.
        applies = any(number for verdict, number in part["counts"].items() if verdict != "not_applicable")
        score = format_score(adjusted["score"]) if applies else "not applicable"
        open_findings = standing.open(section=key)
        # Link to the open findings. If there are none, link to all findings of the section, because the list of open
        # findings would be empty.
        state = {"state": ShownState.OPEN} if open_findings else {}
        rows.append(
            {
                "section": key,
                "title": title,
                "label": f"{title}: {score}",
                "applies": applies,
                "score": adjusted["score"],
                "counts": list(part["counts"].items()),
                "open": open_findings,
                "critical": standing.open("critical", key),
                "unknown": part["counts"].get("unknown", 0),
                "is_known": is_known(part),
                "change": None if changes_of_30_days is None else changes_of_30_days.get(key, 0),
                "url": findings_url(tenant, section=key, **state),
                "badness": (
                    *(standing.open(severity, key) for severity in SEVERITIES),
                    _share(part["counts"], "fail"),
                    _share(part["counts"], "unknown"),
                ),
            }
        )
    return sorted(rows, key=lambda row: row["badness"], reverse=True)


def _share(counts: dict[str, int], verdict: str) -> float:
    """Return the share of this verdict among the verdicts of all applicable checks, from 0 to 1."""
    applicable = sum(counts.values()) - counts.get("not_applicable", 0)
    return counts.get(verdict, 0) / applicable if applicable else 0.0


def folded_sections(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the sections to show (`first`), and the sections to hide until the reader opens them (`rest`).

    `is_known` says whether any check in the hidden sections has a result. `open` is the number of open findings in the
    hidden sections, and `critical` is the number of open critical findings.
    """
    first, rest = split_worst(rows, MAX_SECTIONS)
    return {
        "first": first,
        "rest": rest,
        "is_known": any(row["is_known"] for row in rest),
        "open": sum(row["open"] for row in rest),
        "critical": sum(row["critical"] for row in rest),
    }


def exceptions(tenant: Tenant, now: datetime) -> dict[str, Any]:
    """Return the numbers of visible exceptions: waiting for approval, returned, in force, and ending within 30 days.

    `soonest` lists the exceptions that end first.
    """
    found = visible_exceptions(tenant).aggregate(
        pending=Count("id", filter=Q(state__in=FindingException.PENDING)),
        returned=Count("id", filter=Q(state=FindingException.State.RETURNED)),
        in_force=Count("id", filter=Q(state__in=FindingException.IN_FORCE)),
    )
    soon = list(ending(tenant, within=SOON, now=now))
    named = problems(soon[:MAX_ENDING])
    return {
        **found,
        "ending": len(soon),
        "soonest": [
            (row, named[row.pk], reverse("exception", args=[tenant.slug, row.pk]))
            for row in soon[:MAX_ENDING]
        ],
    }


def attestations(tenant: Tenant, now: datetime) -> dict[str, Any]:
    """Return numbers about the manual findings that the person can see.

    - `total`: the number of these findings
    - `due`: the number of findings that need an answer
    - `rows`: (standing, number of findings) for each standing. The standing is the state of a finding's answer
    - `ending`: the number of answers that end soon
    - `ends_at`: when the first of the answers that end soon ends, or None
    """
    rows = answers.with_standing(answers.manual_findings(tenant).select_related(None), now)
    counts = answers.count_by_standing(rows)
    listed = [(str(key), counts[key]) for key in answers.ORDER if counts.get(key)]
    due = sum(counts.get(key, 0) for key in answers.NEEDS_ANSWER_STANDINGS)
    ending_soon = counts.get(answers.Standing.ENDING, 0)
    ends_at = None
    if ending_soon:
        soon = rows.filter(standing=answers.Standing.ENDING).order_by()
        ends_at = soon.aggregate(first=Min("treatment__attested_until"))["first"]
    return {
        "total": sum(counts.values()),
        "due": due,
        "rows": listed,
        "ending": ending_soon,
        "ends_at": ends_at,
    }


def changed(tenant: Tenant, last: Assessment, names: dict[str, str]) -> dict[str, Any]:
    """Return the changes of the last assessment: counts by kind, and the most severe rows.

    The first assessment has no counts, because everything is new.
    """
    if last.number == 1:
        return {"is_first": True, "url": reverse("changes", args=[tenant.slug])}
    rows = changes.changes_of(last, tenant)
    here = f"{reverse('changes', args=[tenant.slug])}?assessment={last.number}"
    listed = changes.of_kinds(rows, LISTED_KINDS)
    counts = changes.counts(rows)
    return {
        "url": here,
        "total": sum(counts.values()),
        "kinds": [(changes.KINDS[key], count, f"{here}&kind={key}") for key, count in counts.items()],
        "rows": changes.change_rows(listed, tenant, names, 0, MAX_CHANGES),
        "is_first": changes.is_first(last, counts),
        "extent": changes.extent(last),
    }


def ledger(summary: dict[str, Any], last: Assessment | None) -> list[tuple[str, object]]:
    """Return the numbers of the coverage ledger. They state what the last assessment expected, read, decided and left
    unknown.
    """
    units: dict[str, int] = last.summary.get("units", {}) if last else {}
    kept = whole = 0
    if last is not None and (last.only or last.state == Assessment.State.CANCELLED):
        # A limited or cancelled assessment has read only some subscriptions and directories. The results of all other
        # subscriptions and directories come from earlier assessments.
        whole = selectors.last_whole_number(last)
        states = selectors.current_units(last).order_by().values_list("state", "assessment__number")
        units = Counter(state for state, number in states if number >= whole)
        kept = len(states) - sum(units.values())
    gapped = 0
    if last is not None:
        read = selectors.current_units(last).filter(state=Unit.State.DONE, assessment__number__gte=whole)
        gapped = read.exclude(gaps=[]).count()
    counts = summary["counts"]
    judged = sum(counts.values()) - counts.get("not_applicable", 0)
    coverage = summary["coverage"]
    return [
        ("Units expected", sum(units.values()) + kept),
        ("Units read", units.get("done", 0)),
        *([("Of these, with gaps", gapped)] if gapped else []),
        *([("Earlier results kept", f"{kept} unit{'' if kept == 1 else 's'}")] if kept else []),
        ("Verdicts expected", f"{judged:,}"),
        ("Decided", f"{judged - counts.get('unknown', 0):,}"),
        ("Unknown", f"{counts.get('unknown', 0):,}"),
        ("Coverage", "nothing assessed" if coverage is None else coverage_label(coverage)),
    ]


def reasons(tenant: Tenant) -> list[tuple[str, int]]:
    """Return the reasons why verdicts are unknown, the most frequent reason first."""
    return [(Reason(key).label, count) for key, count in unknown_reasons(tenant)]

"""Read facts for a list of findings that is grouped by control. For each control, the facts are the numbers in the bar
that shows its verdicts, the owners of its findings, and the earliest due date.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, Min, Q, QuerySet

from assessments.models import Finding
from portal.queries.findings.facet_counts import ControlGroup
from portal.queries.findings.facet_query import BY_CONTROL, FacetCounter
from portal.queries.findings.filters import FindingFilter
from portal.treatment.due_dates import due_date, past_due
from portal.treatment.states import NOT_JUDGED, ShownState, is_covered
from tenants.models import Person

# Filters by verdict or treatment. The bar of a control and its number of subjects ignore these filters. Both count all
# subjects in the chosen subscriptions and with the chosen tags.
_OF_VERDICTS: Final = ("state", "verdict", "severity", "due", "age", "owner")
_PASSING: Final = (ShownState.PASSING, ShownState.RESOLVED, ShownState.ATTESTED)
_TREATED: Final = (ShownState.ACKNOWLEDGED, ShownState.EXCEPTED)


@dataclass(slots=True)
class GroupFacts:
    """Facts of one control's findings.

    - `counts`: {part of the control's bar: number of subjects}; ignores the search and the filters in `_OF_VERDICTS`
    - `owners`: the owners of the matching findings, starting with the owner of the most findings; `unassigned`: how
      many matching findings have no owner
    - `due`: the earliest due date of the matching findings; `overdue`: how many matching findings are overdue
    """

    counts: dict[str, int] = field(default_factory=dict)
    owners: list[Person] = field(default_factory=list)
    unassigned: int = 0
    due: datetime | None = None
    overdue: int = 0

    @property
    def judged(self) -> int:
        """The number of subjects to which the control applies."""
        return sum(self.counts.values())


def group_facts(
    rows: QuerySet[Finding],
    chosen: FindingFilter,
    groups: Iterable[ControlGroup] | None = None,
    *,
    complete: bool,
) -> dict[str, GroupFacts]:
    """Return the facts, by control, about the findings that match the filter and that the person may see.

    `groups` are the counts under the same filter, if the caller has them. The number of queries does not depend on the
    number of findings.
    """
    facts: dict[str, GroupFacts] = defaultdict(GroupFacts)
    _add_people_and_dates(facts, chosen.apply(rows), chosen)
    for control, states in _states(rows, chosen, groups, complete=complete).items():
        if control in facts:
            facts[control].counts = bar_counts(states)
    return facts


def bar_counts(states: Mapping[str, int]) -> dict[str, int]:
    """Return {part of the bar: number} from numbers by shown state, in the order of the bar."""
    parts = {"open": 0, "treated": 0, "unknown": 0, "manual": 0, "passing": 0}
    for state, count in states.items():
        if state in _PASSING:
            parts["passing"] += count
        elif state in _TREATED:
            parts["treated"] += count
        elif state in (ShownState.OPEN, ShownState.UNKNOWN):
            parts[state] += count
        elif state not in NOT_JUDGED:
            parts["manual"] += count
    return {part: count for part, count in parts.items() if count}


def _states(
    rows: QuerySet[Finding], chosen: FindingFilter, groups: Iterable[ControlGroup] | None, *, complete: bool
) -> dict[str, Mapping[str, int]]:
    """Return {control: {shown state: number of findings}}. The search and the filters of `_OF_VERDICTS` are ignored."""
    if groups is not None and not chosen.has(*_OF_VERDICTS) and not chosen.search:
        return {group.control: group.states for group in groups}
    wider = replace(chosen, search="", matching_ids=None)
    for name in _OF_VERDICTS:
        wider = wider.without(name)
    counter = FacetCounter(rows, wider, complete=complete, groupings=[BY_CONTROL])
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for (control, _, _, _, shown), count in counter.count(wider, [BY_CONTROL])[BY_CONTROL].items():
        found[control][shown] += count
    return dict(found)


def _add_people_and_dates(
    facts: dict[str, GroupFacts], matching: QuerySet[Finding], chosen: FindingFilter
) -> None:
    """Add the owners and the due dates of the matching findings to the facts."""
    due_days = chosen.tenant.due_days
    running = Q(state=Finding.State.OPEN) & ~Q(pk__in=_covered(chosen))
    by_date = (
        matching.filter(running, severity__in=[name for name, days in due_days.items() if days is not None])
        .order_by()
        .values_list("control", "severity")
        .annotate(first=Min("failing_since"), late=Count("pk", filter=past_due(due_days, chosen.now)))
    )
    for control, severity, first, late in by_date:
        fact = facts[control]
        fact.overdue += late
        due = due_date(due_days, severity, first)
        if due is not None and (fact.due is None or due < fact.due):
            fact.due = due
    by_owner = matching.order_by().values_list("control", "treatment__owner_id").annotate(number=Count("*"))
    owned: dict[str, list[UUID]] = defaultdict(list)
    for control, owner, number in sorted(by_owner, key=lambda row: (-row[2], str(row[1]))):
        facts[control].unassigned += 0 if owner else number
        if owner is not None:
            owned[control].append(owner)
    # The query is sent even without owners, so that the number of queries does not depend on the findings.
    ids = {owner for owners in owned.values() for owner in owners} or {chosen.tenant.pk}
    people = {person.pk: person for person in Person.objects.filter(pk__in=ids).only("name", "email")}
    for control, owners in owned.items():
        facts[control].owners = [people[owner] for owner in owners if owner in people]


def _covered(chosen: FindingFilter) -> QuerySet[Finding, Any]:
    """Return the ids of the findings that an exception covers. Few findings are covered, so the list is short."""
    rows = Finding.objects.filter(is_covered(chosen.now), tenant=chosen.tenant, state=Finding.State.OPEN)
    # Without this condition, PostgreSQL may read the exceptions of all customers that the person may see.
    rows = rows.filter(treatment__tenant=chosen.tenant)
    return rows.order_by().values("pk")

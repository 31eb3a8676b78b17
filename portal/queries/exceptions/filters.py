"""Filter of exceptions, and the counts of its facets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Self
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from assessments.controls.registry import ControlTexts
from assessments.models import Finding
from portal.queries.parameters import Condition, Parameters, values_of
from portal.treatment.models import ExceptionItem, FindingException
from portal.treatment.selectors.past_exceptions import ReviewedState
from tenants.ids import parse_uuid
from tenants.models import Person

# {parameter: label}
LABELS: Final[Mapping[str, str]] = {
    "state": "State",
    "ending": "Ends",
    "asked": "Requested by",
    "control": "Control",
}
# {value of the parameter `ending`, in days: label}
ENDING_LABELS: Final[Mapping[str, str]] = {
    "7": "Within 7 days",
    "30": "Within 30 days",
    "90": "Within 90 days",
}
LIVE: Final = tuple(set(FindingException.State) - set(FindingException.ENDED))


@dataclass(frozen=True, slots=True)
class ExceptionFilter:
    """Filter of exceptions. Values of one parameter are alternatives (OR); several parameters must all match (AND).

    `visible` are the findings that the person may see, or None if the person may see all. The filter by control and
    its counts use only these findings. `reviewed` is set only for an auditor with a review period. It has the states of
    the exceptions at the end of this period, and the days until an exception ends are counted from this end.
    """

    values: dict[str, list[str]] = field(default_factory=dict)
    visible: QuerySet[Finding] | None = None
    reviewed: Mapping[UUID, ReviewedState] | None = None

    @classmethod
    def parse(
        cls,
        parameters: Parameters,
        visible: QuerySet[Finding] | None = None,
        reviewed: Mapping[UUID, ReviewedState] | None = None,
    ) -> Self:
        """Return the filter for these parameters; unknown parameters are ignored."""
        values = {name: given for name in LABELS if (given := values_of(parameters, name))}
        return cls(values, visible, reviewed)

    @property
    def active_count(self) -> int:
        """The number of filter values in use."""
        return sum(map(len, self.values.values()))

    def apply(
        self, rows: QuerySet[FindingException], now: datetime, *, without: str = ""
    ) -> QuerySet[FindingException]:
        """Return the matching exceptions. The filter that `without` names is not applied, so that a facet can be
        counted without its own filter.
        """
        for name, values in self.values.items():
            if name != without:
                rows = rows.filter(self._condition(name, values, now))
        return rows

    def describe(self, people: Mapping[str, str] | None = None) -> list[Condition]:
        """Return the filter in words; `people` maps ids to names."""
        labels: dict[str, Mapping[str, str]] = {
            "state": dict(FindingException.State.choices),
            "ending": ENDING_LABELS,
            "asked": people or {},
            "control": control_problems(),
        }
        return [
            Condition(name, label, tuple(labels[name].get(value, value) for value in self.values[name]))
            for name, label in LABELS.items()
            if name in self.values
        ]

    def facet_counts(self, rows: QuerySet[FindingException], now: datetime) -> dict[str, dict[str, int]]:
        """Return {parameter: {value: number of exceptions}}, with one query per parameter.

        The counts of a parameter ignore the filter on that parameter.
        """
        states = self.apply(rows, now, without="state").order_by()
        requested = self.apply(rows, now, without="asked").order_by()
        people = dict(requested.values_list("requested_by_id").annotate(count=Count("id")))
        items = self._items().filter(exception__in=self.apply(rows, now, without="control").order_by())
        controls = items.values("finding__control").annotate(count=Count("exception", distinct=True))
        return {
            "state": self._count_states(states),
            "ending": self._count_ending(rows, now),
            "asked": {str(pk): count for pk, count in people.items()},
            "control": {row["finding__control"]: row["count"] for row in controls},
        }

    def _count_states(self, rows: QuerySet[FindingException]) -> dict[str, int]:
        if self.reviewed is not None:
            return dict(Counter(str(self.reviewed[pk].state) for pk in rows.values_list("pk", flat=True)))
        return dict(rows.values_list("state").annotate(count=Count("id")))

    def _count_ending(self, rows: QuerySet[FindingException], now: datetime) -> dict[str, int]:
        counted: dict[str, Any] = self.apply(rows, now, without="ending").aggregate(
            **{f"d{days}": Count("id", filter=self._ends_within(int(days), now)) for days in ENDING_LABELS}
        )
        return {days: counted[f"d{days}"] for days in ENDING_LABELS if counted[f"d{days}"]}

    def _ends_within(self, days: int, now: datetime) -> Q:
        if self.reviewed is None:
            return ends_within(days, now)
        limit = timedelta(days=days)
        live = {pk: one for pk, one in self.reviewed.items() if one.state in LIVE}
        return Q(pk__in=[pk for pk, one in live.items() if one.ends_at <= one.at + limit])

    def _items(self) -> QuerySet[ExceptionItem]:
        rows = ExceptionItem.objects.all()
        return rows if self.visible is None else rows.filter(finding__in=self.visible.order_by())

    def _condition(self, name: str, values: list[str], now: datetime) -> Q:
        if name == "state" and self.reviewed is not None:
            return Q(pk__in=[pk for pk, one in self.reviewed.items() if one.state in values])
        if name == "state":
            return Q(state__in=[value for value in values if value in FindingException.State.values])
        if name == "asked":
            return Q(requested_by__in=[pk for value in values if (pk := parse_uuid(value))])
        if name == "control":
            return Q(pk__in=self._items().filter(finding__control__in=values).values("exception"))
        found = Q(pk__in=())
        for days in values:
            if days in ENDING_LABELS:
                found |= self._ends_within(int(days), now)
        return found


def ends_within(days: int, now: datetime) -> Q:
    """Return the condition that an exception has not ended and will end within this number of days."""
    return Q(state__in=LIVE, ends_at__lte=now + timedelta(days=days))


def control_problems() -> Mapping[str, str]:
    """Return {slug: problem} of all controls. Lists of exceptions name controls by their problem."""
    return ControlTexts(lambda control: control.problem)


def names_of_people(ids: Mapping[str, int]) -> dict[str, str]:
    """Return {id: name} of these people."""
    return {str(person.pk): str(person) for person in Person.objects.filter(pk__in=list(ids))}

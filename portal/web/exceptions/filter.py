"""The filters of the register of exceptions, and the counts beside them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Self

from django.db.models import Count, Q, QuerySet
from django.http import QueryDict

from assessments.controls.registry import catalogue
from assessments.models import Finding
from portal.treatment.models import ExceptionItem, FindingException
from portal.web.components.facets import Facet, facet
from tenants.ids import parse_uuid
from tenants.models import Person

NAMES: Final = ("state", "asked", "control", "ending")
# days in the address -> its words
WITHIN: Final = {"7": "Within 7 days", "30": "Within 30 days", "90": "Within 90 days"}
LIVE: Final = tuple(set(FindingException.State) - set(FindingException.ENDED))


@dataclass(frozen=True, slots=True)
class ExceptionFilter:
    """What the address asks for: values of one name are alternatives, names narrow each other.

    `theirs`: the findings of somebody who sees no others, whose controls alone are counted and asked for; None
    for who sees all.
    """

    values: dict[str, list[str]] = field(default_factory=dict)
    theirs: QuerySet[Finding] | None = None

    @classmethod
    def from_query(cls, query: QueryDict, theirs: QuerySet[Finding] | None = None) -> Self:
        return cls({name: query.getlist(name) for name in NAMES if query.getlist(name)}, theirs)

    @property
    def active(self) -> int:
        """How many filters are on."""
        return sum(map(len, self.values.values()))

    def apply(
        self, rows: QuerySet[FindingException], now: datetime, *, but: str = ""
    ) -> QuerySet[FindingException]:
        """The matching exceptions; `but` leaves one filter out, for the counts of its own facet."""
        for name, values in self.values.items():
            if name != but:
                rows = rows.filter(self._condition(name, values, now))
        return rows

    def facets(self, rows: QuerySet[FindingException], query: QueryDict, now: datetime) -> list[Facet]:
        """Each facet's counts under the filters of the others; a query each."""
        asked = self.apply(rows, now, but="asked").order_by()
        counts = dict(asked.values_list("requested_by_id").annotate(count=Count("id")))
        people = {str(who.pk): str(who) for who in Person.objects.filter(pk__in=list(counts))}
        items = self._items().filter(exception__in=self.apply(rows, now, but="control").order_by())
        controls: dict[str, int] = {
            row["finding__control"]: row["count"]
            for row in items.values("finding__control").annotate(count=Count("exception", distinct=True))
        }
        states = self.apply(rows, now, but="state").order_by()
        return [
            facet(
                "State",
                "state",
                dict(states.values_list("state").annotate(count=Count("id"))),
                query,
                kind="exception",
            ),
            facet("Ends", "ending", self._ending(rows, now), query, labels=WITHIN),
            facet("Asked by", "asked", {str(pk): n for pk, n in counts.items()}, query, labels=people),
            facet(
                "Control",
                "control",
                controls,
                query,
                labels={slug: control.title for slug, control in catalogue().items()},
                most=8,
            ),
        ]

    def _ending(self, rows: QuerySet[FindingException], now: datetime) -> dict[str, int]:
        counted: dict[str, Any] = self.apply(rows, now, but="ending").aggregate(
            **{f"d{days}": Count("id", filter=_ends_within(days, now)) for days in WITHIN}
        )
        return {days: counted[f"d{days}"] for days in WITHIN if counted[f"d{days}"]}

    def _items(self) -> QuerySet[ExceptionItem]:
        """What exceptions mean, as far as the person sees it."""
        rows = ExceptionItem.objects.all()
        return rows if self.theirs is None else rows.filter(finding__in=self.theirs.order_by())

    def _condition(self, name: str, values: list[str], now: datetime) -> Q:
        if name == "state":
            return Q(state__in=[value for value in values if value in FindingException.State.values])
        if name == "asked":
            return Q(requested_by__in=[pk for value in values if (pk := parse_uuid(value))])
        if name == "control":
            items = self._items().filter(finding__control__in=[v.replace("\0", "") for v in values])
            return Q(pk__in=items.values("exception"))
        found = Q(pk__in=())
        for days in values:
            found |= _ends_within(days, now)
        return found


def ends_within(days: int, now: datetime) -> Q:
    """The exceptions that have not ended and will within so many days."""
    return Q(state__in=LIVE, ends_at__lte=now + timedelta(days=days))


def _ends_within(days: str, now: datetime) -> Q:
    return ends_within(int(days), now) if days in WITHIN else Q(pk__in=())

"""Filter of manual controls by the state of their answers (`standing`), such as met or expired."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from django.db.models import Q, QuerySet

from assessments.selectors import text_filter
from portal.queries.parameters import Condition, Parameters, text_of, values_of
from portal.treatment.selectors.attestations import ORDER, Standing, count_by_standing
from tenants.models import Person, Tenant

MINE: Final = "me"


@dataclass(frozen=True, slots=True)
class AttestationFilter:
    """Filter of manual findings that are annotated with their `standing` (`with_standing`).

    `standings` are alternatives. `mine` limits the findings to those that `person` owns.
    """

    tenant: Tenant
    person: Person
    standings: tuple[str, ...] = ()
    mine: bool = False
    search: str = ""

    @classmethod
    def parse(cls, parameters: Parameters, tenant: Tenant, person: Person) -> Self:
        """Return the filter that the query parameters `answer`, `owner` (only the value `me`) and `q` state."""
        standings = tuple(key for key in values_of(parameters, "answer") if key in ORDER)
        mine = MINE in values_of(parameters, "owner")[-1:]
        return cls(tenant, person, standings, mine, text_of(parameters, "q"))

    @property
    def active_count(self) -> int:
        """The number of filter values in use, including the search."""
        return len(self.standings) + bool(self.search) + self.mine

    def apply(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return the matching findings."""
        found = rows.filter(self._scope())
        if self.standings:
            found = found.filter(standing__in=self.standings)
        return found.filter(text_filter(self.tenant, self.search)) if self.search else found

    def count_by_standing(self, rows: QuerySet[Any]) -> Mapping[str, int]:
        """Return the number of findings by standing. The counts ignore all filters except `mine`."""
        return count_by_standing(rows.filter(self._scope()))

    def describe(self) -> list[Condition]:
        """Return the filter in words."""
        found = []
        if self.standings:
            labels = tuple(str(Standing(key).label) for key in self.standings)
            found.append(Condition("answer", "Answer", labels))
        if self.mine:
            found.append(Condition("owner", "Owner", (str(self.person),)))
        if self.search:
            found.append(Condition("q", "Search", (self.search,)))
        return found

    def _scope(self) -> Q:
        return Q(treatment__owner=self.person) if self.mine else Q()

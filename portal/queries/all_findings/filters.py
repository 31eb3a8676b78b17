"""The filter of all customers' findings, and the stored counts that can be used for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from assessments.controls.registry import known_controls
from portal.queries.all_findings import conditions
from portal.queries.findings.filters import UNASSIGNED
from portal.queries.parameters import CountedFilter, Parameters, text_of, values_of
from portal.treatment.models.control_count import OVERDUE, UNASSIGNED_OVERDUE
from portal.treatment.models.control_count import UNASSIGNED as UNASSIGNED_COLUMNS
from portal.treatment.states import ShownState
from tenants.models import Tenant

# Query parameters by which findings are filtered, in the order of the facets on the page.
NAMES: Final = ("severity", "state", "customer", "label", "section", "control", *conditions.NAMES)
# The shown states that are counted.
SHOWN: Final = tuple(state.value for state in ShownState if state != ShownState.GONE)


class Part(StrEnum):
    """A part of all findings. `ControlCount` stores the number of findings in each part, by control and shown state."""

    ALL = "all"
    UNASSIGNED = "unassigned"
    OVERDUE = "overdue"
    UNASSIGNED_OVERDUE = "unassigned overdue"


# {part of the findings: {shown state: the column of `ControlCount` with the number}}. If a part never has findings in a
# shown state, that state is missing.
PART_COLUMNS: Final[Mapping[Part, Mapping[str, str]]] = {
    Part.UNASSIGNED: UNASSIGNED_COLUMNS,
    Part.OVERDUE: OVERDUE,
    Part.UNASSIGNED_OVERDUE: UNASSIGNED_OVERDUE,
}
# {sorted (filter, value) of the chosen filters of `conditions`: the part with exactly the matching findings}. For other
# choices, `ControlCount` stores no numbers.
_PARTS: Final = {
    (): Part.ALL,
    (("owner", UNASSIGNED),): Part.UNASSIGNED,
    (("due", "overdue"),): Part.OVERDUE,
    (("due", "overdue"), ("owner", UNASSIGNED)): Part.UNASSIGNED_OVERDUE,
}


@dataclass(frozen=True, slots=True)
class AllFindingsFilter(CountedFilter):
    """Filter of the findings of all customers.

    Values of one parameter are alternatives (OR); several parameters must all match (AND).

    `customer` holds slugs of tenants. `search` is a text; each of its words must occur in the title, the problem or the
    id of the control.
    """

    values: Mapping[str, Sequence[str]]
    search: str = ""

    @classmethod
    def parse(cls, parameters: Parameters) -> Self:
        """Return the filter for the query parameters of a URL; unknown parameters are ignored."""
        return cls(
            {name: given for name in NAMES if (given := values_of(parameters, name))},
            text_of(parameters, "q"),
        )

    def has_slug_of(self, tenant: Tenant) -> bool:
        """Return whether the filter by customer includes this customer. If there is no such filter, all customers are
        included.
        """
        return "customer" not in self.values or tenant.slug in self.values["customer"]

    def has_label_of(self, tenant: Tenant) -> bool:
        """Return whether the filter by label includes this customer. If there is no such filter, all customers are
        included.
        """
        return "label" not in self.values or not set(self.values["label"]).isdisjoint(tenant.labels)

    @property
    def part(self) -> Part | None:
        """The `Part` that the chosen filters of `conditions` select exactly, or None if they select no `Part`."""
        chosen = ((name, value) for name in conditions.NAMES for value in self.values.get(name, ()))
        return _PARTS.get(tuple(sorted(chosen)))

    def matching_controls(self) -> set[str] | None:
        """Return the chosen controls for which each word of the search occurs in the title, the problem or the id.
        Return None if all controls match.
        """
        words = self.search.casefold().split()
        if not words and "control" not in self.values:
            return None
        return {
            slug
            for slug, control in known_controls().items()
            if slug in self.values.get("control", (slug,))
            and all(word in f"{control.title} {control.problem} {slug}".casefold() for word in words)
        }

"""Findings that are selected for an action: picked one by one, or all that match a filter."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.utils import timezone

from assessments.models import Finding
from portal.queries.findings.filters import FindingFilter
from portal.queries.parameters import Parameters, parse_query_string
from portal.treatment.selectors.findings import visible_findings
from tenants.errors import NotFound
from tenants.ids import parse_uuid
from tenants.models import Tenant

MAX_PICKED = 1000


@dataclass(frozen=True, slots=True)
class FindingSelection:
    """Selected findings. `rows` are all selected findings, and `failing` the selected findings that fail now. If
    findings were selected one by one, `picked` has their ids. If all findings that match a filter were selected,
    `query` is the query string of the filter.
    """

    rows: QuerySet[Finding]
    picked: tuple[str, ...] = ()
    query: str | None = None
    failing: QuerySet[Finding] = field(init=False)

    def __post_init__(self) -> None:
        failing = self.rows.filter(outcome=Finding.Outcome.FAIL, gone_at__isnull=True)
        object.__setattr__(self, "failing", failing)

    @classmethod
    def parse(cls, parameters: Parameters, tenant: Tenant) -> FindingSelection | None:
        """Return the selection that the parameter `finding` (ids) or `q` (query string of the list) states. Return None
        if both are missing.

        If both are given, `q` is used and the ids are ignored, because “select all” also checks the boxes of the
        visible findings. Raise NotFound for a picked finding that the person may not see.
        """
        if "q" in parameters:
            query = parameters["q"][-1]
            wanted = FindingFilter.parse(parse_query_string(query), tenant, timezone.now())
            return cls(wanted.apply(visible_findings(tenant)), query=query)
        picked = parameters.get("finding")
        if not picked:
            return None
        ids = {pk for value in picked[:MAX_PICKED] if (pk := parse_uuid(value))}
        rows = visible_findings(tenant).filter(pk__in=ids)
        if len(ids) != len(set(picked)) or rows.count() != len(ids):
            raise NotFound("A selected finding does not exist, or you do not have access to it.")
        return cls(rows, picked=tuple(dict.fromkeys(picked)))

"""Parse a request for findings: tenant, filter, time, layout and order."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from assessments.models import Finding
from assessments.presentation.finding_names import names_for_findings
from portal.queries.findings.filters import FindingFilter
from portal.queries.findings.ordering import ordered, ordered_by_due_date
from portal.web.findings.address import Address
from portal.web.findings.rows import row, with_row_columns
from portal.web.shared.parameters import parameters_of
from portal.web.shared.visible import visible_findings
from tenants import access
from tenants.models import Tenant
from tenants.roles import Capability


@dataclass(frozen=True, slots=True)
class FindingsRequest:
    """Parsed request of a tenant's findings page, or of one of its parts."""

    tenant: Tenant
    now: datetime
    address: Address
    chosen: FindingFilter
    visible: QuerySet[Finding]

    @classmethod
    def parse(cls, request: HttpRequest, slug: str, removable: Collection[str] = ()) -> Self:
        """Return the parsed request. `removable` has the names of the filters that the caller may later remove from
        `chosen`, for example to count a facet.
        """
        tenant = access.tenant(slug, needs=Capability.VIEW)
        now = timezone.now()
        visible = visible_findings(tenant)
        chosen = FindingFilter.parse(parameters_of(request.GET), tenant, now)
        chosen = chosen.look_up_search(visible, removable)
        return cls(tenant, now, Address.parse(request.GET), chosen, visible)

    def matching(self, control: str = "") -> QuerySet[Finding]:
        """Return the matching findings in order. If `control` is given, return only the findings of this control."""
        found = self.chosen.apply(self.visible)
        if control:
            found = found.filter(control=control)
        return ordered(found, self.address.sort, self.tenant, self.now)

    def page_ids(self, start: int, end: int, dated: int) -> list[UUID]:
        """Return the ids of the findings at the positions from `start` up to, but not including, `end`.

        `dated` is the number of findings with a due date. In the order by due date, these findings come first.
        """
        if self.address.sort != "due":
            return list(self.matching()[start:end].values_list("pk", flat=True))
        ids: list[UUID] = []
        parts = ordered_by_due_date(self.chosen.apply(self.visible), self.tenant, self.now)
        for rows, first, last in ((parts[0], 0, dated), (parts[1], dated, end)):
            if start < last and end > first:
                ids += rows[max(0, start - first) : min(end, last) - first].values_list("pk", flat=True)
        return ids

    def rows(self, found: QuerySet[Finding], names: dict[str, str]) -> list[dict[str, Any]]:
        """Return the rows of a page of findings. One query reads their ids, and another query reads their columns."""
        return self.rows_of(list(found.values_list("pk", flat=True)), names)

    def rows_of(self, ids: list[UUID], names: dict[str, str]) -> list[dict[str, Any]]:
        """Return the rows of these findings, in the order of the ids."""
        found = {one.pk: one for one in with_row_columns(Finding.objects.filter(pk__in=ids), self.now)}
        named = names_for_findings(self.tenant, found.values(), names)
        # The page of a finding needs the list's query for its links to the previous and next finding. Without a query,
        # that page would use the list of open findings.
        query = f"?{self.address.text or f'sort={self.address.sort}'}"
        return [row(self.tenant, found[pk], names, named, self.now, query) for pk in ids]

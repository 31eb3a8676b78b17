"""The findings that a page was asked to do something with: picked one by one, or all that a filter shows."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone

from assessments.models import Finding
from portal.web.findings.filters import FindingFilter
from portal.web.shared.visible import visible_findings
from tenants.errors import NotFound
from tenants.ids import parse_uuid
from tenants.models import Tenant

MOST_PICKED = 1000


@dataclass(frozen=True, slots=True)
class Chosen:
    """``rows`` all that were chosen, ``failing`` those of them that fail now; `picked` and `q` are how they
    were chosen, for the form to hand on."""

    rows: QuerySet[Finding]
    picked: tuple[str, ...] = ()
    q: str | None = None
    failing: QuerySet[Finding] = field(init=False)

    def __post_init__(self) -> None:
        failing = self.rows.filter(outcome=Finding.Outcome.FAIL, gone_at__isnull=True)
        object.__setattr__(self, "failing", failing)

    @classmethod
    def from_query(cls, tenant: Tenant, query: QueryDict) -> Chosen | None:
        """``finding=<id>`` any number of times, or ``q=<query of the findings page>``; None for neither.

        NotFound as soon as one of the findings is none that the person sees.
        """
        given = query.getlist("finding")
        # Whoever selects all that match means these, whatever rows are ticked besides.
        if given and "q" not in query:
            ids = {pk for value in given[:MOST_PICKED] if (pk := parse_uuid(value))}
            rows = visible_findings(tenant).filter(pk__in=ids)
            if len(ids) != len(set(given)) or rows.count() != len(ids):
                raise NotFound("There is no such finding, or you have no access to it.")
            return cls(rows, picked=tuple(dict.fromkeys(given)))
        if "q" in query:
            text = str(query["q"])
            wanted = FindingFilter.from_query(QueryDict(text), tenant, timezone.now())
            return cls(wanted.apply(visible_findings(tenant)), q=text)
        return None

"""The approver's inbox. It lists exceptions of all customers in which the approver may decide exceptions.

The approver is the person for whom the scope was opened (`tenants.scope`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Self
from uuid import UUID

from django.db.models import Case, Count, IntegerField, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from assessments.models import Finding
from portal.queries.parameters import Parameters, values_of
from portal.treatment.models import ExceptionItem, FindingException
from portal.treatment.models.exception import ENDING_SOON
from tenants import scope
from tenants.models import Person
from tenants.people.service_accounts import made_by
from tenants.roles import Capability

State = FindingException.State
SEVERITIES: Final = tuple(Finding.Severity.values)
# The rank of an exception without findings, for example if its rule matches no finding yet.
NO_FINDINGS: Final = len(SEVERITIES)


def approving_tenants() -> list[UUID]:
    """Return the tenants in which the person for whom the scope was opened may decide exceptions. If the scope was
    opened for no person, there are no such tenants.
    """
    current = scope.current_or_none()
    if current is None or current.person is None:
        return []
    return sorted(pk for pk in current.tenant_ids if current.may(Capability.APPROVE, pk))


def waiting_requests(person: Person) -> QuerySet[FindingException]:
    """Return the exceptions that wait for a decision of the person, in all tenants where the person may decide.

    The person's own requests and exceptions of archived customers are left out.
    """
    rows = FindingException.objects.filter(
        tenant__in=approving_tenants(),
        tenant__archived_at__isnull=True,
        state__in=FindingException.PENDING,
    )
    return rows.exclude(made_by(person.pk, "requested_by"))


def count_waiting(person: Person) -> int:
    """Return how many exceptions wait for a decision of the person. If the person may not decide exceptions, send no
    query.
    """
    return waiting_requests(person).count() if approving_tenants() else 0


def ending_soon(now: datetime) -> QuerySet[FindingException]:
    """Return the exceptions in force that end within 30 days, in the `approving_tenants` that are not archived."""
    return FindingException.objects.filter(
        FindingException.ends_within(ENDING_SOON, now),
        tenant__in=approving_tenants(),
        tenant__archived_at__isnull=True,
    )


def decided() -> QuerySet[FindingException]:
    """Return the decided exceptions that do not wait for a new decision, in the `approving_tenants`."""
    rows = FindingException.objects.filter(tenant__in=approving_tenants(), decided_at__isnull=False)
    return rows.exclude(state__in=FindingException.PENDING)


def with_rank(rows: QuerySet[FindingException]) -> QuerySet[Any]:
    """Annotate `rank`, the severity rank of the most severe finding (`NO_FINDINGS` for an exception without findings),
    and `worst_control`, the slug of that finding's control or None.
    """
    items = ExceptionItem.objects.filter(exception=OuterRef("pk")).order_by(
        "finding__severity_rank", "finding__control"
    )
    worst = Subquery(items.values("finding__severity_rank")[:1], output_field=IntegerField())
    return rows.annotate(
        rank=Coalesce(worst, Value(NO_FINDINGS)), worst_control=Subquery(items.values("finding__control")[:1])
    )


def most_urgent_first(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Sort undecided exceptions, which need the annotations of `with_rank`. Returned exceptions come before requested
    ones. Within each of these two groups, the most severe come first, and then those that have waited longest.
    """
    fresh = Case(When(state=State.RETURNED, then=Value(0)), default=Value(1), output_field=IntegerField())
    return rows.order_by(fresh, "rank", Coalesce("returned_at", "requested_at"), "pk")


@dataclass(frozen=True, slots=True)
class InboxFilter:
    """Filter of the inbox. Values of one parameter are alternatives (OR); several parameters must all match
    (AND)."""

    customers: tuple[str, ...] = field(default=())
    severities: tuple[str, ...] = field(default=())

    @classmethod
    def parse(cls, parameters: Parameters) -> Self:
        """Return the filter that the query parameters state; unknown severities are ignored."""
        severities = tuple(key for key in SEVERITIES if key in values_of(parameters, "severity"))
        return cls(tuple(dict.fromkeys(values_of(parameters, "customer"))), severities)

    @property
    def active_count(self) -> int:
        """The number of filter values in use."""
        return len(self.customers) + len(self.severities)

    def apply(self, rows: QuerySet[Any], *, without: str = "") -> QuerySet[Any]:
        """Return the rows that match the filter. `rows` must come from `with_rank`. The query parameter that `without`
        names is not applied, so that a facet can be counted without its own filter.
        """
        if self.customers and without != "customer":
            rows = rows.filter(tenant__slug__in=self.customers)
        if self.severities and without != "severity":
            rows = rows.filter(rank__in=[SEVERITIES.index(key) for key in self.severities])
        return rows

    def counts(self, rows: QuerySet[Any]) -> tuple[dict[str, int], dict[str, str], dict[str, int]]:
        """For the facets, return {customer's slug: number of exceptions}, {customer's slug: name} and
        {severity: number of exceptions}.
        """
        customers: dict[str, int] = {}
        names: dict[str, str] = {}
        by_customer = self.apply(rows, without="customer").order_by()
        for slug, name, number in by_customer.values_list("tenant__slug", "tenant__name").annotate(
            number=Count("pk")
        ):
            customers[slug], names[slug] = number, name
        by_rank: Mapping[int, int] = dict(
            self.apply(rows, without="severity").order_by().values_list("rank").annotate(number=Count("pk"))
        )
        severities = {key: by_rank[rank] for rank, key in enumerate(SEVERITIES) if rank in by_rank}
        return customers, names, severities

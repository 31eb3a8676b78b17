"""Read a person's own findings, exception requests and mentions across all tenants."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, F, Q, Window
from django.urls import reverse

from assessments.display.names import Names
from assessments.models import Finding
from assessments.presentation.finding_names import names_for_findings
from portal.changes.models import ResourceChange
from portal.queries.owners.owned_findings import NEW, SOON, OwnedFindings, owned_findings
from portal.treatment.models import Comment, FindingException, Treatment
from portal.treatment.naming import finding_title
from portal.treatment.selectors.exceptions import problems
from portal.treatment.states import ACTIONABLE
from portal.web.findings.rows import row, with_row_columns
from portal.web.shared.findings_url import findings_url
from tenants import scope
from tenants.models import Person, Tenant
from tenants.people.service_accounts import made_by
from tenants.roles import Capability

MAX_ROWS: Final = 12
# A section links to at most this many customers.
MAX_LINKS: Final = 5
# The page lists at most this many customers, unless the URL asks for all.
MAX_CUSTOMERS: Final = 12
# (key, title, filters of the tenant's list of findings, text). The text is empty if the list shows the same findings as
# the section. If the list shows more findings, the text names them.
SECTIONS: Final = (
    ("overdue", "Overdue", "&due=overdue", ""),
    ("soon", "Due within 7 days", "&due=7", ""),
    # The tenant's list of findings cannot be filtered by the day of the assignment, or by the end of an attestation. So
    # these two sections link to a list that shows more findings, and say so.
    ("new", "New in the last 7 days", "&verdict=fail", "failing findings"),
    ("answer", "Waiting for your answer", "&verdict=manual", "manual checks"),
)


@dataclass(slots=True)
class Section:
    """The findings of one urgency: their number and the first rows.

    `links` has (customer, number of the findings of this urgency, URL of their list) for the customers with the largest
    numbers. If these lists show more findings than the section, `wider_list` says which findings they show.
    """

    key: str
    title: str
    count: int
    rows: list[dict[str, Any]] = field(default_factory=list)
    links: list[tuple[Tenant, int, str]] = field(default_factory=list)
    more_customers: int = 0
    wider_list: str = ""


@dataclass(slots=True)
class Customer:
    """A tenant in which the person owns findings: the number of these findings that still need work, and the URL of
    their list.
    """

    tenant: Tenant
    needing_work: int
    url: str


def tenants_of(person: Person) -> list[Tenant]:
    """Return the tenants in which the person owns findings. Archived tenants are left out."""
    ids = Treatment.objects.filter(owner=person).order_by().values("tenant_id").distinct()
    return list(Tenant.objects.filter(pk__in=ids, archived_at=None).order_by("name", "pk"))


@dataclass
class MyFindings:
    """The person's findings that need attention."""

    person: Person
    now: datetime
    tenants: list[Tenant]
    work: OwnedFindings

    @classmethod
    def read(cls, person: Person, now: datetime) -> MyFindings:
        """Read the findings that the person owns, in all of the person's tenants that are not archived."""
        tenants = tenants_of(person)
        return cls(person, now, tenants, owned_findings(person, tenants, now, MAX_ROWS))

    def customers(self) -> list[Customer]:
        """Return the tenants, each with the number of findings that still need work. The tenant with the largest number
        comes first.
        """
        ordered = sorted(self.tenants, key=lambda tenant: -self.work.needing_work[tenant.pk])
        states = "".join(f"&state={state}" for state in ACTIONABLE)
        return [
            Customer(tenant, self.work.needing_work[tenant.pk], f"{self._url(tenant)}{states}")
            for tenant in ordered
        ]

    def sections(self) -> list[Section]:
        """Return the findings in sections by urgency. Each failing finding is in only one section."""
        wanted = [pk for ids in self.work.first.values() for pk in ids]
        rows = {
            found.pk: found for found in with_row_columns(Finding.objects.filter(pk__in=wanted), self.now)
        }
        by_tenant: dict[UUID, list[Finding]] = defaultdict(list)
        for found in rows.values():
            by_tenant[found.tenant_id].append(found)
        named = {pk: names_for_findings(self._tenants[pk], mine) for pk, mine in by_tenant.items()}
        return [
            Section(
                key,
                title,
                self.work.count(key),
                # A finding may have disappeared between the two queries.
                [self._row(rows[pk], key, named) for pk in self.work.first[key] if pk in rows],
                self._links(key, query),
                max(0, len(self.work.by_tenant[key]) - MAX_LINKS),
                wider_list,
            )
            for key, title, query, wider_list in SECTIONS
        ]

    def _links(self, key: str, query: str) -> list[tuple[Tenant, int, str]]:
        """Return (customer, number of findings in the section, URL of their list), for the customers with the largest
        numbers.
        """
        tenants = self._tenants
        most = sorted(self.work.by_tenant[key].items(), key=lambda item: (-item[1], tenants[item[0]].name))
        return [(tenants[pk], number, f"{self._url(tenants[pk])}{query}") for pk, number in most[:MAX_LINKS]]

    @cached_property
    def _tenants(self) -> dict[UUID, Tenant]:
        return {tenant.pk: tenant for tenant in self.tenants}

    def _url(self, tenant: Tenant) -> str:
        return findings_url(tenant, owner=self.person.pk)

    def headline(self, sections: Sequence[Section]) -> tuple[str, dict[str, Any]] | None:
        """Return the sentence about the most urgent work, and the row to start with. Return None if there is no
        work.
        """
        worst = next((section for section in sections if section.rows), None)
        if worst is None:
            return None
        number = worst.count
        are, s = ("is", "") if number == 1 else ("are", "s")
        if worst.key == "overdue":
            critical = critical_part(number, self.work.overdue_critical)
            text = f"{number:,} of your findings {are} overdue{critical}."
        elif worst.key == "soon":
            text = f"{number:,} of your findings {are} due within {SOON.days} days."
        elif worst.key == "new":
            were = "was" if number == 1 else "were"
            text = f"{number:,} finding{s} {were} assigned to you in the last {NEW.days} days."
        else:
            text = f"{number:,} manual check{s} {'waits' if number == 1 else 'wait'} for your answer."
        return text, worst.rows[0]

    def _row(self, found: Any, key: str, named: Mapping[UUID, Names]) -> dict[str, Any]:
        tenant = self._tenants[found.tenant_id]
        shown = row(tenant, found, {}, named[tenant.pk], self.now) | {"tenant": tenant}
        if key == "answer":
            shown["url"] = reverse("attest", args=[tenant.slug, found.pk])
        return shown


def critical_part(overdue: int, critical: int) -> str:
    """Return the end of a sentence about overdue findings. The end says how many of these findings are critical. Return
    an empty text if none is critical.
    """
    if not critical:
        return ""
    return ", and it is critical" if overdue == 1 else f", {critical:,} of them critical"


@dataclass(slots=True)
class UnexpectedChanges:
    """Unexpected changes that the person works on: their number, the number of overdue changes, and the rows of the
    changes that are due first.
    """

    count: int
    overdue: int
    rows: list[dict[str, Any]]


def unexpected_changes(person: Person, now: datetime) -> UnexpectedChanges:
    """Return the unexpected changes assigned to the person, except in archived tenants. This needs one query."""
    rows = ResourceChange.objects.filter(
        owner=person, state=ResourceChange.State.UNEXPECTED, tenant__archived_at__isnull=True
    )
    counted = rows.annotate(
        total=Window(Count("*")), late=Window(Count("pk", filter=Q(due_at__lt=now)))
    ).select_related("tenant")
    found: list[Any] = list(
        counted.defer("differences", "verdicts", "tags").order_by("due_at", "id")[:MAX_ROWS]
    )
    shown = [
        {
            "url": reverse("resource-change", args=[change.tenant.slug, change.pk]),
            "change": change,
            "tenant": change.tenant,
            "due": change.due_at,
            "overdue": change.due_at is not None and change.due_at < now,
        }
        for change in found
    ]
    return UnexpectedChanges(found[0].total if found else 0, found[0].late if found else 0, shown)


def requests(person: Person) -> list[tuple[FindingException, str]]:
    """Return at most MAX_ROWS exceptions that the person requested, each with the problem that it accepts.

    Exceptions that have not ended come first. The other exceptions follow, the most recently ended first.
    """
    rows = FindingException.objects.filter(requested_by=person).select_related("tenant")
    found = list(rows.order_by(F("ended_at").desc(nulls_first=True), "-requested_at", "-id")[:MAX_ROWS])
    named = problems(found)
    return [(row, named[row.pk]) for row in found]


def mentions(person: Person) -> list[Any]:
    """Return the newest comments that mention the person.

    Comments on findings that the person may not see, and comments in archived tenants, are left out. `title` names the
    finding.
    """
    current = scope.current()
    see_all = [pk for pk in current.tenant_ids if current.may(Capability.VIEW_ALL, pk)]
    rows = Comment.objects.filter(
        Q(tenant_id__any_of=see_all) | Q(finding__treatment__owner=person),
        mentions__contains=[person.pk],
        deleted_at__isnull=True,
        tenant__archived_at__isnull=True,
    )
    found: list[Any] = list(
        rows.select_related("finding", "tenant", "author").order_by("-at", "-id")[:MAX_ROWS]
    )
    for comment in found:
        comment.title = finding_title(comment.finding.control, comment.finding.outcome)
    return found


def to_decide(person: Person) -> list[tuple[Tenant, int]]:
    """Return (tenant, number of exceptions that the person may decide) for each tenant that has such exceptions.

    Archived tenants are left out.
    """
    current = scope.current()
    ids = [pk for pk in current.tenant_ids if current.may(Capability.APPROVE, pk)]
    if not ids:
        return []
    waiting = FindingException.objects.filter(tenant_id__any_of=ids, state__in=FindingException.PENDING)
    counts = dict(
        waiting.exclude(made_by(person.pk, "requested_by"))
        .order_by()
        .values_list("tenant_id")
        .annotate(count=Count("*"))
    )
    tenants = Tenant.objects.filter(pk__in=counts, archived_at__isnull=True).order_by("name")
    return [(tenant, counts[tenant.pk]) for tenant in tenants]

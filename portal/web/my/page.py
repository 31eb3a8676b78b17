"""A person's own findings, exception requests and mentions across all tenants."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, F, Q
from django.urls import reverse

from assessments.display.names import Names
from assessments.models import Finding
from assessments.names_of_findings import names_for_findings
from portal.treatment.due_dates import due_date
from portal.treatment.models import Comment, FindingException, Treatment
from portal.treatment.naming import finding_title
from portal.treatment.selectors.attestations import NEEDS_ANSWER as TO_ANSWER
from portal.treatment.selectors.attestations import with_standing
from portal.treatment.states import ACTIONABLE, WITH_DUE_DATE, shown_state
from portal.web.findings.rows import row, with_row_columns
from tenants import scope
from tenants.models import Person, Tenant
from tenants.roles import Capability

MAX_ROWS: Final = 12
# Customers that are linked from a section, and that are listed before all are asked for.
MAX_LINKS: Final = 5
MAX_CUSTOMERS: Final = 12
NEW: Final = timedelta(days=7)
SOON: Final = timedelta(days=7)
# (key, title, filters that show the same findings in a tenant's list)
_SEVERITIES: Final = tuple(Finding.Severity.values)
SECTIONS: Final = (
    ("overdue", "Overdue", "&due=overdue"),
    ("soon", "Due within 7 days", "&due=7"),
    ("new", "New in the last 7 days", "&verdict=fail"),
    ("answer", "Waiting for your answer", "&verdict=manual"),
)


@dataclass(slots=True)
class Section:
    """Findings of one urgency: their number, the first rows, and links to the lists of the customers with the most."""

    key: str
    title: str
    count: int
    rows: list[dict[str, Any]] = field(default_factory=list)
    links: list[tuple[Tenant, int, str]] = field(default_factory=list)
    more_customers: int = 0


@dataclass(slots=True)
class Customer:
    """A tenant in which the person owns findings, with the number of findings that still need work."""

    tenant: Tenant
    untreated: int
    url: str


def tenants_of(person: Person) -> list[Tenant]:
    """Return the tenants in scope in which the person owns findings, without archived tenants."""
    ids = Treatment.objects.filter(owner=person).order_by().values("tenant_id").distinct()
    return list(Tenant.objects.filter(pk__in=ids, archived_at=None).order_by("name", "pk"))


@dataclass
class MyFindings:
    """The person's findings that need attention, read with one query."""

    person: Person
    now: datetime
    tenants: list[Tenant]
    untreated: Counter[UUID] = field(default_factory=Counter)
    ids: dict[str, list[UUID]] = field(default_factory=lambda: defaultdict(list))
    by_tenant: dict[str, Counter[UUID]] = field(default_factory=lambda: defaultdict(Counter))
    overdue_critical: int = 0
    manual: list[UUID] = field(default_factory=list)

    @classmethod
    def read(cls, person: Person, now: datetime) -> MyFindings:
        """Read the person's findings in all tenants in scope that are not archived."""
        found = cls(person, now, tenants_of(person))
        policy = {tenant.pk: tenant.due_days for tenant in found.tenants}
        rows = (
            Finding.objects.filter(
                tenant_id__any_of=list(policy),
                treatment__owner=person,
                gone_at__isnull=True,
                state__in=["open", "manual"],
            )
            .annotate(shown=shown_state(now))
            .order_by()
            .values_list(
                "pk",
                "tenant_id",
                "severity",
                "failing_since",
                "treatment__owned_at",
                "state",
                "shown",
                "control",
            )
        )
        late: list[tuple[int, datetime, UUID]] = []
        soon: list[tuple[datetime, UUID]] = []
        new: list[tuple[int, datetime | None, str, UUID]] = []
        manual: list[tuple[int, str, UUID]] = []
        rank = {severity: number for number, severity in enumerate(_SEVERITIES)}
        for pk, tenant_id, severity, since, owned_at, state, shown, control in rows:
            if state == Finding.State.MANUAL:
                manual.append((rank[severity], control, pk))
            if shown not in ACTIONABLE:
                continue
            found.untreated[tenant_id] += 1
            due = due_date(policy[tenant_id], severity, since) if shown in WITH_DUE_DATE else None
            if due is not None and due < now:
                # All these findings are late, so order them by severity and not by date.
                late.append((rank[severity], due, pk))
                key = "overdue"
                found.overdue_critical += severity == Finding.Severity.CRITICAL
            elif due is not None and due < now + SOON:
                soon.append((due, pk))
                key = "soon"
            elif shown in WITH_DUE_DATE and owned_at and owned_at >= now - NEW:
                new.append((rank[severity], since, control, pk))
                key = "new"
            else:
                continue
            found.by_tenant[key][tenant_id] += 1
        found.ids["overdue"] = [pk for *_, pk in sorted(late)]
        found.ids["soon"] = [pk for *_, pk in sorted(soon)]
        found.ids["new"] = [pk for *_, pk in sorted(new)]
        found.manual = [pk for *_, pk in sorted(manual)]
        return found

    def customers(self) -> list[Customer]:
        """Return the tenants with the number of findings that still need work, the most first."""
        ordered = sorted(self.tenants, key=lambda tenant: -self.untreated[tenant.pk])
        return [Customer(tenant, self.untreated[tenant.pk], self._url(tenant)) for tenant in ordered]

    def sections(self) -> list[Section]:
        """Return the findings by urgency; each failing finding is in one section only."""
        manual = with_standing(Finding.objects.filter(pk__any_of=self.manual), self.now)
        waiting = dict(manual.filter(TO_ANSWER).order_by().values_list("pk", "tenant_id"))
        self.ids["answer"] = [pk for pk in self.manual if pk in waiting]
        self.by_tenant["answer"] = Counter(waiting.values())
        wanted = [pk for ids in self.ids.values() for pk in ids[:MAX_ROWS]]
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
                len(self.ids[key]),
                [self._row(rows[pk], key, named) for pk in self.ids[key][:MAX_ROWS]],
                self._links(key, query),
                max(0, len(self.by_tenant[key]) - MAX_LINKS),
            )
            for key, title, query in SECTIONS
        ]

    def _links(self, key: str, query: str) -> list[tuple[Tenant, int, str]]:
        """Return (customer, number, address of the list) of the customers with the most findings of a section."""
        tenants = self._tenants
        most = sorted(self.by_tenant[key].items(), key=lambda item: (-item[1], tenants[item[0]].name))
        return [(tenants[pk], number, f"{self._url(tenants[pk])}{query}") for pk, number in most[:MAX_LINKS]]

    @cached_property
    def _tenants(self) -> dict[UUID, Tenant]:
        return {tenant.pk: tenant for tenant in self.tenants}

    def _url(self, tenant: Tenant) -> str:
        return f"{reverse('findings', args=[tenant.slug])}?owner={self.person.pk}"

    def headline(self, sections: Sequence[Section]) -> tuple[str, dict[str, Any]] | None:
        """Return the sentence that says what is worst, and the row to start with; None if nothing waits."""
        worst = next((section for section in sections if section.rows), None)
        if worst is None:
            return None
        number = worst.count
        are, s = ("is", "") if number == 1 else ("are", "s")
        if worst.key == "overdue":
            critical = f", {self.overdue_critical} of them critical" if self.overdue_critical else ""
            text = f"{number} of your findings {are} overdue{critical}."
        elif worst.key == "soon":
            text = f"{number} of your findings {are} due within {SOON.days} days."
        elif worst.key == "new":
            were = "was" if number == 1 else "were"
            text = f"{number} finding{s} {were} assigned to you in the last {NEW.days} days."
        else:
            text = f"{number} manual control{s} {'waits' if number == 1 else 'wait'} for your answer."
        return text, worst.rows[0]

    def _row(self, found: Any, key: str, named: Mapping[UUID, Names]) -> dict[str, Any]:
        tenant = self._tenants[found.tenant_id]
        shown = row(tenant, found, {}, named[tenant.pk], self.now) | {"tenant": tenant}
        if key == "answer":
            shown["url"] = reverse("attest", args=[tenant.slug, found.pk])
        return shown


def requests(person: Person) -> list[FindingException]:
    """Return the exceptions that the person requested: pending and active exceptions first, then the others
    by their end, latest first."""
    rows = FindingException.objects.filter(requested_by=person).select_related("tenant")
    return list(rows.order_by(F("ended_at").desc(nulls_first=True), "-requested_at", "-id")[:MAX_ROWS])


def mentions(person: Person) -> list[Any]:
    """Return the newest comments that mention the person, on findings that they may see, without archived tenants.

    `title` names the finding.
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
    """Return (tenant, number of exceptions that the person may decide), for tenants with any, without archived ones."""
    current = scope.current()
    ids = [pk for pk in current.tenant_ids if current.may(Capability.APPROVE, pk)]
    if not ids:
        return []
    waiting = FindingException.objects.filter(tenant_id__any_of=ids, state__in=FindingException.PENDING)
    counts = dict(
        waiting.exclude(requested_by=person).order_by().values_list("tenant_id").annotate(count=Count("*"))
    )
    tenants = Tenant.objects.filter(pk__in=counts, archived_at__isnull=True).order_by("name")
    return [(tenant, counts[tenant.pk]) for tenant in tenants]

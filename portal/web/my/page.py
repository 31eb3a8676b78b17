"""What is a person's own, over all their tenants: what is overdue, soon due, new, to be answered, asked for."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, F, Q
from django.urls import reverse

from assessments.models import Finding
from portal.treatment.due_dates import due_date
from portal.treatment.models import Comment, FindingException, Treatment
from portal.treatment.selectors.attestations import NEEDS_ANSWER as TO_ANSWER
from portal.treatment.selectors.attestations import with_standing
from portal.treatment.states import ACTIONABLE, WITH_DUE_DATE, shown_state
from portal.web.findings.rows import row, with_row_columns
from tenants import scope
from tenants.models import Person, Tenant
from tenants.roles import Capability

MOST: Final = 12
NEW: Final = timedelta(days=7)
SOON: Final = timedelta(days=7)
# key, title, what more of an address shows them in a tenant's list
PARTS: Final = (
    ("overdue", "Overdue", "&due=overdue"),
    ("soon", "Due within 7 days", "&due=7"),
    ("new", "New in the last 7 days", "&verdict=fail"),
    ("answer", "Waiting for your answer", "&verdict=manual"),
)


@dataclass(slots=True)
class Part:
    """Some of the person's findings. `count` is of all of them, `rows` the first, `query` what more of the
    address shows them in a tenant's list."""

    title: str
    count: int
    rows: list[dict[str, Any]] = field(default_factory=list)
    query: str = ""


@dataclass(slots=True)
class Place:
    """A tenant in which the person owns something: how much of it asks for something."""

    tenant: Tenant
    todo: int
    url: str


def tenants_of(who: Person) -> list[Tenant]:
    """The tenants in scope in which the person owns something."""
    ids = Treatment.objects.filter(owner=who).order_by().values("tenant_id").distinct()
    return list(Tenant.objects.filter(pk__in=ids).order_by("name", "pk"))


@dataclass(slots=True)
class Mine:
    """What of the person's findings asks for something, in one reading."""

    who: Person
    now: datetime
    tenants: list[Tenant]
    todo: Counter[UUID] = field(default_factory=Counter)
    ids: dict[str, list[UUID]] = field(default_factory=lambda: defaultdict(list))
    manual: list[UUID] = field(default_factory=list)

    @classmethod
    def read(cls, who: Person, now: datetime) -> Mine:
        found = cls(who, now, tenants_of(who))
        policy = {tenant.pk: tenant.due_days for tenant in found.tenants}
        rows = (
            Finding.objects.filter(treatment__owner=who, gone_at__isnull=True, state__in=["open", "manual"])
            .annotate(shown=shown_state(now))
            .order_by("severity_rank", "failing_since", "control", "id")
            .values_list(
                "pk", "tenant_id", "severity", "failing_since", "treatment__owned_at", "state", "shown"
            )
        )
        dated: list[tuple[datetime, UUID]] = []
        for pk, tenant_id, severity, since, owned_at, state, shown in rows:
            if state == Finding.State.MANUAL:
                found.manual.append(pk)
            if shown not in ACTIONABLE:
                continue
            found.todo[tenant_id] += 1
            due = due_date(policy[tenant_id], severity, since) if shown in WITH_DUE_DATE else None
            if due is not None and due < now + SOON:
                dated.append((due, pk))
            elif shown in WITH_DUE_DATE and owned_at and owned_at >= now - NEW:
                found.ids["new"].append(pk)
        for due, pk in sorted(dated):
            found.ids["overdue" if due < now else "soon"].append(pk)
        return found

    def places(self) -> list[Place]:
        return [
            Place(
                tenant,
                self.todo[tenant.pk],
                f"{reverse('findings', args=[tenant.slug])}?owner={self.who.pk}",
            )
            for tenant in self.tenants
        ]

    def parts(self) -> list[Part]:
        """Overdue, due within seven days, new since a week ago, waiting for an answer; a failure once."""
        manual = with_standing(Finding.objects.filter(pk__in=self.manual), self.now)
        self.ids["answer"] = list(manual.filter(TO_ANSWER).values_list("pk", flat=True))
        wanted = [pk for ids in self.ids.values() for pk in ids[:MOST]]
        rows = {
            found.pk: found for found in with_row_columns(Finding.objects.filter(pk__in=wanted), self.now)
        }
        return [
            Part(title, len(self.ids[key]), [self._row(rows[pk], key) for pk in self.ids[key][:MOST]], query)
            for key, title, query in PARTS
        ]

    def _row(self, found: Any, key: str) -> dict[str, Any]:
        tenant = next(tenant for tenant in self.tenants if tenant.pk == found.tenant_id)
        shown = row(tenant, found, {}, self.now) | {"tenant": tenant}
        if key == "answer":
            shown["url"] = reverse("attest", args=[tenant.slug, found.pk])
        return shown


def requests(who: Person) -> list[FindingException]:
    """The exceptions that the person asked for: those that wait, hold or were just decided, newest first."""
    rows = FindingException.objects.filter(requested_by=who).select_related("tenant")
    return list(rows.order_by(F("ended_at").desc(nulls_first=True), "-requested_at", "-id")[:MOST])


def mentions(who: Person) -> list[Comment]:
    """The newest comments that mention the person, on findings that they see."""
    held = scope.current()
    see_all = [pk for pk in held.tenant_ids if held.may(Capability.VIEW_ALL, pk)]
    rows = Comment.objects.filter(
        Q(tenant_id__in=see_all) | Q(finding__treatment__owner=who),
        mentions__contains=[who.pk],
        deleted_at__isnull=True,
    )
    return list(rows.select_related("finding", "tenant", "author").order_by("-at", "-id")[:MOST])


def to_decide(who: Person) -> list[tuple[Tenant, int]]:
    """(tenant, how many exceptions wait there for an approver other than who asked), where one may decide."""
    held = scope.current()
    ids = [pk for pk in held.tenant_ids if held.may(Capability.APPROVE, pk)]
    if not ids:
        return []
    waiting = FindingException.objects.filter(tenant_id__in=ids, state__in=FindingException.PENDING)
    counts = dict(
        waiting.exclude(requested_by=who).order_by().values_list("tenant_id").annotate(count=Count("*"))
    )
    return [(tenant, counts[tenant.pk]) for tenant in Tenant.objects.filter(pk__in=counts).order_by("name")]

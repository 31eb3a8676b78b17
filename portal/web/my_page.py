"""What is a person's own, over all their tenants: what is overdue, soon due, new, to be answered, asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet
from django.urls import reverse

from assessments.models import Finding
from portal.treatment.models import Comment, FindingException, Treatment
from portal.treatment.selectors.attestations import DUE as TO_ANSWER
from portal.treatment.selectors.attestations import with_standing
from portal.treatment.states import TODO, shown_state
from portal.web import findings_moments as moments
from portal.web import findings_rows as show
from tenants import scope
from tenants.models import Person, Tenant
from tenants.roles import Capability

MOST: Final = 12
NEW: Final = timedelta(days=7)


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


def owned(who: Person, now: datetime) -> QuerySet[Any]:
    """The person's findings in the tenants in scope that ask for something."""
    rows = Finding.objects.filter(treatment__owner=who, gone_at__isnull=True, state__in=["open", "manual"])
    return rows.annotate(shown=shown_state(now)).filter(shown__in=TODO)


def tenants_of(who: Person) -> list[Tenant]:
    """The tenants in scope in which the person owns something."""
    ids = Treatment.objects.filter(owner=who).order_by().values("tenant_id").distinct()
    return list(Tenant.objects.filter(pk__in=ids).order_by("name", "pk"))


def places(tenants: Iterable[Tenant], who: Person, now: datetime) -> list[Place]:
    counts = dict(owned(who, now).order_by().values_list("tenant_id").annotate(count=Count("*")))
    return [
        Place(tenant, counts.get(tenant.pk, 0), f"{reverse('findings', args=[tenant.slug])}?owner={who.pk}")
        for tenant in tenants
    ]


def parts(tenants: list[Tenant], who: Person, now: datetime) -> list[Part]:
    """Overdue, due within seven days, new since a week ago, waiting for an answer; a finding once."""
    rows = owned(who, now)
    overdue, soon = _due(tenants, now, "overdue"), _due(tenants, now, "7")
    fresh = Q(treatment__owned_at__gte=now - NEW) & ~overdue & ~soon & Q(outcome="fail")
    manual = with_standing(
        Finding.objects.filter(treatment__owner=who, outcome="manual", gone_at__isnull=True), now
    )
    known = {tenant.pk: tenant for tenant in tenants}
    return [
        _part(
            "Overdue",
            rows.filter(overdue).order_by("failing_since", *show.GRAVEST),
            known,
            now,
            "&due=overdue",
        ),
        _part(
            "Due within 7 days",
            rows.filter(soon).order_by("failing_since", *show.GRAVEST),
            known,
            now,
            "&due=7",
        ),
        _part(
            "New in the last 7 days", rows.filter(fresh).order_by(*show.GRAVEST), known, now, "&verdict=fail"
        ),
        _part(
            "Waiting for your answer", manual.filter(TO_ANSWER), known, now, "&verdict=manual", answer=True
        ),
    ]


def _due(tenants: Iterable[Tenant], now: datetime, key: str) -> Q:
    found = Q(pk__in=())
    for tenant in tenants:
        found |= Q(tenant=tenant) & moments.due(tenant, now, [key], "shown")
    return found


def _part(
    title: str,
    rows: QuerySet[Any],
    tenants: dict[UUID, Tenant],
    now: datetime,
    query: str,
    *,
    answer: bool = False,
) -> Part:
    first = list(
        rows.annotate(shown=shown_state(now))
        .select_related("treatment__owner")
        .defer(*show.UNSEEN)[: MOST + 1]
    )
    count = len(first) if len(first) <= MOST else rows.count()
    shown = []
    for found in first[:MOST]:
        tenant = tenants[found.tenant_id]
        row = show.row(tenant, found, {}, now) | {"tenant": tenant}
        if answer:
            row["url"] = reverse("attest", args=[tenant.slug, found.pk])
        shown.append(row)
    return Part(title, count, shown, query)


def requests(who: Person) -> list[FindingException]:
    """The exceptions that the person asked for: those that wait, hold or were just decided, newest first."""
    rows = FindingException.objects.filter(requested_by=who).select_related("tenant")
    return list(rows.order_by(F("ended_at").desc(nulls_first=True), "-requested_at", "-id")[:MOST])


def mentions(who: Person) -> list[Comment]:
    """The newest comments that mention the person."""
    rows = Comment.objects.filter(mentions__contains=[who.pk], deleted_at__isnull=True)
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

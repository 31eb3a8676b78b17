"""Queries of the audit room of a customer, which shows a person's access and all records of a period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, Self
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from assessments.models import Assessment, FindingChange, Unit
from assessments.presentation.extent import extent_label
from portal.queries.parameters import Parameters, text_of
from portal.treatment.models import Attestation, EvidenceFile, FindingException
from portal.treatment.selectors.past_exceptions import (
    show_reviewed_attestations,
    show_reviewed_exceptions,
)
from tenants.auditors.review_periods import ReviewPeriod
from tenants.models import JournalEntry, Membership, Person, Tenant
from tenants.roles import Capability, Role, roles_with

DEFAULT_DAYS: Final = 90
# The page lists at most this number of rows of each kind, and links to the complete list.
MAX_ROWS: Final = 8
_VERIFYING_ROLES: Final = roles_with(Capability.EVIDENCE)


@dataclass(frozen=True, slots=True)
class Period:
    """The first and last day of a review, both included, in UTC. `problem` says why the period in the query parameters
    was not used.
    """

    first: date
    last: date
    problem: str = ""

    @classmethod
    def parse(
        cls,
        parameters: Parameters,
        now: datetime,
        begins: datetime | None,
        reviews: Sequence[ReviewPeriod] = (),
    ) -> Self:
        """Return the period from the query parameters `from` and `to`.

        By default, the period begins with the person's access (`begins`) or 90 days ago, whichever is earlier. If
        `reviews` is given, the period must lie within one of these review periods, and the default is the latest of
        them.
        """
        if reviews:
            latest = reviews[-1]
            try:
                found = cls(_day(parameters, "from") or latest.first, _day(parameters, "to") or latest.last)
            except ValueError:
                return cls(latest.first, latest.last, "Enter days as year-month-day, for example 2026-11-30.")
            if any(one.first <= found.first <= found.last <= one.last for one in reviews):
                return found
            return cls(
                latest.first,
                latest.last,
                "Choose days within one of your review periods: " + " or ".join(map(str, reviews)) + ".",
            )
        today = now.astimezone(UTC).date()
        earliest = today - timedelta(days=DEFAULT_DAYS)
        if begins is not None:
            earliest = min(earliest, begins.astimezone(UTC).date())
        try:
            first, last = _day(parameters, "from") or earliest, _day(parameters, "to") or today
        except ValueError:
            return cls(earliest, today, "Enter days as year-month-day, for example 2026-11-30.")
        # Refuse `date.min` and `date.max`: the page “How long checks failed” also reads the day before `first`, and
        # `Period.end` is on the day after `last`.
        if first == date.min:
            return cls(earliest, today, f"The first day must be later than {date.min.isoformat()}.")
        if last == date.max:
            return cls(earliest, today, f"The last day must be earlier than {date.max.isoformat()}.")
        if first > last:
            return cls(earliest, today, "The first day must not be later than the last day.")
        return cls(first, last)

    @property
    def start(self) -> datetime:
        """The beginning of the first day."""
        return ReviewPeriod(self.first, self.last).start

    @property
    def end(self) -> datetime:
        """The end of the period, which is the first moment after the last day."""
        return ReviewPeriod(self.first, self.last).end


def _day(parameters: Parameters, name: str) -> date | None:
    text = text_of(parameters, name)
    return date.fromisoformat(text) if text else None


def access_of(person: Person, tenant: Tenant, now: datetime) -> list[Membership]:
    """Return the person's current memberships in roles that may read the tenant's evidence, the latest end
    first.
    """
    place = Q(tenant=tenant) | Q(tenant__isnull=True, organization=tenant.organization_id)
    rows = Membership.objects.filter(
        place, Membership.valid_at(now), person=person, role__in=_VERIFYING_ROLES
    ).select_related("granted_by")
    never = datetime.max.replace(tzinfo=UTC)
    return sorted(rows, key=lambda row: row.valid_until or never, reverse=True)


def audits(person: Person, tenants: Sequence[Tenant], now: datetime) -> list[tuple[Tenant, datetime | None]]:
    """Return the tenants that the person audits, with the end of the access, in the order of `tenants`."""
    rows = Membership.objects.filter(Membership.valid_at(now), person=person, role=Role.AUDITOR)
    ends: dict[UUID | None, datetime | None] = {}
    for tenant_id, until in rows.values_list("tenant_id", "valid_until"):
        known = ends.get(tenant_id, until)
        ends[tenant_id] = None if known is None or until is None else max(known, until)
    return [(tenant, ends[tenant.pk]) for tenant in tenants if tenant.pk in ends]


@dataclass(frozen=True, slots=True)
class Room:
    """The records of a period. Each list has at most the newest `MAX_ROWS` records, newest first. The counts are of all
    records.

    `files` are attached to exceptions and attestations of the period, whether or not these are listed.
    """

    assessments: list[tuple[Assessment, str]]
    assessment_count: int
    exceptions: list[FindingException]
    exception_count: int
    attestations: list[Attestation]
    attestation_count: int
    files: list[EvidenceFile]
    file_count: int
    changes: dict[str, int]
    journal_count: int


def _undecided_or_in_force(tenant: Tenant, period: Period) -> QuerySet[FindingException]:
    """Return the exceptions that were undecided or in force at some time in the period.

    An exception that was approved before the period and starts after the period is left out. The planned end,
    `ends_at`, is compared too, because a worker sets `ended_at` only some time after the planned end.
    """
    rows = FindingException.objects.filter(
        Q(ended_at__isnull=True) | Q(ended_at__gte=period.start),
        tenant=tenant,
        requested_at__lt=period.end,
        ends_at__gt=period.start,
    )
    return rows.exclude(decided_at__lt=period.start, returned_at__isnull=True, starts_at__gte=period.end)


def room(tenant: Tenant, period: Period) -> Room:
    """Return the records of the period, read with a fixed number of queries."""
    within = (period.start, period.end)
    ended = Assessment.objects.filter(tenant=tenant, ended_at__gte=within[0], ended_at__lt=within[1])
    exceptions = _undecided_or_in_force(tenant, period)
    answers = Attestation.objects.filter(tenant=tenant, attested_at__gte=within[0], attested_at__lt=within[1])
    files = EvidenceFile.objects.filter(
        Q(exception__in=exceptions.order_by().values("pk"))
        | Q(attestation__in=answers.order_by().values("pk")),
        tenant=tenant,
    )
    # Count only units that were read in part. Units of which nothing was read have gaps too, but `extent_label` already
    # counts them.
    in_part = Count("units", filter=Q(units__state=Unit.State.DONE) & ~Q(units__gaps=[]))
    listed = ended.annotate(units_in_part=in_part).order_by("-number").defer("parameters")[:MAX_ROWS]
    changed = FindingChange.objects.filter(tenant=tenant, assessment__in=ended.order_by().values("pk"))
    listed_exceptions = list(
        exceptions.select_related("requested_by", "decided_by").order_by("-number")[:MAX_ROWS]
    )
    show_reviewed_exceptions(listed_exceptions)
    listed_answers = list(
        answers.select_related("finding", "attested_by").order_by("-attested_at", "-pk")[:MAX_ROWS]
    )
    show_reviewed_attestations(listed_answers)
    return Room(
        assessments=[(row, extent_label(row)) for row in listed],
        assessment_count=ended.count(),
        exceptions=listed_exceptions,
        exception_count=exceptions.count(),
        attestations=listed_answers,
        attestation_count=answers.count(),
        files=list(
            files.select_related("exception", "attestation__finding", "uploaded_by").order_by(
                "-uploaded_at", "-pk"
            )[:MAX_ROWS]
        ),
        file_count=files.count(),
        changes=dict(changed.order_by().values_list("kind").annotate(number=Count("*"))),
        journal_count=JournalEntry.objects.filter(tenant=tenant, at__gte=within[0], at__lt=within[1]).count(),
    )

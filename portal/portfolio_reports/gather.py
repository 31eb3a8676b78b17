"""Read the facts of a portfolio report, inside the scope of its organization.

The figures of customers come from the queries of the portfolio page (`portal.queries.portfolio.customer_figures`)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import F, Q
from django.utils import timezone

from assessments.controls.profiles import number_off
from assessments.controls.registry import catalogue, catalogue_hash
from assessments.estate.gaps import Reason
from assessments.models import Assessment, Finding, Unit
from assessments.presentation.extent import extent_label
from assessments.presentation.not_judged import recorded_overrides
from assessments.version import VERSION
from portal.portfolio_reports.facts import (
    CustomerFact,
    EndingException,
    Identity,
    Integrity,
    PortfolioFacts,
    Selection,
    Totals,
)
from portal.portfolio_reports.models import PortfolioReport
from portal.queries.portfolio.by_tenant import last_read_at, latest_assessments
from portal.queries.portfolio.customer_figures import CustomerFigures, complete, read_figures
from portal.queries.portfolio.urgent_facts import most_urgent
from portal.reports.branding.selectors import fact_of
from portal.reports.facts.presentation import SEVERITIES
from portal.reports.facts.units import MAX_AGE
from portal.reports.keys.signing_identity import SigningIdentity
from portal.reports.signatures.stamps import planned_level
from portal.treatment.matching import describe_rule
from portal.treatment.models import ExceptionItem, FindingException
from portal.treatment.models.exception import ENDING_SOON
from portal.treatment.naming import control_problem
from portal.treatment.selectors.scores import standings
from tenants import journal
from tenants.models import Organization, Tenant

SOON: Final = timedelta(days=30)
# The reasons for which a verdict is unknown although its data could be read.
_READ: Final = (str(Reason.UNDECIDED), str(Reason.MISSING_FIELD))


def portfolio_facts(report: PortfolioReport, signing: SigningIdentity) -> PortfolioFacts:
    """Read the facts, inside the scope of the report's organization."""
    now = timezone.now()
    organization = report.organization
    present = Tenant.objects.filter(organization=organization, archived_at=None)
    tenants = list(present.filter(pk__in=report.customers).select_related("organization").order_by("name"))
    rows = read_figures(tenants, CustomerFigures, all_exceptions=True)
    complete(rows)
    rows.sort(key=_urgency)
    read_at = last_read_at([row.tenant.pk for row in rows])
    ended = latest_assessments([row.tenant.pk for row in rows], ended=True, with_watch=False)
    missing = _missing_kinds([row.pk for row in ended.values()])
    not_read = _unknown_without_data([row.tenant.pk for row in rows])
    later = standings(tenants, now + SOON, by_section=False)
    customers = tuple(
        _customer(
            row,
            max(0, later[row.tenant.pk].overdue_total - row.overdue),
            _Reading(
                read_at.get(row.tenant.pk),
                ended.get(row.tenant.pk),
                missing.get(ended[row.tenant.pk].pk, 0) if row.tenant.pk in ended else 0,
                number_off(recorded_overrides(ended[row.tenant.pk])) if row.tenant.pk in ended else 0,
                row.tenant.pk in not_read,
            ),
            now,
        )
        for row in rows
    )
    head = journal.head(organization)
    return PortfolioFacts(
        identity=_identity(report, organization, signing, now),
        selection=Selection(
            description=report.selection,
            label=report.label,
            customers=len(rows),
            of=present.count(),
            left=len(report.customers) - len(rows),
        ),
        customers=customers,
        totals=_totals(customers),
        exceptions=tuple(_ending(tenants, now)),
        integrity=Integrity(head.sequence, head.hash),
    )


def _missing_kinds(assessment_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Return {assessment: number of kinds of data that the assessment could not read in some subscription or
    directory}.
    """
    rows = Unit.objects.filter(assessment_id__in=assessment_ids).exclude(gaps=[])
    found: dict[UUID, set[str]] = defaultdict(set)
    for pk, gaps in rows.values_list("assessment_id", "gaps").iterator(chunk_size=500):
        found[pk].update(gap["collection"] for gap in gaps)
    return {pk: len(kinds) for pk, kinds in found.items()}


def _unknown_without_data(tenants: Sequence[UUID]) -> set[UUID]:
    """Return the customers with a verdict that is unknown because data could not be read."""
    rows = Finding.objects.filter(tenant_id__any_of=tenants, outcome=Finding.Outcome.UNKNOWN, gone_at=None)
    return set(
        rows.exclude(unknown_because__in=_READ).order_by().values_list("tenant_id", flat=True).distinct()
    )


def _identity(
    report: PortfolioReport, organization: Organization, signing: SigningIdentity, now: datetime
) -> Identity:
    return Identity(
        report_id=str(report.pk),
        number=report.number,
        kind=report.kind,
        kind_name=report.kind_name,
        title=report.title,
        organization=organization.name,
        requested_by=report.requested_as,
        created_at=report.created_at,
        as_of=now,
        classification=report.classification,
        product_version=VERSION,
        catalogue_hash=catalogue_hash(),
        controls=len(catalogue()),
        level=planned_level(),
        signer=signing.name,
        signer_fingerprint=signing.fingerprint,
        self_made=signing.self_signed,
        paper=report.paper,
        language=report.language,
        branding=fact_of(report.branding) if report.branding else None,
    )


def _urgency(row: CustomerFigures) -> tuple[object, ...]:
    """Return the sort key of a customer. The key sorts in the order of the portfolio page
    (`portal.web.portfolio.choices`), then by name.
    """
    found = most_urgent(row)
    rank = found[0] if found else 1000
    score = -1.0 if row.score is None else row.score
    return (rank, -row.overdue_critical, -row.critical, -row.high, score, row.tenant.name.casefold())


# {key of an urgent fact (`portal.queries.portfolio.urgent_facts`): the next step}.
_ACTIONS: Final[Mapping[str, str]] = {
    "no_principal": "Set up the connection",
    "sign_in_refused": "Replace the credential",
    "credential_expired": "Replace the credential",
    "overdue_critical": "Fix the overdue critical findings",
    "open_critical": "Fix the critical findings",
    "never_assessed": "Check the permissions, and start an assessment",
    "failed": "Find out why the last assessment failed, and repeat it",
    "unknown": "Find out why these verdicts are unknown",
    "credential_ends": "Replace the credential",
    "overdue": "Fix the overdue findings",
    "partial": "Find out why some data could not be read, and repeat the assessment",
    "to_approve": "Decide on the requested exceptions",
    "running": "Wait for the assessment that is running",
    "to_attest": "Answer the manual controls",
}


@dataclass(frozen=True, slots=True)
class _Reading:
    """The time at which a customer was last read, and its newest ended assessment. Assessments that the watch starts do
    not count.

    `missing` is the number of kinds of data that the assessment could not read completely. `not_judged` is the number
    of controls that were switched off or not in the customer's profile of controls. `has_unread` is set if a verdict is
    unknown because data could not be read.
    """

    at: datetime | None
    assessment: Assessment | None
    missing: int
    not_judged: int
    has_unread: bool


def _customer(row: CustomerFigures, overdue_soon: int, reading: _Reading, now: datetime) -> CustomerFact:
    found = most_urgent(row)
    state, reason = _state(row, reading, now)
    before = row.score_before
    unread = state in ("not_read", "never")
    return CustomerFact(
        id=str(row.tenant.pk),
        name=row.tenant.name,
        labels=tuple(row.tenant.labels),
        state=state,
        reason=reason,
        read_at=reading.at,
        assessment=reading.assessment.number if reading.assessment else None,
        score=row.score if row.is_known else row.last_score,
        difference=None
        if before is None or row.score is None or not row.is_known
        else round(row.score - before, 1),
        coverage=None if unread else row.coverage,
        open=None if unread else {name: row.standing.totals.open.get(name, 0) for name in SEVERITIES},
        overdue=None if unread else row.overdue,
        overdue_soon=None if unread else overdue_soon,
        unknown=row.unknown,
        to_attest=row.to_attest,
        exceptions_pending=row.exceptions.pending,
        exceptions_ending=row.exceptions.ending,
        urgent=found[2] if found else "",
        action=_ACTIONS[found[1]] if found else "",
        not_judged=reading.not_judged,
    )


def _state(row: CustomerFigures, reading: _Reading, now: datetime) -> tuple[str, str]:
    """Return how completely and recently a customer was read (`CustomerFact.state`), and the reason."""
    if row.last is None:
        return "never", "Registered, but never assessed"
    if reading.assessment is None:
        return "never", "The first assessment is running" if row.last.is_active else _NOTHING_READ
    if not row.is_known:
        return "not_read", _why_not_read(row)
    if reading.at is None:
        return "stale", "No assessment has finished reading a subscription or directory"
    if now - reading.at > MAX_AGE:
        return "stale", f"Last read {(now - reading.at).days} days ago"
    if label := extent_label(reading.assessment):
        return "partly", f"Newest assessment: {label}"
    unknown = "1 verdict is unknown" if row.unknown == 1 else f"{row.unknown} verdicts are unknown"
    if reading.missing:
        kinds = f"{reading.missing} kind{'' if reading.missing == 1 else 's'} of data"
        return "partly", f"{kinds} could not be read; {unknown}"
    if reading.has_unread:
        # For example, verdicts on a subscription are unknown if the service principal no longer sees it.
        return "partly", unknown
    return "read", ""


_NOTHING_READ: Final = "No data could be read, because all assessments were cancelled"


def _why_not_read(row: CustomerFigures) -> str:
    if not row.principals and not row.is_delegated:
        return "No service principal is enabled"
    if row.unreachable:
        codes = sorted({principal.last_error_code for principal in row.principals})
        return f"Microsoft refused the sign-in ({', '.join(codes)})"
    if row.has_failed:
        return "The last assessment failed, because no subscription and no directory could be read"
    return "No automatic check has a result"


def _totals(customers: Sequence[CustomerFact]) -> Totals:
    states = Counter(row.state for row in customers)
    scores = [row.score for row in customers if row.score is not None and row.state != "not_read"]
    return Totals(
        customers=len(customers),
        read=states["read"],
        partly=states["partly"],
        stale=states["stale"],
        not_read=states["not_read"],
        never=states["never"],
        open={name: sum(row.open[name] for row in customers if row.open) for name in SEVERITIES},
        overdue=sum(row.overdue or 0 for row in customers),
        overdue_soon=sum(row.overdue_soon or 0 for row in customers),
        unknown=sum(row.unknown for row in customers),
        exceptions_pending=sum(row.exceptions_pending for row in customers),
        exceptions_ending=sum(row.exceptions_ending for row in customers),
        mean_score=sum(scores) / len(scores) if scores else None,
    )


def _ending(tenants: Sequence[Tenant], now: datetime) -> list[EndingException]:
    """Return the exceptions that end soon, ordered by their end. These are the exceptions that `exception_counts`
    counts as ending.
    """
    ids = [tenant.pk for tenant in tenants]
    names = {tenant.pk: tenant.name for tenant in tenants}
    rows = list(
        FindingException.objects.filter(
            FindingException.ends_within(ENDING_SOON, now), tenant_id__any_of=ids
        ).order_by("ends_at", "tenant_id", "number")
    )
    controls: dict[UUID, Counter[str]] = defaultdict(Counter)
    covered: Counter[UUID] = Counter()
    items = ExceptionItem.objects.filter(tenant_id__any_of=ids, exception__in=rows).annotate(
        is_covered=Q(
            exception__starts_at__lte=now,
            approved_at__isnull=False,
            approved_sha256=F("finding__observed_sha256"),
            finding__outcome=Finding.Outcome.FAIL,
            finding__gone_at__isnull=True,
        )
    )
    for exception, control, is_covered in items.values_list("exception_id", "finding__control", "is_covered"):
        controls[exception][control] += 1
        covered[exception] += is_covered
    return [
        EndingException(
            customer=names[row.tenant_id],
            number=row.number,
            about=_about(row, controls[row.pk]),
            reason=row.reason,
            ends_at=row.ends_at,
            covers=covered[row.pk],
        )
        for row in rows
    ]


def _about(row: FindingException, controls: Counter[str]) -> str:
    if row.scope == FindingException.Scope.RULE:
        return describe_rule(row)
    if not controls:
        return "Findings that are no longer judged"
    return "; ".join(
        f"{number} × {control_problem(control)}" if number > 1 else control_problem(control)
        for control, number in controls.most_common()
    )

"""Create a report: check the choices for the report, give it a number, and store it for a worker to build."""

from __future__ import annotations

from datetime import UTC, date, timedelta
from typing import Final, TypedDict

from django.db.models import Max
from django.utils import timezone

from assessments.frameworks.framework import NAMES
from assessments.models import Assessment
from assessments.selectors import assessments, latest
from portal.queries.audit_room import DEFAULT_DAYS, Period
from portal.reports.branding.selectors import branding_of
from portal.reports.errors import NoFinishedAssessment
from portal.reports.facts.source import as_of
from portal.reports.kinds import DEFAULT_KIND, KINDS
from portal.reports.kinds.kind import Kind, document_title
from portal.reports.models import Report
from portal.reports.models.report import DEFAULT_FRAMEWORK
from portal.reports.records.register import can_be_superseded
from tenants.actors import Actor, System
from tenants.errors import NotFound, invalid
from tenants.locks import Lock, lock
from tenants.models import Language, Paper, Person, Tenant
from tenants.values.visible_text import is_blank

MAX_CLASSIFICATION: Final = 60
# The earliest first day of a period. Azure has existed since 2010, so there is no older data.
FIRST_DAY: Final = date(2010, 1, 1)


class Choices(TypedDict, total=False):
    """The choices for a report. Each choice has a default.

    - `kind`: a key of `portal.reports.kinds`, by default the full report
    - `assessment`: by default the newest finished assessment of all subscriptions and directories or, if there is none,
      the newest finished assessment
    - `baseline`: the earlier assessment for a change report, by default the previous finished assessment of all
      subscriptions and directories
    - `classification`: how confidential the report is, by default “Confidential”
    - `framework`: the key of the framework version, for kinds of reports that ask for it
    - `without_names`: whether the report shows ids instead of names of people, groups, applications and roles
    - `period_first`, `period_last`: first and last UTC day. By default, the last day is the day on which the assessment
      ended, and the first day is `DEFAULT_DAYS` days before the last day
    - `paper`, `language`: values of `Paper` and `Language` in `tenants.models`, by default those of the organization
    - `supersedes`: an earlier report that the register will name as superseded by the new report. Both reports must
      have the same customer, kind, framework, subscriptions and directories. The assessment of the earlier report must
      not be newer than the assessment of the new report
    """

    kind: str
    assessment: Assessment | None
    baseline: Assessment | None
    classification: str
    framework: str
    period_first: date | None
    period_last: date | None
    without_names: bool
    paper: str
    language: str
    supersedes: Report | None


def create_report(tenant: Tenant, by: Actor, choices: Choices) -> Report:
    """Store a report that is not built yet. Call inside the tenant's scope.

    Raises NoFinishedAssessment if no report can be built on the chosen assessment or, if none was chosen, on the newest
    one. Raises NotFound or InvalidInput for invalid choices.
    """
    label = " ".join(choices.get("classification", "Confidential").split())
    if is_blank(label) or len(label) > MAX_CLASSIFICATION:
        raise invalid("classification", f"Enter a classification of 1 to {MAX_CLASSIFICATION} characters.")
    framework = choices.get("framework", DEFAULT_FRAMEWORK)
    if framework not in NAMES:
        raise invalid("framework", f"There is no framework {framework!r}. Use one of: {', '.join(NAMES)}.")
    kind = KINDS.get(choices.get("kind", DEFAULT_KIND))
    if kind is None:
        raise invalid(
            "kind", f"There is no kind of report {choices['kind']!r}. Use one of: {', '.join(KINDS)}."
        )
    paper = choices.get("paper") or tenant.organization.report_paper
    if paper not in Paper:
        raise invalid("paper", f"There is no paper size {paper!r}. Use one of: {', '.join(Paper)}.")
    language = choices.get("language") or tenant.organization.report_language
    if language not in Language:
        raise invalid(
            "language", f"There is no report language {language!r}. Use one of: {', '.join(Language)}."
        )
    assessment = _reportable(tenant, choices.get("assessment") or _newest(tenant))
    baseline = _baseline(tenant, assessment, choices.get("baseline")) if "baseline" in kind.asks else None
    period = _period(kind, assessment, choices)
    supersedes = choices.get("supersedes")
    if supersedes is not None:
        _check_superseded(supersedes, tenant, kind, framework)
        _check_replaces(supersedes, assessment)
    lock(Lock.REPORT_NUMBERS, tenant.pk)
    number = (Report.objects.filter(tenant=tenant).aggregate(last=Max("number"))["last"] or 0) + 1
    return Report.objects.create(
        tenant=tenant,
        number=number,
        kind=kind.key,
        title=document_title(kind, NAMES[framework], tenant.name)[:300],
        classification=label,
        without_names=choices.get("without_names", False),
        paper=paper,
        language=language,
        requested_by=by if isinstance(by, Person) else None,
        requested_as=requester_label(by)[:320],
        assessment=assessment,
        baseline_number=baseline.number if baseline else None,
        supersedes_number=supersedes.number if supersedes else None,
        framework=framework,
        period_first=period.first if period else None,
        period_last=period.last if period else None,
        branding=branding_of(tenant),
        as_of=as_of(assessment),
    )


def _newest(tenant: Tenant) -> Assessment | None:
    """Return the newest finished assessment that covers all subscriptions and directories. If there is no such
    assessment, return the newest finished assessment, whatever it covers.
    """
    complete = assessments(tenant).filter(
        state=Assessment.State.FINISHED, only=[], details_deleted_at__isnull=True
    )
    return complete.first() or latest(tenant)


def _reportable(tenant: Tenant, assessment: Assessment | None) -> Assessment:
    """Return the assessment, locked. Raise NotFound or NoFinishedAssessment if no report can be built on it."""
    if assessment is None:
        raise NoFinishedAssessment(
            f"{tenant.name} has no finished assessment. Start an assessment, then build the report."
        )
    if assessment.tenant_id != tenant.pk:
        raise NotFound("This assessment does not exist, or you do not have access to it.")
    if assessment.is_active:
        raise NoFinishedAssessment(
            f"Assessment {assessment.number} is still running. Try again when the assessment has finished."
        )
    if assessment.state == Assessment.State.CANCELLED and not assessment.summary:
        raise NoFinishedAssessment(
            f"Assessment {assessment.number} was cancelled before it began, so it has no results. Choose another"
            " assessment."
        )
    # A deletion of old data may be running. The lock waits for the deletion, which marks each assessment whose details
    # were deleted.
    assessment = Assessment.objects.select_for_update(no_key=True).get(pk=assessment.pk)
    if assessment.details_deleted_at is not None:
        raise NoFinishedAssessment(
            f"Details of assessment {assessment.number} were deleted under the retention policy. Choose a newer"
            " assessment."
        )
    return assessment


def _baseline(tenant: Tenant, assessment: Assessment, chosen: Assessment | None) -> Assessment:
    """Return the earlier assessment with which a report compares `assessment`.

    If no assessment was `chosen`, search the following groups of earlier finished assessments, one after the other.
    Return the newest assessment of the first group that is not empty:

    - assessments that covered all subscriptions and directories, and could read at least one
    - assessments that covered all subscriptions and directories, but could read none
    - assessments that covered only some subscriptions or directories
    """
    earlier = assessments(tenant).filter(
        number__lt=assessment.number, state=Assessment.State.FINISHED, details_deleted_at__isnull=True
    )
    complete = earlier.filter(only=[])
    read = complete.filter(summary__units__done__gt=0)
    found = chosen or read.first() or complete.first() or earlier.first()
    if found is None:
        raise NoFinishedAssessment(
            f"Assessment {assessment.number} is the first assessment of {tenant.name}, so there is no earlier"
            " assessment to compare it with. Choose a later assessment, or another kind of report."
        )
    found = _reportable(tenant, found)
    if found.number >= assessment.number:
        raise invalid(
            "baseline",
            f"The report compares assessment {assessment.number} with an earlier assessment. Choose an earlier"
            " assessment.",
        )
    return found


def _period(kind: Kind, assessment: Assessment, choices: Choices) -> Period | None:
    """Return the period that a report covers, or None if reports of this kind have no period.

    Raise InvalidInput if the report's assessment did not end in the period.
    """
    if "period_first" not in kind.asks:
        return None
    end = as_of(assessment).astimezone(UTC).date()
    last = choices.get("period_last") or end
    first = choices.get("period_first") or max(last - timedelta(days=DEFAULT_DAYS), FIRST_DAY)
    if last > timezone.now().astimezone(UTC).date():
        raise invalid("period_last", "The last day must not be in the future.")
    if first > last:
        raise invalid("period_first", "The first day must not be later than the last day.")
    if first < FIRST_DAY:
        raise invalid("period_first", f"The first day must not be before {FIRST_DAY.isoformat()}.")
    if not first <= end <= last:
        raise invalid(
            "period_last" if end > last else "period_first",
            f"Assessment {assessment.number} ended on {end.isoformat()}, which is outside of the period. Choose the"
            " last assessment of the period, or another period.",
        )
    return Period(first, last)


def _check_superseded(report: Report, tenant: Tenant, kind: Kind, framework: str) -> None:
    """Raise NotFound or InvalidInput if a new report of this kind and framework cannot supersede `report`."""
    if report.tenant_id != tenant.pk:
        raise NotFound("This report does not exist, or you do not have access to it.")
    same = report.kind == kind.key and ("framework" not in kind.asks or report.framework == framework)
    if not same:
        raise invalid(
            "supersedes",
            f"Report {report.number} is of another kind or framework. Choose a report of the same kind and framework.",
        )
    if not can_be_superseded(Report.objects.filter(pk=report.pk)).exists():
        raise invalid(
            "supersedes",
            f"Report {report.number} is not finished, or was already revoked or superseded. Choose another report.",
        )


def _check_replaces(report: Report, assessment: Assessment) -> None:
    """Raise InvalidInput if a report on `assessment` cannot supersede `report`.

    `assessment` must not be older than the assessment of `report`, and must cover the same subscriptions and
    directories. If `assessment` was cancelled, the assessment of `report` must also have been cancelled.
    """
    if as_of(assessment) < report.as_of:
        raise invalid(
            "supersedes",
            f"Report {report.number} states the results as of {report.as_of:%Y-%m-%d %H:%M} UTC, but assessment"
            f" {assessment.number} ended earlier. Choose a newer assessment, or an earlier report.",
        )
    if set(assessment.only) != set(report.assessment.only):
        raise invalid(
            "supersedes",
            f"Report {report.number} covers {_units(report.assessment)}, but assessment {assessment.number} covers"
            f" {_units(assessment)}. Choose an assessment of the same subscriptions and directories, or another"
            " report.",
        )
    cancelled = Assessment.State.CANCELLED
    if assessment.state == cancelled and report.assessment.state != cancelled:
        raise invalid(
            "supersedes",
            f"Assessment {assessment.number} was cancelled, but report {report.number} was built on a finished"
            " assessment. Choose a finished assessment.",
        )


def _units(assessment: Assessment) -> str:
    count = len(assessment.only)
    if not count:
        return "the whole customer"
    return f"{count} selected unit{'s' if count > 1 else ''}"


def requester_label(actor: Actor) -> str:
    """Return how a report names the person or worker that requested it."""
    if isinstance(actor, System):
        return f"Surety ({actor.name})"
    return f"{actor.name} <{actor.email}>" if actor.name else actor.email

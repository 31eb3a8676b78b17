"""Request an exception: check the request, store it with the observed values, and notify the approvers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from django.core.files.base import File
from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from assessments.estate.quantities import in_days
from assessments.models import Finding
from portal.treatment.actions._text import clean_text
from portal.treatment.actions.exceptions.records import notify_requested, record_journal, record_timeline
from portal.treatment.actions.exceptions.scope import requested_findings, requested_maximum
from portal.treatment.actions.files.store import discard, store_file
from portal.treatment.bulk import Constant, bulk_insert
from portal.treatment.locks import lock_treatments
from portal.treatment.matching import FIELDS
from portal.treatment.models import EvidenceFile, ExceptionItem, FindingException, TreatmentEvent
from portal.treatment.selectors.exception_scope import binding_digest
from tenants.errors import invalid
from tenants.models import Person, Tenant
from tenants.values.visible_text import is_blank

MIN_REASON_WORDS: Final = 3
MAX_TEXT: Final = 4000
END_TOO_EARLY: Final = "The end must be in the future and after the start. Choose a later end."
MAX_FILES: Final = 10
# Filling in the form takes some time. So a start that is in the past by less than this time counts as now.
CLOCK_TOLERANCE: Final = timedelta(minutes=10)
# The maximum time between a request and the start of its exception. An approver cannot judge the state of resources
# years in advance.
MAX_LEAD_TIME: Final = timedelta(days=366)

Scope = FindingException.Scope


@transaction.atomic
def request_exception(
    *,
    tenant: Tenant,
    by: Person,
    scope: FindingException.Scope,
    reason: str,
    ends_at: datetime,
    findings: QuerySet[Finding] | None = None,
    rule: Mapping[str, str] | None = None,
    starts_at: datetime | None = None,
    compensating_control: str = "",
    maximum: int | None = None,
    files: Iterable[File[bytes]] = (),
    now: datetime | None = None,
) -> FindingException:
    """Request an exception on one finding, a list of findings, or the findings that a rule matches.

    For a finding or list, all `findings` must fail. For a rule, `rule` is {column of `Matching`: value} with at least
    one condition. The rule may cover at most `maximum` findings (default: the number of matching findings that fail
    now).

    Raises InvalidInput with the field if a value is invalid. Raises NotFailing with the findings that do not fail.
    """
    lock_treatments(tenant.pk)
    now = now or timezone.now()
    exception = unsaved_exception(
        tenant=tenant,
        by=by,
        scope=scope,
        reason=reason,
        ends_at=ends_at,
        starts_at=starts_at,
        compensating_control=compensating_control,
        now=now,
    )
    rows = requested_findings(exception, findings, rule)
    seen = list(rows.values_list("pk", "observed_sha256", "observed"))
    exception.maximum = requested_maximum(exception, maximum, len(seen))
    last = FindingException.objects.filter(tenant=tenant).aggregate(last=Max("number"))["last"]
    exception.number = (last or 0) + 1
    exception.save(force_insert=True)
    if seen:
        bulk_insert(
            ExceptionItem,
            {
                "tenant": Constant(tenant),
                "exception": Constant(exception),
                "finding": [pk for pk, _, _ in seen],
                "requested_sha256": [sha256 for _, sha256, _ in seen],
                "requested_observed": [observed for _, _, observed in seen],
            },
        )
    stored_files: list[EvidenceFile] = []
    try:
        for file in files:
            if len(stored_files) == MAX_FILES:
                raise invalid("files", f"Add at most {MAX_FILES} files.")
            stored_files.append(store_file(tenant=tenant, by=by, file=file, exception=exception))
        ids = [pk for pk, _, _ in seen]
        record_timeline(exception, ids, by=by, at=now, kind=TreatmentEvent.Kind.EXCEPTION_REQUESTED)
        record_journal(
            exception,
            by=by,
            action="exception.requested",
            findings=ids,
            scope=exception.scope,
            maximum=exception.maximum,
            starts_at=exception.starts_at,
            ends_at=exception.ends_at,
            rule={name: getattr(exception, name) for name in FIELDS if getattr(exception, name)},
            files=[file.sha256 for file in stored_files],
            reason=exception.reason,
            compensating_control=exception.compensating_control,
            seen_sha256=binding_digest({pk: sha256 for pk, sha256, _ in seen}),
        )
        notify_requested(exception, len(ids), by=by)
    except BaseException:
        for stored in stored_files:
            discard(stored)
        raise
    return exception


def unsaved_exception(
    *,
    tenant: Tenant,
    by: Person,
    scope: FindingException.Scope,
    reason: str,
    ends_at: datetime,
    starts_at: datetime | None,
    compensating_control: str,
    now: datetime,
) -> FindingException:
    """Return a new, unsaved exception without findings. Raise InvalidInput if one of its texts or its period
    is invalid.
    """
    exception = FindingException(
        tenant=tenant,
        scope=Scope(scope),
        reason=valid_reason("reason", reason),
        compensating_control=clean_text("compensating_control", compensating_control, MAX_TEXT),
        requested_by=by,
        requested_at=now,
        cap_days=tenant.exception_cap_days,
    )
    _set_period(exception, starts_at, ends_at, now)
    return exception


def valid_reason(field: str, text: str) -> str:
    """Return the cleaned reason. Raise InvalidInput if it has fewer than `MIN_REASON_WORDS` words."""
    cleaned = clean_text(field, text, MAX_TEXT)
    if not has_enough_words(cleaned):
        raise invalid(field, f"Give a reason of at least {MIN_REASON_WORDS} words.", code="reason_missing")
    return cleaned


def has_enough_words(reason: str) -> bool:
    """Return whether a reason has at least `MIN_REASON_WORDS` words with visible characters."""
    return sum(not is_blank(word) for word in reason.split()) >= MIN_REASON_WORDS


def _set_period(
    exception: FindingException, starts_at: datetime | None, ends_at: datetime | None, now: datetime
) -> None:
    days = exception.cap_days
    if ends_at is None:
        raise invalid(
            "ends_at", f"Enter an end that is at most {in_days(days)} from now.", code="end_missing"
        )
    for field, moment in (("starts_at", starts_at), ("ends_at", ends_at)):
        if moment is not None and timezone.is_naive(moment):
            raise invalid(field, "Enter a date and time with a time zone.")
    if starts_at is not None and starts_at < now - CLOCK_TOLERANCE:
        raise invalid(
            "starts_at", "An exception cannot start in the past. Leave the start empty to start now."
        )
    if starts_at is not None and starts_at > now + MAX_LEAD_TIME:
        raise invalid(
            "starts_at",
            f"An exception can start at most {MAX_LEAD_TIME.days} days from now. Choose an earlier start.",
        )
    exception.starts_at = max(starts_at or now, now)
    exception.ends_at = ends_at
    if ends_at <= exception.starts_at:
        raise invalid(
            "ends_at",
            END_TOO_EARLY,
            code="end_too_early",
        )
    latest = exception.starts_at + timedelta(days=days)
    if ends_at > latest:
        raise invalid(
            "ends_at",
            f"The policy of {exception.tenant.name} allows exceptions of at most {in_days(days)}. Choose an end no"
            f" later than {latest:%Y-%m-%d %H:%M} UTC.",
            code="end_too_late",
        )

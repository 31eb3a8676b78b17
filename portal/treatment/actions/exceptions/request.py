"""Asking for an exception: what is asked is checked, noted with what was seen, and told to the approvers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from django.core.files.base import File
from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from assessments.models import Finding
from portal.treatment.actions.exceptions.audit import notify_requested, record_journal, record_timeline
from portal.treatment.actions.files import discard, store_file
from portal.treatment.bulk import Constant, bulk_insert
from portal.treatment.conditions import set_conditions
from portal.treatment.errors import NotFailing
from portal.treatment.locks import lock_treatments
from portal.treatment.matching import FIELDS, match
from portal.treatment.models import EvidenceFile, ExceptionItem, FindingException, TreatmentEvent
from portal.treatment.selectors.exception_scope import binding_digest
from tenants import scope as scopes
from tenants.errors import InvalidInput, PermissionDenied, invalid
from tenants.models import Person, Tenant
from tenants.roles import Capability

MIN_REASON_WORDS: Final = 3
MAX_TEXT: Final = 4000
MAX_FILES: Final = 10
MAX_NAMED_FINDINGS: Final = 5
# The column holds more; who allows more than this has not looked.
MAX_COVERED_FINDINGS: Final = 1_000_000
# A start that a form sent just now is now, not the past.
CLOCK_TOLERANCE: Final = timedelta(minutes=10)
# Who approves today cannot know what is there in years.
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
    """Ask for an exception on one finding, a list of findings or what a rule matches.

    `findings` (finding and list) must all fail; `rule` is {column of `Matching`: value} with at least one
    condition, and `maximum` how many findings it may cover: the ones that fail now unless given.
    InvalidInput names the field; NotFailing names the findings that do not fail.
    """
    lock_treatments(tenant.pk)
    now = now or timezone.now()
    exception = FindingException(
        tenant=tenant,
        scope=Scope(scope),
        reason=valid_reason("reason", reason),
        compensating_control=_clean_text("compensating_control", compensating_control),
        requested_by=by,
        requested_at=now,
        cap_days=tenant.exception_cap_days,
    )
    _set_period(exception, starts_at, ends_at, now)
    rows = _requested_findings(exception, findings, rule)
    seen = list(rows.values_list("pk", "observed_sha256", "observed"))
    exception.maximum = _maximum(exception, maximum, len(seen))
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
    kept: list[EvidenceFile] = []
    try:
        for file in files:
            if len(kept) == MAX_FILES:
                raise invalid("files", f"Add at most {MAX_FILES} files.")
            kept.append(store_file(tenant=tenant, by=by, file=file, exception=exception))
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
            files=[file.sha256 for file in kept],
            reason=exception.reason,
            compensating_control=exception.compensating_control,
            seen_sha256=binding_digest({pk: sha256 for pk, sha256, _ in seen}),
        )
        notify_requested(exception, len(ids), by=by)
    except BaseException:
        for stored in kept:
            discard(stored)
        raise
    return exception


def valid_reason(field: str, text: str) -> str:
    """A sentence, not a dot: at least three words."""
    cleaned = _clean_text(field, text)
    if len(cleaned.split()) < MIN_REASON_WORDS:
        raise invalid(field, f"Say why, in {MIN_REASON_WORDS} words or more.", code="reason_missing")
    return cleaned


def _clean_text(field: str, text: str) -> str:
    cleaned = text.replace("\x00", "").strip()
    if len(cleaned) > MAX_TEXT:
        raise invalid(field, f"Use at most {MAX_TEXT} characters.")
    return cleaned


def _set_period(
    exception: FindingException, starts_at: datetime | None, ends_at: datetime | None, now: datetime
) -> None:
    days = exception.cap_days
    if ends_at is None:
        raise invalid("ends_at", f"Give an end, at most {days} days away.", code="end_missing")
    for field, moment in (("starts_at", starts_at), ("ends_at", ends_at)):
        if moment is not None and timezone.is_naive(moment):
            raise invalid(field, "Give a date and time with its time zone.")
    if starts_at is not None and starts_at < now - CLOCK_TOLERANCE:
        raise invalid("starts_at", "An exception cannot start in the past. Leave the start empty for now.")
    if starts_at is not None and starts_at > now + MAX_LEAD_TIME:
        raise invalid(
            "starts_at", f"It can begin at most {MAX_LEAD_TIME.days} days from now. Ask again later."
        )
    exception.starts_at = max(starts_at or now, now)
    exception.ends_at = ends_at
    if ends_at <= exception.starts_at:
        raise invalid("ends_at", "The end must come after the start, and after now.", code="end_too_early")
    latest = exception.starts_at + timedelta(days=days)
    if ends_at > latest:
        raise invalid(
            "ends_at",
            f"{exception.tenant.name} allows exceptions of at most {days} days: "
            f"until {latest:%Y-%m-%d %H:%M} UTC at the latest.",
            code="end_too_late",
        )


def _requested_findings(
    exception: FindingException, findings: QuerySet[Finding] | None, rule: Mapping[str, str] | None
) -> QuerySet[Finding]:
    failing = Finding.objects.filter(
        tenant=exception.tenant, outcome=Finding.Outcome.FAIL, gone_at__isnull=True
    ).order_by("pk")
    if exception.scope == Scope.RULE:
        if findings is not None:
            raise InvalidInput("A rule says itself which findings it means: give no list besides.")
        _require_view_all(exception.tenant)
        set_conditions(exception, rule or {})
        return failing.filter(match(exception))
    if rule:
        raise InvalidInput("Only an exception of the scope “rule” takes a rule.")
    if findings is None:
        raise invalid("findings", "Choose the findings.", code="findings_missing")
    chosen = Finding.objects.filter(tenant=exception.tenant, pk__in=findings.order_by().values("pk"))
    others = chosen.exclude(outcome=Finding.Outcome.FAIL, gone_at__isnull=True)
    if count := others.count():
        names = [str(row) for row in others.order_by("control", "subject_key")[:MAX_NAMED_FINDINGS]]
        more = f" and {count - MAX_NAMED_FINDINGS} more" if count > MAX_NAMED_FINDINGS else ""
        raise NotFailing(
            f"Only what fails can be excepted. This does not fail now: {', '.join(names)}{more}.",
            fields={"findings": names},
        )
    found = chosen.count()
    if found == 0:
        raise invalid("findings", "Choose at least one finding.", code="findings_missing")
    if exception.scope == Scope.FINDING and found != 1:
        raise invalid("findings", "This scope takes exactly one finding: ask for a list instead.")
    return chosen.order_by("pk")


def _require_view_all(tenant: Tenant) -> None:
    """A rule reaches findings that somebody who sees only their own could not even look at."""
    held = scopes.current()
    if held.person is not None and not held.may(Capability.VIEW_ALL, tenant.pk):
        raise PermissionDenied("You see only what is yours: ask for an exception on findings, not by a rule.")


def _maximum(exception: FindingException, given: int | None, count: int) -> int:
    if exception.scope != Scope.RULE:
        return count
    if given is None and count == 0:
        raise invalid(
            "maximum", "Nothing that fails matches now: say how many findings it may come to cover."
        )
    return valid_maximum(count if given is None else given, count)


def valid_maximum(given: int, count: int) -> int:
    """How many findings a rule may cover: not fewer than it matches."""
    if given < max(count, 1):
        raise invalid(
            "maximum",
            f"It matches {count} failing finding{'' if count == 1 else 's'} now: allow at least that many, "
            "or narrow the rule."
            if count
            else "Allow at least one finding.",
            code="maximum_too_low",
        )
    if given > MAX_COVERED_FINDINGS:
        raise invalid("maximum", f"Allow at most {MAX_COVERED_FINDINGS} findings.")
    return given

"""Attest manual findings, withdraw attestations, and record their expiry.

A new attestation replaces the previous attestation, which stays unchanged as history. The finding's `Treatment` has the
current attestation in `attestation`, `attested_met` and `attested_until`. Some controls have answers that are valid
only for one observed value. For these controls, `attested_sha256` is the hash of this value.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.core.files.base import File
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from assessments.controls.registry import is_bound
from assessments.models import Finding
from portal.treatment import timeline
from portal.treatment.actions._text import clean_text
from portal.treatment.actions.attestations.records import (
    ATTESTATIONS,
    describe_answer,
    notify_end,
    record_journal,
)
from portal.treatment.actions.files.store import discard, store_file
from portal.treatment.errors import NotManual, WrongState
from portal.treatment.locks import lock_treatments
from portal.treatment.models import Attestation, EvidenceFile, Treatment, TreatmentEvent
from portal.treatment.naming import finding_label
from tenants.errors import Conflict, invalid
from tenants.models import Person, Tenant
from tenants.values.visible_text import is_blank

MAX_DAYS: Final = 366
MAX_STATEMENT: Final = 10_000
MAX_NOTE: Final = 2000
MAX_FILES: Final = 10
# People are notified of the coming end of an attestation this long in advance. For a short attestation, they are
# notified when a quarter of its duration is left.
NOTICE_PERIOD: Final = timedelta(days=14)


@transaction.atomic
def attest(
    *,
    finding: Finding,
    by: Person,
    met: bool,
    statement: str,
    valid_until: datetime,
    files: Iterable[File[bytes]] = (),
    seen: str | None = None,
    now: datetime | None = None,
) -> Attestation:
    """Attest a manual finding until a given date, at most 366 days from now. The new attestation replaces the current
    attestation.

    `seen` is the hash of the observed value that the person was shown. Raises Conflict (`changed_meanwhile`) if the
    value has changed since then, and NotManual if the finding is not manual. Raises InvalidInput if `statement`,
    `valid_until` or `files` is invalid.
    """
    lock_treatments(finding.tenant_id)
    row = Finding.objects.select_related("tenant").get(pk=finding.pk)
    _require_manual(row)
    if seen is not None and seen != row.observed_sha256:
        raise Conflict(
            "The results of the automatic checks have changed since you opened the page. Review the results, then"
            " answer.",
            code="changed_meanwhile",
        )
    now = now or timezone.now()
    statement = statement.replace("\x00", "\ufffd").replace("\r\n", "\n").strip()
    check_answer(statement, valid_until, now)
    before = _current_answer(row)
    attestation = Attestation.objects.create(
        tenant=row.tenant,
        finding=row,
        met=met,
        statement=statement,
        observed_sha256=row.observed_sha256,
        attested_by=by,
        attested_at=now,
        valid_until=valid_until,
    )
    stored_files = _store_files(attestation, by, files)
    apply_current_answer(row)
    timeline.write_events(
        [
            timeline.build_event(
                tenant=row.tenant,
                finding_id=row.pk,
                by=by,
                at=now,
                kind=TreatmentEvent.Kind.ATTESTED,
                before=describe_answer(before),
                after=describe_answer(attestation),
                note=statement,
                attestation=attestation,
            )
        ]
    )
    record_journal("attestation.given", attestation, by, before, files=[file.sha256 for file in stored_files])
    return attestation


@transaction.atomic
def withdraw_attestation(
    *, attestation: Attestation, by: Person, note: str = "", now: datetime | None = None
) -> None:
    """Withdraw an attestation. The newest earlier attestation of the finding that was not withdrawn, if there is one,
    becomes the current attestation again.

    Raises WrongState if the attestation was already withdrawn or replaced, or has expired. An expired attestation
    counts as a failure until somebody attests again.
    """
    lock_treatments(attestation.tenant_id)
    note = clean_text("note", note, MAX_NOTE)
    finding = Finding.objects.select_related("tenant").get(pk=attestation.finding_id)
    row = Attestation.objects.get(pk=attestation.pk)
    now = now or timezone.now()
    if row.withdrawn_at is not None:
        raise WrongState("This attestation was already withdrawn. Reload the page.")
    if row != _current_answer(finding):
        raise WrongState(
            "A newer attestation has replaced this one. Only the current attestation can be withdrawn."
        )
    if row.valid_until <= now:
        raise WrongState(
            "This attestation has expired, so it cannot be withdrawn. Attest the control again instead."
        )
    row.withdrawn_by, row.withdrawn_at = by, now
    row.save(update_fields=["withdrawn_by", "withdrawn_at"])
    after = apply_current_answer(finding)
    timeline.write_events(
        [
            timeline.build_event(
                tenant=finding.tenant,
                finding_id=finding.pk,
                by=by,
                at=now,
                kind=TreatmentEvent.Kind.ATTESTATION_WITHDRAWN,
                before=describe_answer(row),
                after=describe_answer(after),
                note=note,
                attestation=row,
            )
        ]
    )
    record_journal("attestation.withdrawn", row, by, after)


@transaction.atomic
def lapse_expired(*, tenant: Tenant, now: datetime) -> int:
    """Record which attestations have newly expired, and return their number.

    States and scores do not use this record, because they compare the end of an attestation with the current time. The
    function also notifies people of attestations that end soon, and of attestations that are no longer valid because
    the observed value has changed.
    """
    lock_treatments(tenant.pk)
    ended = _current_attestations(tenant).filter(valid_until__lte=now, lapsed_at__isnull=True)
    lapsed = list(ended)
    for row in lapsed:
        row.lapsed_at = now
        row.save(update_fields=["lapsed_at"])
        record_journal("attestation.lapsed", row, ATTESTATIONS, None)
        notify_end(
            tenant,
            row,
            kind="attestation_lapsed",
            title=f"Attestation expired: {finding_label(row.finding)}",
            line="The control counts as failing until it is attested again.",
        )
    timeline.write_events(
        timeline.build_event(
            tenant=tenant,
            finding_id=row.finding_id,
            by=ATTESTATIONS,
            at=now,
            kind=TreatmentEvent.Kind.ATTESTATION_LAPSED,
            before=describe_answer(row),
            after="Attestation expired",
            attestation=row,
        )
        for row in lapsed
    )
    _notify_ending(tenant, now)
    _notify_reopened(tenant, now)
    return len(lapsed)


def apply_current_answer(finding: Finding) -> Attestation | None:
    """Store the finding's current attestation in its treatment, and return the attestation.

    The current attestation is the newest attestation that was not withdrawn, or None.
    """
    answer = (
        Attestation.objects.filter(finding=finding, withdrawn_at__isnull=True)
        .order_by("-attested_at", "-id")
        .first()
    )
    Treatment.objects.update_or_create(
        finding=finding,
        tenant=finding.tenant,
        defaults={
            "attestation": answer,
            "attested_met": answer.met if answer else None,
            "attested_until": answer.valid_until if answer else None,
            "attested_sha256": answer.observed_sha256 if answer and is_bound(finding.control) else "",
        },
    )
    return answer


def _store_files(attestation: Attestation, by: Person, files: Iterable[File[bytes]]) -> list[EvidenceFile]:
    stored: list[EvidenceFile] = []
    try:
        for file in files:
            if len(stored) == MAX_FILES:
                raise invalid("files", f"Add at most {MAX_FILES} files.")
            stored.append(store_file(tenant=attestation.tenant, by=by, file=file, attestation=attestation))
    except BaseException:
        for row in stored:
            discard(row)
        raise
    return stored


def _require_manual(finding: Finding) -> None:
    if finding.gone_at is not None:
        raise NotManual(
            "The resource of this finding no longer exists or is no longer assessed, so there is nothing to attest."
        )
    if finding.outcome != Finding.Outcome.MANUAL:
        raise NotManual(
            f"This finding is checked automatically (result: {finding.get_outcome_display().lower()}). Only manual "
            "findings can be attested."
        )


def check_answer(statement: str, valid_until: datetime, now: datetime) -> None:
    """Raise InvalidInput if the statement or the end of an attestation is invalid."""
    if is_blank(statement):
        raise invalid("statement", "Describe what you checked and what you found.")
    if len(statement) > MAX_STATEMENT:
        raise invalid(
            "statement", f"Use at most {MAX_STATEMENT:,} characters. Attach a longer text as a file."
        )
    if valid_until <= now:
        raise invalid("valid_until", "The end must be in the future. Choose a later day.")
    if valid_until > now + timedelta(days=MAX_DAYS):
        raise invalid(
            "valid_until", f"An attestation is valid for at most {MAX_DAYS} days. Choose an earlier end."
        )


def _current_answer(finding: Finding) -> Attestation | None:
    treatment = Treatment.objects.select_related("attestation").filter(finding=finding).first()
    return treatment.attestation if treatment else None


def _current_attestations(tenant: Tenant) -> QuerySet[Attestation]:
    """Return the current attestations of findings that are manual now."""
    return Attestation.objects.filter(
        tenant=tenant,
        pk__in=Treatment.objects.filter(tenant=tenant, attestation__isnull=False).values("attestation_id"),
        finding__outcome=Finding.Outcome.MANUAL,
        finding__gone_at__isnull=True,
    ).select_related("finding", "attested_by")


def _notify_ending(tenant: Tenant, now: datetime) -> None:
    soon = _current_attestations(tenant).filter(
        valid_until__gt=now, valid_until__lte=now + NOTICE_PERIOD, notice_at__isnull=True
    )
    for row in soon:
        if row.valid_until - now > (row.valid_until - row.attested_at) / 4:
            continue
        row.notice_at = now
        row.save(update_fields=["notice_at"])
        notify_end(
            tenant,
            row,
            kind="attestation_due",
            title=f"Attestation ends soon: {finding_label(row.finding)}",
            line=f"The attestation ends on {timeline.format_day(row.valid_until)}. Attest the control again"
            " before it ends. Otherwise, the control counts as failing.",
        )


def _notify_reopened(tenant: Tenant, now: datetime) -> None:
    """Notify people once about each attestation that is no longer valid because the observed value has changed."""
    bound = (
        _current_attestations(tenant)
        .filter(valid_until__gt=now)
        .exclude(finding__treatment__attested_sha256="")
    )
    for row in bound.exclude(finding__treatment__attested_sha256=F("finding__observed_sha256")):
        notify_end(
            tenant,
            row,
            kind="attestation_lapsed",
            reason="asked_anew",
            title=f"Attestation no longer valid: {finding_label(row.finding)}",
            line="The observed value has changed since the attestation. Attest the control again.",
        )

"""Send due mails one at a time over one connection to the mail server."""

from __future__ import annotations

import smtplib
import time
from collections import defaultdict
from typing import Final
from uuid import UUID

import structlog
from django.core.mail import mailers
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import QuerySet
from django.utils import timezone

from portal.notify.access import blocked_notices
from portal.notify.attempts import retry_time
from portal.notify.delivery.claims import MAX_MAIL_ATTEMPTS, claim_mail, record_mail
from portal.notify.delivery.mail_messages import compose
from portal.notify.delivery.smtp import Failure, close, connection_problem, send_message
from portal.notify.models import Notice
from portal.notify.notice_validity import OUTDATED, still_valid
from tenants.scope import tenant_scope

log = structlog.get_logger(__name__)

FIRST_RETRY_SECONDS: Final = 60.0
MAX_RETRY_SECONDS: Final = 2 * 3600.0


def send_mails(tenant_id: UUID, *, until: float) -> int:
    """Send a tenant's due mails; return how many the mail server accepted.

    Start no mail after `until`, a time of `time.monotonic()`. If the mail server cannot be reached, no attempt is
    counted: the notices stay due, and each notice stores the reason.
    """
    if not _is_mail_due(tenant_id):
        return 0
    mailer = mailers["default"]
    try:
        mailer.open()
    except (OSError, smtplib.SMTPException) as error:
        _note_unreachable(tenant_id, error)
        return 0
    try:
        return _send_all(tenant_id, mailer, until)
    finally:
        close(mailer)


def _send_all(tenant_id: UUID, mailer: BaseEmailBackend, until: float) -> int:
    sent = 0
    while time.monotonic() < until:
        with tenant_scope(tenant_id):
            claimed = claim_mail(tenant_id)
        if not claimed:
            break
        # Render in a second transaction. If rendering fails, the claim is already committed and counts as an attempt.
        with tenant_scope(tenant_id):
            notices = _valid_notices(claimed)
            message = compose(notices, notices[0].tenant) if notices else None
        if message is None:
            continue
        failure = send_message(mailer, message)
        with tenant_scope(tenant_id):
            _record(notices, failure)
        sent += failure is None
        if failure is not None and failure.server:
            break
    return sent


def _valid_notices(claimed: list[Notice]) -> list[Notice]:
    """Return the notices to mail, with their current text. For the other notices, record why they are not mailed."""
    tenant = claimed[0].tenant
    reasons = blocked_notices(claimed, tenant)
    valid = still_valid([notice for notice in claimed if notice.pk not in reasons], tenant)
    valid_ids = {notice.pk for notice in valid}
    by_reason: dict[str, list[Notice]] = defaultdict(list)
    for notice in claimed:
        if notice.pk not in valid_ids:
            by_reason[reasons.get(notice.pk, OUTDATED)].append(notice)
    for reason, notices in by_reason.items():
        record_mail(notices, state=Notice.State.KEPT, error=reason, findings=[])
    return valid


def _record(notices: list[Notice], failure: Failure | None) -> None:
    now = timezone.now()
    if failure is None:
        record_mail(notices, state=Notice.State.SENT, sent_at=now, error="", findings=[])
        return
    log.warning("mail not sent", notices=len(notices), error=failure.error)
    failed = [n for n in notices if failure.final or n.attempts >= MAX_MAIL_ATTEMPTS]
    record_mail(failed, state=Notice.State.FAILED, error=failure.error)
    retried = [n for n in notices if not failure.final and n.attempts < MAX_MAIL_ATTEMPTS]
    if retried:
        # All notices get the same time of the next attempt, so that they stay in one digest.
        due_at = retry_time(
            max(n.attempts for n in retried), first=FIRST_RETRY_SECONDS, maximum=MAX_RETRY_SECONDS
        )
        record_mail(retried, due_at=due_at, error=failure.error)


def _is_mail_due(tenant_id: UUID) -> bool:
    with tenant_scope(tenant_id):
        return _due_notices(tenant_id).exists()


def _note_unreachable(tenant_id: UUID, error: OSError | smtplib.SMTPException) -> None:
    text = f"{connection_problem(error)} Surety tries again every minute."
    log.error("mail server unreachable", error=f"{type(error).__name__}: {error}")
    with tenant_scope(tenant_id):
        _due_notices(tenant_id).update(error=text)


def _due_notices(tenant_id: UUID) -> QuerySet[Notice]:
    return Notice.objects.filter(tenant_id=tenant_id, state=Notice.State.WAITING, due_at__lte=timezone.now())

"""Mail: one connection for all that is due, one message at a time."""

from __future__ import annotations

import smtplib
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import structlog
from django.core.mail import EmailMultiAlternatives, mailers
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import QuerySet
from django.utils import timezone

from portal.notify.access import blocked_notices
from portal.notify.delivery.claims import MAIL_TRIES, claim_mail, record_mail, retry_time
from portal.notify.delivery.mail_messages import compose
from portal.notify.models import Notice
from portal.notify.notice_validity import OUTDATED, still_valid
from tenants.scope import tenant_scope

log = structlog.get_logger(__name__)

FIRST_RETRY_SECONDS: Final = 60.0
MAX_RETRY_SECONDS: Final = 2 * 3600.0


@dataclass(frozen=True, slots=True)
class _Failure:
    """`final`: trying again would not help. `server`: it is not about this message, so stop for now."""

    error: str
    final: bool = False
    server: bool = False


def send_mails(tenant_id: UUID, *, until: float) -> int:
    """Mail what is due of a tenant until `until` (of `time.monotonic`). How many mails the server took.

    A mail server that cannot be reached costs no try: everything stays due, with the reason beside it.
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
        _close(mailer)


def _send_all(tenant_id: UUID, mailer: BaseEmailBackend, until: float) -> int:
    sent = 0
    while time.monotonic() < until:
        with tenant_scope(tenant_id):
            claimed = claim_mail(tenant_id)
        if not claimed:
            break
        # Apart from the claim: what cannot be written must not be claimed for ever without a try counted.
        with tenant_scope(tenant_id):
            notices = _keep_valid(claimed)
            message = compose(notices, notices[0].tenant) if notices else None
        if message is None:
            continue
        failure = _hand_over(mailer, message)
        with tenant_scope(tenant_id):
            _record(notices, failure)
        sent += failure is None
        if failure is not None and failure.server:
            break
    return sent


def _keep_valid(claimed: list[Notice]) -> list[Notice]:
    """Those that may still be mailed, with what of them still holds; the others are kept, with the reason."""
    tenant = claimed[0].tenant
    reasons = blocked_notices(claimed, tenant)
    kept = still_valid([notice for notice in claimed if notice.pk not in reasons], tenant)
    left = {notice.pk for notice in kept}
    by_reason: dict[str, list[Notice]] = defaultdict(list)
    for notice in claimed:
        if notice.pk not in left:
            by_reason[reasons.get(notice.pk, OUTDATED)].append(notice)
    for reason, notices in by_reason.items():
        record_mail(notices, state=Notice.State.KEPT, error=reason, findings=[])
    return kept


def _hand_over(mailer: BaseEmailBackend, message: EmailMultiAlternatives) -> _Failure | None:
    try:
        mailer.send_messages([message])
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()), (0, b""))
        return _Failure(
            f"The mail server refused the address: {_server_reply(code, text)}", final=code >= 500
        )
    except smtplib.SMTPDataError as error:
        code = error.smtp_code
        return _Failure(
            f"The mail server refused the message: {_server_reply(code, error.smtp_error)}", code >= 500
        )
    except smtplib.SMTPResponseException as error:
        said = _server_reply(error.smtp_code, error.smtp_error)
        return _Failure(f"The mail server refused to serve us: {said}", server=True)
    except (smtplib.SMTPException, OSError) as error:
        return _Failure(f"The mail server broke off: {type(error).__name__}.", server=True)
    except ValueError as error:
        # The library refuses an address or a header that it cannot write.
        return _Failure(f"No mail can be made of it: {error}", final=True)
    return None


def _record(notices: list[Notice], failure: _Failure | None) -> None:
    now = timezone.now()
    if failure is None:
        record_mail(notices, state=Notice.State.SENT, sent_at=now, error="", findings=[])
        return
    log.warning("mail not sent", notices=len(notices), error=failure.error)
    over = [n for n in notices if failure.final or n.attempts >= MAIL_TRIES]
    record_mail(over, state=Notice.State.FAILED, error=failure.error)
    again = [n for n in notices if not failure.final and n.attempts < MAIL_TRIES]
    if again:
        # One moment for all, so that a digest stays together.
        moment = retry_time(max(n.attempts for n in again), first=FIRST_RETRY_SECONDS, most=MAX_RETRY_SECONDS)
        record_mail(again, due_at=moment, error=failure.error)


def _is_mail_due(tenant_id: UUID) -> bool:
    with tenant_scope(tenant_id):
        return _due_notices(tenant_id).exists()


def _note_unreachable(tenant_id: UUID, error: Exception) -> None:
    text = f"The mail server cannot be reached ({type(error).__name__}). It is tried every minute."
    log.error("mail server unreachable", error=f"{type(error).__name__}: {error}")
    with tenant_scope(tenant_id):
        _due_notices(tenant_id).update(error=text)


def _due_notices(tenant_id: UUID) -> QuerySet[Notice]:
    return Notice.objects.filter(tenant_id=tenant_id, state=Notice.State.WAITING, due_at__lte=timezone.now())


def _close(mailer: BaseEmailBackend) -> None:
    try:
        mailer.close()
    except (OSError, smtplib.SMTPException) as error:
        log.warning("mail server did not say goodbye", error=type(error).__name__)


def _server_reply(code: int, text: bytes | str) -> str:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {' '.join(words.split())[:200]}"

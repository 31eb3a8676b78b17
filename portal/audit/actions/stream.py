"""Send the entries of all chains to the configured receiver, each at least once and in order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone

from portal.audit import receivers
from portal.audit.chains import chains
from portal.audit.messages import line, ndjson, syslog
from portal.audit.models import StreamCursor
from portal.audit.receivers import NotReceived, Receiver, RefusedContent
from tenants import journal
from tenants.journal import Owner
from tenants.models import Organization, Tenant
from tenants.scope import organization_scope

log = structlog.get_logger(__name__)

BATCH: Final = 500
# The maximum number of bytes in a batch, because many receivers refuse every post of more than 1 MB. An entry that is
# larger than this limit is sent in a batch of its own.
MAX_BATCH_BYTES: Final = 512 * 1024
# The maximum number of batches of a chain in one run, so that a long chain does not delay the other chains.
MAX_BATCHES: Final = 20


@dataclass(frozen=True, slots=True)
class _Batch:
    """The result of sending a batch. `sent` is the number of sent entries. `has_more` is set if the chain has further
    entries to send. `failure` is the reason why the batch was not sent, or None.
    """

    sent: int = 0
    has_more: bool = False
    failure: NotReceived | None = None


def stream_organization(organization_id: UUID) -> int:
    """Send the new entries of the organization's chains. Return the number of sent entries.

    A failure ends the run, because all chains have the same receiver. But if the receiver refuses only the content of a
    batch, the run continues with the next chain. In both cases, the cursor of the failed chain stores the reason.
    """
    receiver = receivers.configured()
    if receiver is None:
        return 0
    with organization_scope(organization_id):
        organization = Organization.objects.get(pk=organization_id)
        places = list(chains(organization))
    sent = 0
    for owner, tenant in places:
        for _ in range(MAX_BATCHES):
            batch = _batch(receiver, organization, owner, tenant)
            sent += batch.sent
            if batch.failure is not None and not isinstance(batch.failure, RefusedContent):
                return sent
            if not batch.has_more:
                break
    return sent


def _batch(receiver: Receiver, organization: Organization, owner: Owner, tenant: Tenant | None) -> _Batch:
    """Send the next entries of one chain, and move its cursor.

    Meanwhile, the row of the cursor is locked, so other workers skip the chain. In this way, the entries stay in order.
    """
    with organization_scope(organization.pk), transaction.atomic():
        StreamCursor.objects.get_or_create(organization=organization, tenant=tenant)
        rows = StreamCursor.objects.select_for_update(skip_locked=True, of=("self",))
        cursor = rows.filter(organization=organization, tenant=tenant).first()
        if cursor is None:
            return _Batch()
        chain = journal.chain_of(owner)
        entries = journal.entries(owner).filter(sequence__gt=cursor.sequence)[: BATCH + 1]
        waiting = [line(chain, entry) for entry in entries]
        lines = _beginning(waiting)
        if not lines:
            return _Batch()
        try:
            _send(receiver, lines, chain)
        except NotReceived as error:
            log.warning("journal_stream_failed", chain=chain, receiver=receiver.label, error=error.message)
            now = timezone.now()
            if cursor.failed_at is None:
                cursor.failing_since = now
            cursor.failed_at, cursor.error, cursor.failures = now, error.message, cursor.failures + 1
            cursor.save(update_fields=["failed_at", "error", "failing_since", "failures"])
            return _Batch(failure=error)
        cursor.sequence, cursor.streamed_at = lines[-1]["sequence"], timezone.now()
        cursor.failed_at, cursor.error, cursor.failing_since, cursor.failures = None, "", None, 0
        cursor.save(
            update_fields=["sequence", "streamed_at", "failed_at", "error", "failing_since", "failures"]
        )
        return _Batch(len(lines), has_more=len(lines) < len(waiting))


def _beginning(waiting: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the first entries that fit into a batch."""
    lines: list[dict[str, Any]] = []
    size = 0
    for one in waiting:
        size += len(ndjson([one]))
        if len(lines) == BATCH or (lines and size > MAX_BATCH_BYTES):
            break
        lines.append(one)
    return lines


def _send(receiver: Receiver, lines: list[dict[str, Any]], chain: str) -> None:
    if not receiver.url:
        receivers.send_messages(receiver, [syslog(one) for one in lines])
        return
    first, last = lines[0]["sequence"], lines[-1]["sequence"]
    receivers.post(
        receiver.url,
        ndjson(lines),
        event="journal_entries",
        delivery=f"{chain}:{first}-{last}",
        timestamp=int(timezone.now().timestamp()),
    )

"""Send the entries of all chains to the configured receiver, each at least once and in order."""

from __future__ import annotations

from typing import Final
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone

from portal.audit import receivers
from portal.audit.chains import chains
from portal.audit.messages import line, ndjson, syslog
from portal.audit.models import StreamCursor
from portal.audit.receivers import NotReceived, Receiver
from tenants import journal
from tenants.journal import Owner
from tenants.models import Organization, Tenant
from tenants.scope import organization_scope

log = structlog.get_logger(__name__)

BATCH: Final = 500
# The maximum number of batches of a chain in one run, so that a long chain does not delay the other chains.
MAX_BATCHES: Final = 20


def stream_organization(organization_id: UUID) -> int:
    """Send the new entries of the organization's chains. Return the number of sent entries.

    The first failure ends the run, because all chains have the same receiver. The cursor stores the reason.
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
            count, failed = _batch(receiver, organization, owner, tenant)
            sent += count
            if failed:
                return sent
            if count < BATCH:
                break
    return sent


def _batch(
    receiver: Receiver, organization: Organization, owner: Owner, tenant: Tenant | None
) -> tuple[int, bool]:
    """Send the next entries of one chain and move its cursor. Return their number, and whether sending failed.

    The row of the cursor is locked during this time, and other workers skip the chain. So entries stay in order.
    """
    with organization_scope(organization.pk), transaction.atomic():
        StreamCursor.objects.get_or_create(organization=organization, tenant=tenant)
        rows = StreamCursor.objects.select_for_update(skip_locked=True, of=("self",))
        cursor = rows.filter(organization=organization, tenant=tenant).first()
        if cursor is None:
            return 0, False
        chain = journal.chain_of(owner)
        entries = journal.entries(owner).filter(sequence__gt=cursor.sequence)[:BATCH]
        lines = [line(chain, entry) for entry in entries]
        if not lines:
            return 0, False
        try:
            _send(receiver, lines, chain)
        except NotReceived as error:
            log.warning("journal_stream_failed", chain=chain, receiver=receiver.label, error=error.message)
            cursor.failed_at, cursor.error = timezone.now(), error.message
            cursor.save(update_fields=["failed_at", "error"])
            return 0, True
        cursor.sequence, cursor.streamed_at = lines[-1]["sequence"], timezone.now()
        cursor.failed_at, cursor.error = None, ""
        cursor.save(update_fields=["sequence", "streamed_at", "failed_at", "error"])
        return len(lines), False


def _send(receiver: Receiver, lines: list[dict[str, object]], chain: str) -> None:
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

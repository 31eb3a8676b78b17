"""Anchor the heads of all chains outside of the database, once a day.

Receivers are a mailbox, a webhook and a time-stamp authority. If a receiver fails, the anchor records the reason, and
the run of the next day tries again.
"""

from __future__ import annotations

import smtplib
from uuid import UUID

import structlog
from django.conf import settings
from django.core.mail import EmailMessage, mailers
from django.db import transaction
from django.utils import timezone

from portal.audit import heads, receivers
from portal.audit.chains import chains
from portal.audit.models import Anchor
from portal.audit.receivers import NotReceived
from portal.reports.signatures import time_stamps
from tenants import journal
from tenants.models import Organization
from tenants.scope import organization_scope

log = structlog.get_logger(__name__)


def configured() -> bool:
    """Return whether any receiver of anchors is configured."""
    return bool(settings.SURETY_ANCHOR_MAIL or settings.SURETY_ANCHOR_WEBHOOK or time_stamps.authority())


def anchor_organization(organization_id: UUID) -> list[Anchor]:
    """Send the head of each chain to the configured receivers that have not accepted it yet.

    Return the anchors of these heads, whether or not a receiver accepted them.
    """
    with organization_scope(organization_id):
        organization = Organization.objects.get(pk=organization_id)
        made = _new(organization)
    if not made:
        return []
    # Send requests to receivers only outside of transactions, because the answers can take long.
    for anchor in made:
        _stamp(anchor)
    _mail(organization, made)
    _post(organization, made)
    with organization_scope(organization_id), transaction.atomic():
        for anchor in made:
            _store(anchor)
    return made


def _store(anchor: Anchor) -> None:
    """Store what the receivers answered for this anchor: the time stamp, the times of delivery, and the error.

    If another worker has stored a time stamp or a time in the meantime, keep it.
    """
    row = Anchor.objects.select_for_update(of=("self",)).get(pk=anchor.pk)
    if row.token is None:
        row.token, row.stamped_at, row.authority = anchor.token, anchor.stamped_at, anchor.authority
    row.mailed_at = row.mailed_at or anchor.mailed_at
    row.posted_at = row.posted_at or anchor.posted_at
    row.error = anchor.error
    row.save(update_fields=["token", "stamped_at", "authority", "mailed_at", "posted_at", "error"])


def _new(organization: Organization) -> list[Anchor]:
    """Return an anchor for the present head of each chain. Leave out empty chains, and heads that all configured
    receivers have accepted.
    """
    now, found = timezone.now(), []
    for owner, tenant in chains(organization):
        head = journal.head(owner)
        if head.sequence == 0:
            continue
        anchor, _ = Anchor.objects.get_or_create(
            organization=organization,
            tenant=tenant,
            sequence=head.sequence,
            defaults={"hash": head.hash, "made_at": now},
        )
        anchor.organization, anchor.tenant = organization, tenant
        if _is_missing(anchor):
            anchor.error = ""
            found.append(anchor)
    return found


def _is_missing(anchor: Anchor) -> bool:
    places = (
        (settings.SURETY_ANCHOR_MAIL, anchor.mailed_at),
        (settings.SURETY_ANCHOR_WEBHOOK, anchor.posted_at),
        (time_stamps.authority(), anchor.token),
    )
    return any(place and not done for place, done in places)


def _stamp(anchor: Anchor) -> None:
    if not time_stamps.authority() or anchor.token:
        return
    try:
        stamp = time_stamps.request(heads.digest(anchor))
    except time_stamps.NotStamped as error:
        _note(anchor, error.message)
        return
    anchor.token, anchor.stamped_at, anchor.authority = stamp.token, stamp.at, stamp.authority[:300]


def _mail(organization: Organization, made: list[Anchor]) -> None:
    made = [anchor for anchor in made if not anchor.mailed_at]
    if not settings.SURETY_ANCHOR_MAIL or not made:
        return
    message = EmailMessage(
        subject=f"Journal heads of {organization.name}, {timezone.now():%Y-%m-%d}"[:180].replace("\n", " "),
        body="Keep this mail. These heads can show later whether the journals are intact. docs/journal.md explains"
        " how to compare the heads with the journals.\n\n"
        + "\n".join(f"{anchor.owner.name}\n{heads.text(anchor)}" for anchor in made),
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[settings.SURETY_ANCHOR_MAIL],
        headers={"Auto-Submitted": "auto-generated"},
    )
    try:
        mailers["default"].send_messages([message])
    except (OSError, smtplib.SMTPException) as error:
        for anchor in made:
            _note(anchor, f"The mail could not be sent ({type(error).__name__}). Check the mail server.")
        return
    for anchor in made:
        anchor.mailed_at = timezone.now()


def _post(organization: Organization, made: list[Anchor]) -> None:
    made = [anchor for anchor in made if not anchor.posted_at]
    if not settings.SURETY_ANCHOR_WEBHOOK or not made:
        return
    now = timezone.now()
    try:
        receivers.post(
            settings.SURETY_ANCHOR_WEBHOOK,
            "\n".join(heads.text(anchor) for anchor in made).encode(),
            event="journal_heads",
            delivery=f"organization:{organization.pk}:{now:%Y-%m-%d}",
            timestamp=int(now.timestamp()),
        )
    except NotReceived as error:
        for anchor in made:
            _note(anchor, error.message)
        return
    for anchor in made:
        anchor.posted_at = now


def _note(anchor: Anchor, reason: str) -> None:
    anchor.error = f"{anchor.error} {reason}".strip()
    log.warning("journal_anchor_failed", anchor=str(anchor.pk), error=reason)

"""Queries about anchors and the stream for the journal's page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db.models import Q

from portal.audit import receivers
from portal.audit.models import Anchor, StreamCursor
from portal.audit.verify import anchors_of
from portal.reports.signatures import time_stamps
from tenants.journal import Owner
from tenants.models import Organization

MAX_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class StreamState:
    """The state of the stream of an organization's chains.

    `receiver` is the receiver in words. `failing` is the cursor of the chain that failed last, and `newest` the cursor
    of the chain from which entries were sent last.
    """

    receiver: str
    failing: StreamCursor | None
    newest: StreamCursor | None


def anchoring() -> list[str]:
    """Return in words how heads are anchored, such as “mailed”; empty if no receiver is configured."""
    places = {
        "mailed": settings.SURETY_ANCHOR_MAIL,
        "posted to a webhook": settings.SURETY_ANCHOR_WEBHOOK,
        "stamped by a time-stamp authority": time_stamps.authority(),
    }
    return [words for words, place in places.items() if place]


def latest_anchors(owner: Owner) -> list[Anchor]:
    """Return the newest anchors of a chain."""
    return list(anchors_of(owner)[:MAX_SHOWN])


def stream_of(owner: Owner) -> StreamState | None:
    """Return the state of the organization's stream, or None if no receiver is set."""
    receiver = receivers.configured()
    if receiver is None or not isinstance(owner, Organization):
        return None
    rows = StreamCursor.objects.filter(organization=owner).select_related("tenant", "organization")
    failing = rows.filter(~Q(error="")).order_by("-failed_at").first()
    newest = rows.filter(streamed_at__isnull=False).order_by("-streamed_at").first()
    return StreamState(receiver.label, failing, newest)

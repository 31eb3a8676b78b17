"""Limit how many logos and previews of reports are drawn at the same time. Each drawing needs much memory and processor
time.
"""

from __future__ import annotations

from typing import Final

from tenants.errors import Conflict
from tenants.locks import Lock, try_lock
from tenants.models import Organization

SLOTS: Final = 2


def take_drawing_slot(organization: Organization) -> None:
    """Reserve the right to draw one logo or preview until the transaction ends.

    One organization can draw one logo or preview at a time. All organizations together can draw `SLOTS` at a time.
    Raise Conflict (drawing_busy) if one of the limits is reached.

    Call this function only once in a transaction: a second call can take another slot.
    """
    is_free = try_lock(Lock.DRAWING_SLOT, str(organization.pk)) and any(
        try_lock(Lock.DRAWING_SLOT, str(number)) for number in range(SLOTS)
    )
    if not is_free:
        raise Conflict(
            "Other logos are being drawn at the moment. Try again in a few seconds.", code="drawing_busy"
        )

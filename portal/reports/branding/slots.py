"""Limit how many logos and previews are drawn at the same time, because each needs processes with much memory and
processor time.
"""

from __future__ import annotations

from typing import Final

from tenants.errors import Conflict
from tenants.locks import Lock, try_lock
from tenants.models import Organization

SLOTS: Final = 2


def take_drawing_slot(organization: Organization) -> None:
    """Occupy the organization's slot and one of the installation's slots until the transaction ends.

    A second call in the same transaction has no effect. Raise Conflict (drawing_busy) if one of the two slots
    is not free. Because of the two limits, one organization can occupy neither the web server nor all slots.
    """
    is_free = try_lock(Lock.DRAWING_SLOT, str(organization.pk)) and any(
        try_lock(Lock.DRAWING_SLOT, str(number)) for number in range(SLOTS)
    )
    if not is_free:
        raise Conflict(
            "Other logos are being drawn at the moment. Try again in a few seconds.", code="drawing_busy"
        )

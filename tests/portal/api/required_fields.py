"""Fields without which the body of an operation is refused before its ids are read. They replace examples that select
findings with filters or have a day that will be in the past.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

REQUIRED_FIELDS: dict[str, dict[str, Any]] = {
    "start_bulk_job": {"action": "claim"},
    "preview_bulk_job": {"action": "claim"},
    "request_exception": {
        "reason": "Replaced next month",
        "ends_at": (timezone.now() + timedelta(days=30)).isoformat(),
    },
}

"""Required fields of bodies. Without them, an operation would refuse a body before it reads the ids in the body.

Tests use these fields instead of the examples of the contract, which select findings with filters or contain a day that
will be in the past.
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

"""Preview the recorded changes that a watch rule would have caught."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from portal.changes.globs import Budget, OutOfTime
from portal.changes.models import ResourceChange, WatchRule
from portal.changes.rules import catches
from tenants.models import Tenant

PREVIEW_DAYS: Final = 30
MAX_EXAMINED: Final = 5000
SAMPLE: Final = 10
SECONDS: Final = 0.5
"""The maximum processor time, in seconds, for comparing globs. A comparison of five globs with 5,000 changes, each with
ten properties, takes 0.3 seconds.
"""


@dataclass(frozen=True, slots=True)
class Preview:
    """The number of a customer's changes that a watch rule would have caught: `count` of the `examined` changes.

    If `is_cut` is set, only the newest changes were examined, because there are too many changes or examining them took
    too long.
    """

    count: int
    examined: int
    is_cut: bool
    sample: Sequence[ResourceChange]


def preview(tenant: Tenant, rule: WatchRule, now: datetime) -> Preview:
    """Return how many changes of the last 30 days the rule would have caught, with a sample of these changes. Needs the
    tenant's scope.
    """
    rows = ResourceChange.objects.filter(tenant=tenant, at__gte=now - timedelta(days=PREVIEW_DAYS))
    rows = rows.defer("differences", "verdicts").order_by("-at", "-id")
    examined = count = 0
    sample: list[ResourceChange] = []
    budget = Budget(SECONDS)
    for change in rows[: MAX_EXAMINED + 1].iterator(chunk_size=500):
        if examined == MAX_EXAMINED:
            return Preview(count, examined, True, sample)
        try:
            is_caught = catches(rule, change, tenant.timezone, budget)
        except OutOfTime:
            return Preview(count, examined, True, sample)
        examined += 1
        if is_caught:
            count += 1
            if len(sample) < SAMPLE:
                sample.append(change)
    return Preview(count, examined, False, sample)

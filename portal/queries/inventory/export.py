"""Export the resources that match a filter as rows of a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet

from assessments.models import Finding, Resource
from portal.changes.approved import approvals_of
from portal.queries.inventory.filters import numbers_of_open_findings
from portal.treatment.states import ShownState
from tenants.models import Tenant

_BATCH: Final = 2000
COLUMNS: Final = (
    "Resource ID",
    "Name",
    "Type",
    "Subscription",
    "Resource group",
    "Region",
    "Tags",
    "State",
    *(f"Open findings, {severity}" for severity in Finding.Severity.values),
    "Unknown findings",
    "First seen (UTC)",
    "Last changed (UTC)",
    "SHA-256 of the configuration",
    "Configuration approved (UTC)",
    "Approved by",
    "Differs from the approved configuration since (UTC)",
)


def table(
    tenant: Tenant, rows: QuerySet[Resource], places: dict[str, str], now: datetime
) -> Iterator[tuple[Any, ...]]:
    """Yield the header and a row for each resource. `places` maps scope ids of subscriptions and directories
    to names.
    """
    yield COLUMNS
    batch: list[Resource] = []
    for row in rows.iterator(chunk_size=_BATCH):
        batch.append(row)
        if len(batch) == _BATCH:
            yield from _rows(tenant, batch, places, now)
            batch = []
    yield from _rows(tenant, batch, places, now)


def _rows(
    tenant: Tenant, batch: list[Resource], places: dict[str, str], now: datetime
) -> Iterator[tuple[Any, ...]]:
    numbers = numbers_of_open_findings(batch, now) if batch else {}
    approvals = approvals_of(tenant, batch)
    for row in batch:
        approval = approvals.get(row.pk)
        own = numbers.get((row.tenant_id, row.ref), Counter())
        yield (
            row.resource_id,
            row.name,
            row.type,
            places.get(row.unit, row.unit),
            row.resource_group,
            row.location,
            "; ".join(f"{name}={value}" for name, value in sorted(row.tags.items())),
            "deleted" if row.gone_at else "in Azure",
            *(own[severity] for severity in Finding.Severity.values),
            own[ShownState.UNKNOWN],
            _time(row.first_seen_at),
            _time(row.changed_at),
            row.sha256,
            _time(approval.approved_at if approval else None),
            approval.approved_by.email if approval else "",
            _time(approval.differs_since if approval else None),
        )


def _time(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else ""

"""Export changes as rows of a table."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet

from portal.changes.facts import path_text
from portal.changes.models import ResourceChange
from portal.queries.changes.names import actor_label, actor_names
from tenants.models import Tenant

_BATCH: Final = 1000
COLUMNS: Final = (
    "ID",
    "Found (UTC)",
    "Not before (UTC)",
    "Change",
    "Resource ID",
    "Type",
    "Subscription",
    "Changed properties",
    "Number of changed properties",
    "Possible actors",
    "Operations",
    "Not attributed because",
    "Verdicts that moved",
    "Rules",
    "Severity",
    "Review",
    "Reviewed by",
    "Reviewed (UTC)",
    "Reason",
    "Ticket",
    "Planned change",
    "Owner",
    "Due (UTC)",
    "Assessment",
    "Differs from the configuration approved on (UTC)",
    "Properties that differ from the approved configuration",
)


def table(
    tenant: Tenant, rows: QuerySet[ResourceChange], places: dict[str, str]
) -> Iterator[tuple[Any, ...]]:
    """Yield the header and a row for each change. `places` maps scope ids of subscriptions and directories to
    names.
    """
    yield COLUMNS
    batch: list[ResourceChange] = []
    rows = rows.select_related("reviewed_by", "owner", "plan", "approval").defer("approval__content")
    for row in rows.iterator(chunk_size=_BATCH):
        batch.append(row)
        if len(batch) == _BATCH:
            yield from _rows(tenant, batch, places)
            batch = []
    yield from _rows(tenant, batch, places)


def _rows(tenant: Tenant, batch: list[ResourceChange], places: dict[str, str]) -> Iterator[tuple[Any, ...]]:
    names = actor_names(tenant, batch)
    for row in batch:
        yield (
            str(row.pk),
            _time(row.at),
            _time(row.since),
            row.get_kind_display(),
            row.azure_id,
            row.type,
            places.get(row.unit, row.unit),
            "; ".join(row.properties),
            row.difference_count,
            "; ".join(dict.fromkeys(actor_label(one, names) for one in row.candidates)),
            "; ".join(row.operations),
            row.gap,
            "; ".join(f"{one['control']}: {one['before'] or 'new'} → {one['after']}" for one in row.verdicts),
            "; ".join(row.rules),
            row.severity,
            row.get_state_display(),
            row.reviewed_by.email if row.reviewed_by else "",
            _time(row.reviewed_at),
            row.reason,
            row.ticket,
            row.plan.name if row.plan else "",
            row.owner.email if row.owner else "",
            _time(row.due_at),
            row.assessment or "",
            _time(row.approval.approved_at) if row.approval else "",
            "; ".join(path_text(one["path"]) for one in row.approved_differences),
        )


def _time(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else ""

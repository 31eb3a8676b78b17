"""The tables and columns that an export contains.

Every table of a tenant is exported, unless it is listed in `LEFT_OUT` with the reason. A new table is therefore
exported without a change of this module.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.apps import apps
from django.db.models import Field, Model

from assessments.models import ResourceVersion
from assessments.resource_versions import damage, read_undamaged
from tenants.models import Tenant
from tenants.secrets import SealedField

LEFT_OUT: Final[Mapping[str, str]] = {
    "accounts.IdempotencyKey": "keys that prevent a second creation by a repeated request, kept for a day",
    "assessments.FindingText": "search texts, which derive from findings",
    "audit.StreamCursor": "progress of the stream of journal entries to another system",
    "leaving.CustomerExport": "exports",
    "notify.DedupKey": "keys that prevent a second notification of the same event",
    "notify.MailLinks": "secrets of links in mails",
    "tenants.Delegation": "decisions of the organization; the table of subscriptions says which are delegated",
    "tenants.JournalEntry": "the journal is exported as journal.jsonl, whose hashes can be verified",
    "tenants.TenantKey": "the customer's id only",
}
# Columns that are not exported, because somebody could use their values to act as another person. Sealed columns are
# never exported either.
_SECRET_COLUMNS: Final = frozenset({"distribution.ReportLink.token_hash", "tenants.Invitation.token_hash"})
# These columns contain the versions of resources in compressed form. An export contains the whole configuration of each
# version instead (`with_configurations`).
_STORED_COLUMNS: Final = frozenset(
    f"assessments.ResourceVersion.{name}" for name in ("stored", "chain", "step")
)
# Some rows are a customer's copy of a schedule of the organization. The recipients in a copy may be people of other
# customers, so an exported copy has no recipients. This mapping is
# {model: (column that is not null in copies, {column with recipients: its exported value in copies})}.
_OF_THE_ORGANIZATION: Final[Mapping[str, tuple[str, Mapping[str, Any]]]] = {
    "distribution.ReportSchedule": ("origin_id", {"people": [], "addresses": []}),
}


def tenant_models() -> list[type[Model]]:
    """Return all models whose rows belong to a tenant, exported or not, sorted by label."""
    found = [
        model for model in apps.get_models(include_auto_created=True) if _tenant_field(model) is not None
    ]
    return sorted(found, key=lambda model: model._meta.label)


def exported_models() -> list[type[Model]]:
    """Return the models whose rows an export contains: first the tenant, then the others, sorted by label."""
    return [Tenant, *(model for model in tenant_models() if model._meta.label not in LEFT_OUT)]


def columns(model: type[Model]) -> list[str]:
    """Return the exported columns of a model."""
    return [
        field.attname
        for field in model._meta.concrete_fields
        if not isinstance(field, SealedField)
        and f"{model._meta.label}.{field.name}" not in _SECRET_COLUMNS | _STORED_COLUMNS
    ]


def without_other_recipients(model: type[Model], row: dict[str, Any]) -> dict[str, Any]:
    """Return a row for the export. If the row is a customer's copy of a schedule of the organization, remove its
    recipients, because they may be people of other customers.
    """
    origin, replaced = _OF_THE_ORGANIZATION.get(model._meta.label, ("", {}))
    return {**row, **replaced} if origin and row[origin] is not None else row


def with_configurations(
    tenant_id: UUID, rows: list[dict[str, Any]]
) -> tuple[list[dict[str, Any]], list[str]]:
    """Add to each exported row of ResourceVersion the whole configuration of the resource, as `content`. Needs the
    tenant's scope.

    Return these rows, and a sentence about each version that cannot be rebuilt; its `content` is null.
    """
    found, damaged = read_undamaged(
        ResourceVersion.objects.all(), tenant_id=tenant_id, ids=[row["id"] for row in rows]
    )
    whole = [{**row, "content": found[row["id"]].document if row["id"] in found else None} for row in rows]
    return whole, [damage(row) for row in damaged]


def people_columns(model: type[Model]) -> Iterator[str]:
    """Yield the columns of a model that contain the ids of people."""
    for field in model._meta.concrete_fields:
        remote = getattr(field, "remote_field", None)
        if remote is not None and remote.model._meta.label == "tenants.Person":
            yield field.attname


def plain(value: Any) -> Any:
    """Return a value for JSON: ids and numbers with fractions as text, times in ISO 8601, bytes in base64."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    raise TypeError(f"An export cannot contain a value of the type {type(value).__name__}.")


def _tenant_field(model: type[Model]) -> Field[Any, Any] | None:
    for field in model._meta.concrete_fields:
        remote = getattr(field, "remote_field", None)
        if remote is not None and remote.model is Tenant:
            return field
    return None

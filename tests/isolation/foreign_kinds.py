"""Add a row with the id `World.foreign_id` to each table in which `make_world` adds none. The rows belong to the
foreign customer or its organization.

Rows get values by the types of their fields (`tests/isolation/row_values.py`). `_special_values` has the values that a
constraint requires, and values without which pages and the API would not show the row.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Model
from django.utils import timezone

from assessments.models import ObjectName
from portal.accounts.models import IdempotencyKey, OrganizationIdempotencyKey, Session
from portal.audit.models import Anchor
from portal.notify.models import DedupKey, Preference, PublishedEvent
from portal.reports.models import ReportBranding
from portal.retention.models import OrganizationRetentionRule, RetentionRule, RetentionRun
from portal.treatment.models import EvidenceFile, ExceptionItem, FacetCount, Snapshot
from tenants.isolation.checks import first_party_models
from tenants.models import OrganizationJournalEntry, TenantOwned
from tenants.scope import organization_scope
from tests.isolation.fingerprints import tables_of_organizations
from tests.isolation.raw_sql import TENANT_TABLES, sql
from tests.isolation.row_values import values_of_row
from tests.portal.web.world import World

# Tables in which no row can have the id `World.foreign_id`: two have no column `id`, and only a trigger adds rows to
# `reports_deletedreport`. Pages find its rows by the hash of a file.
WITHOUT_ID = {"tenants_tenantkey", "tenants_organizationkey", "reports_deletedreport"}


def complete(world: World) -> None:
    """Add a row with the id `world.foreign_id` to each table in which `make_world` has added none."""
    tenant, theirs = world.foreign, world.of(world.foreign)
    person = theirs["waiting"].person
    usual_values = {
        "control": "storage-key-rotation",
        "section": "storage",
        "severity": "high",
        "unit": f"/subscriptions/{theirs['subscription'].subscription_id}",
    }

    def related(model: type[Model]) -> Model:
        """Return the row of `model` to which the new rows refer."""
        return person if isinstance(person, model) else model._default_manager.get(pk=world.foreign_id)

    Session.objects.create(
        id=world.foreign_id, key_hash="f" * 64, person=person, expires_at=timezone.now() + timedelta(days=1)
    )
    with organization_scope(tenant.organization_id):
        special_values = _special_values(world)
        missing = kinds_without_sample(world)
        for model in first_party_models():
            if model._meta.db_table in missing:
                values = values_of_row(model, world.foreign_id, related, usual_values)
                model._default_manager.create(
                    id=world.foreign_id, **_owner(model, world), **values | special_values.get(model, {})
                )


def _owner(model: type[Model], world: World) -> dict[str, Any]:
    owner: dict[str, Any] = {"tenant": world.foreign} if issubclass(model, TenantOwned) else {}
    if any(field.name == "organization" for field in model._meta.concrete_fields):
        owner["organization"] = world.foreign.organization
    return owner


def _special_values(world: World) -> dict[type[Model], dict[str, Any]]:
    """Return {model: {field: value}} with the values that do not follow from the type of the field.

    Call this in the scope of the foreign customer's organization.
    """
    theirs, now = world.of(world.foreign), timezone.now()
    rule = {"kind": "reports", "days": 999}
    entry = OrganizationJournalEntry.objects.order_by("sequence")[0]
    return {
        Anchor: {"sequence": entry.sequence, "hash": entry.hash},
        DedupKey: {"person": theirs["waiting"].person, "kind": "assigned"},
        EvidenceFile: {"exception": theirs["exception"]},
        ExceptionItem: {"finding": theirs["owned"]},
        FacetCount: {"facet": "tag", "value": "sweep=1"},
        IdempotencyKey: {"operation": "request_exception", "object_name": "1"},
        ObjectName: {"guid": str(world.foreign_id)},
        OrganizationIdempotencyKey: {"operation": "start_campaign", "object_name": "1"},
        OrganizationRetentionRule: rule,
        Preference: {"kind": "assigned"},
        PublishedEvent: {"kind": "assigned", "payload": {"title": "Theirs"}},
        ReportBranding: {"label": "gold", "accent": "#224466", "name": "Their brand"},
        RetentionRule: rule,
        RetentionRun: {"state": "done", "ended_at": now},
        Snapshot: {"day": now.date() - timedelta(days=400)},
    }


def kinds_without_sample(world: World) -> list[str]:
    """Return the tables of customers and organizations in which no row has `foreign_id`."""
    columns = [(table, "tenant_id", world.foreign.pk) for table in TENANT_TABLES]
    columns += [
        (table, "organization_id", world.foreign.organization_id) for table in tables_of_organizations()
    ]
    columns = [column for column in columns if column[0] not in WITHOUT_ID]
    parts = [f"SELECT '{table}' FROM {table} WHERE id = %s AND {column} = %s" for table, column, _ in columns]
    values = [value for _, _, owner in columns for value in (world.foreign_id, owner)]
    with organization_scope(world.foreign.organization_id):
        found = {table for (table,) in sql(" UNION ALL ".join(parts), *values)}
    return sorted({table for table, _, _ in columns} - found)

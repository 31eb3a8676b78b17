"""Add rows of the foreign customer and its organization, with the id `World.foreign_id`, to the tables in which
`make_world` adds none.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from assessments.models import (
    ActivityEvent,
    ActivityReading,
    ControlProfile,
    ControlSetting,
    FindingText,
    ObjectName,
    Schedule,
    SwitchedOffControl,
    Watch,
)
from portal.accounts.models import IdempotencyKey, OrganizationIdempotencyKey, Session
from portal.audit.models import Anchor, StreamCursor
from portal.changes.models import ApprovedConfiguration, ChangeText, WatchRule
from portal.notify.models import DedupKey, MailLinks, Preference, PublishedEvent
from portal.reports.models import ReportBranding
from portal.retention.models import LegalHold, OrganizationRetentionRule, RetentionRule, RetentionRun
from portal.treatment.models import (
    ControlCount,
    EvidenceFile,
    ExceptionItem,
    FacetCount,
    Snapshot,
    TreatmentChange,
)
from tenants.models import OrganizationJournalEntry
from tenants.scope import organization_scope
from tests.isolation.fingerprints import tables_of_organizations
from tests.isolation.raw_sql import TENANT_TABLES, sql
from tests.portal.web.world import World

# Tables in which a row cannot have the foreign id. The key of the first two is the id of the customer or organization.
# Only a trigger writes the third one, and pages find its rows by the hash of the file.
WITHOUT_ID = {"tenants_tenantkey", "tenants_organizationkey", "reports_deletedreport"}


def complete(world: World) -> None:
    """Add a row with the id `world.foreign_id` to each table in which `make_world` has added none."""
    tenant, theirs = world.foreign, world.of(world.foreign)
    now, control, person = timezone.now(), "storage-key-rotation", theirs["waiting"].person
    unit = f"/subscriptions/{theirs['subscription'].subscription_id}"
    rule = {"kind": "reports", "mode": "days", "days": 999, "decided_at": now, "effective_at": now}
    key = {
        "token_id": world.foreign_id,
        "key_hash": "f" * 64,
        "request_sha256": "f" * 64,
        "object_name": "1",
        "created_at": now,
    }
    of_tenant: list[tuple[Any, dict[str, Any]]] = [
        (ControlSetting, {"control": control}),
        (ControlProfile, {"profile": "everything"}),
        (SwitchedOffControl, {"control": control, "reason": "Replaced"}),
        (
            ActivityEvent,
            {
                "unit": unit,
                "event_id": "sweep",
                "at": now,
                "resource_id": unit,
                "operation": "write",
                "status": "Succeeded",
                "actor_kind": "person",
            },
        ),
        (ActivityReading, {"unit": unit, "since": now - timedelta(days=1), "until": now}),
        (FacetCount, {"facet": "tag", "value": "sweep=1"}),
        (FindingText, {"kind": "subject", "key": world.foreign_id, "text": "foreign"}),
        (ChangeText, {"kind": "resource", "key": world.foreign_id, "text": "foreign"}),
        (
            ObjectName,
            {"directory": theirs["directory"], "guid": str(world.foreign_id), "kind": "user", "read_at": now},
        ),
        (Schedule, {}),
        (IdempotencyKey, {"operation": "request_exception", **key}),
        (Watch, {"unit": unit, "next_at": now}),
        (DedupKey, {"person": person, "kind": "assigned", "key": "sweep"}),
        (MailLinks, {"person": person}),
        (PublishedEvent, {"kind": "assigned", "payload": {"title": "Theirs"}, "created_at": now}),
        (Preference, {"person": person, "kind": "assigned", "delivery": "immediate"}),
        (LegalHold, {"reason": "A claim", "placed_at": now}),
        (RetentionRule, rule),
        (RetentionRun, {"dry_run": True, "state": "done", "ended_at": now}),
        (ControlCount, {"control": control, "section": "storage", "severity": "high"}),
        (Snapshot, {"day": now.date() - timedelta(days=400)}),
        (TreatmentChange, {"transaction": 1}),
        (WatchRule, {"name": "Theirs", "severity": "high"}),
        (
            ApprovedConfiguration,
            {
                "resource": theirs["resource"],
                "version": world.foreign_id,
                "version_at": now,
                "content": {},
                "reason": "foreign",
                "approved_by": person,
                "approved_at": now,
            },
        ),
        (
            ExceptionItem,
            {"exception": theirs["exception"], "finding": theirs["owned"], "requested_sha256": "f" * 64},
        ),
    ]
    with organization_scope(tenant.organization_id):
        entry = OrganizationJournalEntry.objects.order_by("sequence")[0]
        of_organization: list[tuple[Any, dict[str, Any]]] = [
            (Anchor, {"sequence": entry.sequence, "hash": entry.hash, "made_at": now}),
            (StreamCursor, {}),
            (ReportBranding, {"label": "gold", "version": 1, "accent": "#224466", "name": "Their brand"}),
            (OrganizationRetentionRule, rule),
            (OrganizationIdempotencyKey, {"operation": "start_campaign", **key}),
        ]
        for model, values in of_tenant:
            model.objects.create(id=world.foreign_id, tenant=tenant, **values)
        for model, values in of_organization:
            model.objects.create(id=world.foreign_id, organization=tenant.organization, **values)
        file = EvidenceFile(
            id=world.foreign_id,
            tenant=tenant,
            exception=theirs["exception"],
            name="theirs.csv",
            content_type="text/csv",
            size=1,
            sha256="f" * 64,
            uploaded_by=person,
        )
        file.file.save("", ContentFile(b"x"), save=False)
        file.save()
    Session.objects.create(
        id=world.foreign_id, key_hash="f" * 64, person=person, expires_at=now + timedelta(days=1)
    )


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

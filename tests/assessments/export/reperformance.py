"""Customers whose evidence is judged again, and the differences between the verdicts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management import call_command

from assessments.controls.registry import catalogue
from assessments.estate.estate import UnitKind
from assessments.estate.ids import fold
from assessments.export.judging import RecordedContent, RecordedUnit, judged_again
from assessments.export.stored import judged_at
from assessments.management.sandboxed import Served
from assessments.models import EvidenceItem, Unit
from tenants.actions import sync_subscriptions
from tenants.azure.credentials import DiscoveredSubscription
from tenants.models import Subscription, Tenant
from tenants.scope import tenant_scope
from tests.assessments.assessed_customer import judged, registered_reader, stored
from tests.factories.places import BY


def differences(tenant: Tenant, assessment: Any, folder: Path) -> dict[Any, Any]:
    """Return the differences of re-performance: {(control, subject): (stored, judged again)}."""
    output = folder / "exported.jsonl"
    call_command("export_evidence", tenant.slug, assessment=assessment.number, output=output)
    with tenant_scope(tenant.pk):
        at = judged_at(assessment)
    before, after = stored(tenant), judged(output, at.isoformat())
    assert len(before) > 60
    without_file = judged_from_evidence(tenant, assessment)
    by_file, by_evidence = differing(before, after), differing(before, without_file)
    # If a unit could read nothing, the stored verdicts of its manual controls are “unknown”. An estate file cannot
    # state that nothing was read, so these verdicts are “manual” when the file is judged.
    asked = {
        key
        for key, (was, now) in by_file.items()
        if was and now and (was[0], now[0]) == ("unknown", "manual")
    }
    assert by_evidence == {key: pair for key, pair in by_file.items() if key not in asked}
    return by_evidence


def differing(before: dict[Any, Any], after: dict[Any, Any]) -> dict[Any, Any]:
    return {
        key: (before.get(key), after.get(key)) for key in before | after if before.get(key) != after.get(key)
    }


def judged_from_evidence(tenant: Tenant, assessment: Any) -> dict[Any, Any]:
    """Judge the stored evidence of each unit, without an estate file. Return verdicts in the format of `stored`."""
    found: dict[Any, Any] = {}
    with tenant_scope(tenant.pk):
        items = {row.sha256: row for row in EvidenceItem.objects.all()}
        evidence = RecordedContent(
            {sha: row.content for sha, row in items.items()},
            {sha: row.api_version for sha, row in items.items() if row.api_version},
        )
        units = Unit.objects.filter(assessment=assessment).select_related(
            "assessment", "directory", "manifest"
        )
        recorded = [
            RecordedUnit(
                UnitKind(unit.kind),
                unit.azure_id,
                unit.directory.directory_id,
                unit.directory.cloud_name,
                unit.started_at,
                tuple(unit.manifest.content["subscriptions"]),
                unit.manifest.content["answers"],
                tuple(unit.gaps),
                unit.assessment.parameters,
            )
            for unit in units
        ]
    for unit in recorded:
        for result in judged_again(unit, evidence, catalogue().values()):
            found[result.control.slug, fold(result.subject)] = (
                str(result.verdict.outcome),
                json.loads(json.dumps(result.observed, default=str)),
            )
    return found


def with_failing_requests(lines: list[dict[str, Any]], scopes: list[str]) -> list[dict[str, Any]]:
    """Add answers that make requests for the customer fail, for several different reasons."""
    first, second = scopes
    refused = {"error": {"code": "AuthorizationFailed", "message": "No."}}
    premium = {"error": {"code": "Authentication_RequestFromNonPremiumTenantOrB2CTenant", "message": "No."}}
    accounts = f"{first}/providers/Microsoft.Storage/storageAccounts"
    some = [line for line in lines if is_account(line, first)][:2]
    failing = [
        (f"{first}/providers/Microsoft.Security/pricings", 403, refused),
        (f"{second}/providers/Microsoft.Network/networkSecurityGroups", 501, {"error": {"code": "Oops"}}),
        (f"{second}/providers/Microsoft.Storage/storageAccounts", 200, "no JSON"),
        (f"{second}/providers/Microsoft.Sql/servers", 404, {"error": {"code": "SubscriptionNotFound"}}),
        # The page after the first two accounts fails.
        (accounts, 200, {"value": some, "nextLink": f"{accounts}/next"}),
        (f"{accounts}/next", 403, refused),
        ("/v1.0/reports/authenticationMethods/userRegistrationDetails", 403, premium),
        ("/v1.0/policies/authorizationPolicy", 403, {"error": {"code": "AccessDenied", "message": "No."}}),
        (f"{first}/providers/Microsoft.Compute/virtualMachines", 403, refused),
    ]
    script = [{"answer": {"path": path, "status": status, "body": body}} for path, status, body in failing]
    assert len(some) == 2
    return [*lines, *script]


def is_account(line: dict[str, Any], scope: str) -> bool:
    return line.get("type") == "Microsoft.Storage/storageAccounts" and line["id"].startswith(scope)


def subscriptions_of(lines: list[dict[str, Any]]) -> list[str]:
    return sorted(line["id"] for line in lines if "id" in line and line["id"].count("/") == 2)


def customer_with(served: Served, subscriptions: list[str], excluded: list[str]) -> Tenant:
    """Return a customer with the subscriptions, given as `/subscriptions/<guid>`, some of them excluded."""
    principal = registered_reader(served)
    tenant: Tenant = principal.directory.tenant
    with tenant_scope(tenant.pk):
        seen = [DiscoveredSubscription(s.rpartition("/")[2], s, "Enabled") for s in subscriptions]
        sync_subscriptions(by=BY, service_principal=principal, discovered=seen)
        rows = Subscription.objects.filter(subscription_id__in=[s.rpartition("/")[2] for s in excluded])
        rows.update(included=False)
    return tenant

"""Generate diagnostic settings of platform services and web apps. Expected verdicts: logging-platform,
logging-app-http.

Format: Microsoft.Insights/diagnosticSettings 2021-05-01-preview.
"""

from __future__ import annotations

from sandbox.generate.output import Json
from sandbox.generate.random_source import RandomSource
from sandbox.generate.subscription import Subscription

CONTROLS = ("logging-platform", "logging-app-http")
_WEB_APPS = "Microsoft.Web/sites"
_CLUSTERS = "Microsoft.ContainerService/managedClusters"
# Types of resources that do not offer the category group `audit`.
_ONLY_CATEGORIES = {_CLUSTERS, "Microsoft.DataFactory/factories", "Microsoft.Logic/workflows"}


def write_last(sub: Subscription) -> None:
    """Write the diagnostic settings of the resources that the families wrote."""
    for resource in sub.logging:
        identifier, kind = resource["id"], resource["type"]
        rng = sub.rng.branch(f"logs/{identifier}")
        if kind != _WEB_APPS:
            if str((resource.get("sku") or {}).get("name")).lower() == "consumption":
                sub.expect("logging-platform", identifier, "not_applicable")
                continue
            bad = rng.often_faulty()
            sub.expect_failure_if("logging-platform", identifier, bad)
            _write(sub, rng, identifier, _logs(rng, kind, bad), bad)
        elif "functionapp" not in str(resource.get("kind")).lower():
            if resource["state"] == "Stopped":
                sub.expect("logging-app-http", identifier, "not_applicable")
                continue
            bad = rng.often_faulty()
            sub.expect_failure_if("logging-app-http", identifier, bad)
            _write(sub, rng, identifier, [_category("AppServiceHTTPLogs", enabled=not bad)], bad)


def _logs(rng: RandomSource, kind: str, bad: bool) -> list[Json]:
    if bad:
        return [_category("SomethingElse", enabled=True)]
    if kind == _CLUSTERS and rng.chance(0.5):
        return [_category(rng.pick(("kube-audit", "kube-audit-admin"))), _category("guard")]
    group = "audit" if kind not in _ONLY_CATEGORIES and rng.chance(0.4) else "allLogs"
    return [{"category": None, "categoryGroup": group, "enabled": True}]


def _category(name: str, *, enabled: bool = True) -> Json:
    return {"category": name, "categoryGroup": None, "enabled": enabled}


def _write(sub: Subscription, rng: RandomSource, resource: str, logs: list[Json], bad: bool) -> None:
    """Write the diagnostic setting of a resource.

    If `bad` is True, write no diagnostic setting, or a diagnostic setting without a destination or with the wrong logs.
    """
    form = rng.pick(("missing", "no destination", "other logs")) if bad else "good"
    if form == "missing":
        return
    workspace = (
        f"{sub.id}/resourceGroups/rg-logs/providers/Microsoft.OperationalInsights/workspaces/log-central"
    )
    sub.out.document(
        {
            "id": f"{resource}/providers/Microsoft.Insights/diagnosticSettings/surety-logs",
            "name": "surety-logs",
            "type": "Microsoft.Insights/diagnosticSettings",
            "properties": {
                "storageAccountId": None,
                "workspaceId": None if form == "no destination" else workspace,
                "eventHubAuthorizationRuleId": None,
                "eventHubName": None,
                "logs": logs,
                "metrics": [],
                "logAnalyticsDestinationType": None,
            },
        }
    )

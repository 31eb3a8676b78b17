"""Diagnostic settings of platform services and web apps."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.defender.documents import VM, resource
from tests.assessments.controls.judging import SUB, doc, gap
from tests.assessments.controls.logging.cases_key_vaults import category, group, setting
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

PLATFORM, HTTP = "logging-platform", "logging-app-http"
AKS = resource("Microsoft.ContainerService/ManagedClusters")
REGISTRY = resource("Microsoft.ContainerRegistry/registries")
FACTORY = resource("Microsoft.DataFactory/factories")
BUS = resource("Microsoft.ServiceBus/namespaces")
SMALL_BUS = {**BUS, "sku": {"name": "Standard", "tier": "Standard"}}
AUTOMATION = resource("Microsoft.Automation/AutomationAccounts")
GATEWAY = {**resource("Microsoft.ApiManagement/service"), "sku": {"name": "Consumption", "capacity": 0}}
SITE = doc(f"{VM['id'].split('/providers/')[0]}/providers/Microsoft.Web/sites/app", {"state": "Running"},
           kind="app,linux", type="Microsoft.Web/sites")  # fmt: skip
ID = SITE["id"]


def logged(one: dict[str, Any], *settings: Any) -> dict[str, Any]:
    return {"resources": [one], "resource_log_settings": {one["id"]: list(settings)}}


def app(*settings: Any, kind: Any = "app,linux", state: Any = "Running") -> dict[str, Any]:
    site = {**SITE, "kind": kind, "properties": {"state": state}}
    return {
        "resources": [{key: site[key] for key in ("id", "name", "type")}],
        "web_sites": [site],
        "web_app_log_settings": {ID: list(settings)},
    }


def judged(one: dict[str, Any], outcome: str) -> dict[str, str]:
    return {one["id"]: outcome}


EVENTS = ("ContainerRegistryLoginEvents", "ContainerRegistryRepositoryEvents")

CASES = [
    *rows(
        PLATFORM,
        ("cluster", logged(AKS, setting(category("kube-audit-admin"), category("guard"))), judged(AKS, "pass")),
        ("cluster without guard", logged(AKS, setting(category("kube-audit"))), judged(AKS, "fail")),
        ("cluster, all", logged(AKS, setting(group("allLogs"))), judged(AKS, "pass")),
        ("a group of unknown content", logged(AKS, setting(group("audit"))), judged(AKS, "unknown"),
         {"reason": "category group “audit”"}),
        ("kind left out", logged(AKS), {SUB: "not_applicable"},
         {"params": {"kinds": "Microsoft.Web/sites; microsoft.containerservice/managedclusters"}}),
        ("another kind left out", logged(AKS), judged(AKS, "fail"), {"params": {"kinds": "Microsoft.Logic/workflows"}}),
        ("registry", logged(REGISTRY, setting(*map(category, EVENTS))), judged(REGISTRY, "pass")),
        ("registry, one of two", logged(REGISTRY, setting(category(EVENTS[0]))), judged(REGISTRY, "fail")),
        ("registry, two settings", logged(REGISTRY, *(setting(category(one), name=one) for one in EVENTS)),
         judged(REGISTRY, "pass")),
        ("registry, audit", logged(REGISTRY, setting(group("audit"))), judged(REGISTRY, "pass")),
        ("factory, one of three", logged(FACTORY, setting(category("PipelineRuns"))), judged(FACTORY, "fail")),
        ("bus", logged(BUS, setting(category("OperationalLogs"))), judged(BUS, "pass"), {"remark": "RuntimeAuditLogs"}),
        ("bus without runtime logs", logged(SMALL_BUS, setting(category("OperationalLogs"))), judged(SMALL_BUS, "pass"),
         {"no_remark": "RuntimeAuditLogs"}),
        ("bus, all", logged(BUS, setting(group("allLogs"))), judged(BUS, "pass"), {"no_remark": "RuntimeAuditLogs"}),
        ("jobs alone", logged(AUTOMATION, setting(category("JobLogs"))), judged(AUTOMATION, "fail")),
        ("audit events", logged(AUTOMATION, setting(category("auditevent"))), judged(AUTOMATION, "pass")),
        ("no destination", logged(AUTOMATION, setting(group("allLogs"), to="")), judged(AUTOMATION, "fail")),
        ("switched off", logged(AUTOMATION, setting(group("allLogs", False))), judged(AUTOMATION, "fail")),
        ("no setting", logged(AUTOMATION), judged(AUTOMATION, "fail")),
        ("a new group", logged(AUTOMATION, setting(group("security"))), judged(AUTOMATION, "unknown")),
        ("enabled is text", logged(AUTOMATION, setting(group("allLogs", "yes"))), judged(AUTOMATION, "unknown")),
        ("without logs", {"resources": [GATEWAY]}, judged(GATEWAY, "not_applicable")),
        ("other kinds", {"resources": [VM]}, {SUB: "not_applicable"}),
        ("forbidden", {"resources": [BUS]}, judged(BUS, "unknown"),
         {"gaps": [gap("resource_log_settings", BUS["id"])]}),
        ("inventory forbidden", {}, {SUB: "unknown"}, {"gaps": [gap("resources")]}),
    ),
    *rows(
        HTTP,
        ("the category", app(setting(category("AppServiceHTTPLogs"))), {ID: "pass"}),
        ("all logs", app(setting(group("allLogs"))), {ID: "pass"}),
        ("other logs", app(setting(category("AppServiceConsoleLogs"))), {ID: "fail"}),
        ("no setting", app(), {ID: "fail"}),
        ("no destination", app(setting(group("allLogs"), to="")), {ID: "fail"}),
        ("stopped", app(state="Stopped"), {ID: "not_applicable"}),
        ("function app", app(kind="functionapp,linux"), {SUB: "not_applicable"}),
        ("no apps", {}, {SUB: "not_applicable"}),
        ("enabled is text", app(setting(group("allLogs", "yes"))), {ID: "unknown"}),
        ("kind is a list", app(kind=["app"]), {ID: "unknown"}),
        ("forbidden", {key: value for key, value in app().items() if key != "web_app_log_settings"},
         {ID: "unknown"}, {"gaps": [gap("web_app_log_settings", ID)]}),
    ),
]  # fmt: skip
OFFICIAL_VERDICTS = """
logging-app-http pass: sitef6141
logging-platform fail: clustername1 FactoryToUpgrade NS-91f08e47 NamespaceSample OGF-Z3-06162021-Standard SBPremium
logging-platform fail: contoso
logging-platform fail: exampleFactoryName myRegistry myAutomationAccount9 test-workflow vvktestcons workspace1
logging-platform fail: workspace2
logging-platform fail: bingSearch myAccount mysearchservice mysearchservice2 rayrptest0308
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › App Services › the app › Monitoring › Diagnostic settings › Add diagnostic setting",
        DocsFile(
            "MicrosoftDocs/azure-monitor-docs/articles/azure-monitor/platform/create-diagnostic-settings.md",
            "1097398089e4bf85fd71f7f22789bdffc3032401",
            "select Diagnostic settings under Monitoring on the resource's menu",
            "Select Add diagnostic setting",
        ),
    ),
    ComparedPath(
        "Azure portal › Monitor › Settings › Diagnostic settings › the resource › Add diagnostic setting",
        DocsFile(
            "MicrosoftDocs/azure-monitor-docs/articles/azure-monitor/platform/create-diagnostic-settings.md",
            "1097398089e4bf85fd71f7f22789bdffc3032401",
            "select Diagnostic settings under Settings on the Azure Monitor menu and then select the resource",
            "Select Add diagnostic setting",
        ),
    ),
]

"""List which logs resources of each kind can write, and which of these logs are required. Pure functions.

Categories: https://learn.microsoft.com/azure/azure-monitor/reference/logs-index. Kinds that have the group `audit`:
https://learn.microsoft.com/azure/azure-monitor/essentials/diagnostics-settings-policies-deployifnotexists
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from assessments.estate.estate import Estate
from assessments.estate.ids import fold
from assessments.estate.view import View


@dataclass(frozen=True, slots=True)
class Logs:
    """The logs that resources of one kind must export.

    - `required`: categories that must be exported; an entry may have several categories, separated by `|`, of which one
      is enough
    - `has_audit`: whether the kind has the category group `audit`, which contains the required categories
    - `useful`: categories whose absence causes only a remark
    - `lacking`: tiers, in lower case, that cannot write the useful categories; for these tiers, missing useful
      categories cause no remark
    """

    required: tuple[str, ...]
    has_audit: bool = False
    useful: tuple[str, ...] = ()
    lacking: frozenset[str] = frozenset()


# https://learn.microsoft.com/azure/azure-monitor/reference/tables/azmsruntimeauditlogs
_BUS: Final = Logs(
    ("OperationalLogs",),
    has_audit=True,
    useful=("RuntimeAuditLogs",),
    lacking=frozenset({"basic", "standard"}),
)
KINDS: Final[Mapping[str, Logs]] = MappingProxyType(
    {
        fold(kind): logs
        for kind, logs in {
            "Microsoft.ContainerService/managedClusters": Logs(("kube-audit|kube-audit-admin", "guard")),
            "Microsoft.ContainerRegistry/registries": Logs(
                ("ContainerRegistryLoginEvents", "ContainerRegistryRepositoryEvents"), has_audit=True
            ),
            "Microsoft.Search/searchServices": Logs(("OperationLogs",), has_audit=True),
            "Microsoft.CognitiveServices/accounts": Logs(("Audit", "RequestResponse"), has_audit=True),
            "Microsoft.ApiManagement/service": Logs(("GatewayLogs",), has_audit=True),
            "Microsoft.ServiceBus/namespaces": _BUS,
            "Microsoft.EventHub/namespaces": _BUS,
            "Microsoft.DataFactory/factories": Logs(("PipelineRuns", "TriggerRuns", "ActivityRuns")),
            "Microsoft.Synapse/workspaces": Logs(
                ("SynapseRbacOperations", "SQLSecurityAuditEvents"), has_audit=True
            ),
            "Microsoft.AppConfiguration/configurationStores": Logs(("Audit",), has_audit=True),
            "Microsoft.Automation/automationAccounts": Logs(("AuditEvent",), has_audit=True),
            "Microsoft.Logic/workflows": Logs(("WorkflowRuntime",)),
        }.items()
    }
)
"""The kinds of resources whose logs a control judges, by type in lower case."""
NAMES: Final = (
    "AKS clusters",
    "container registries",
    "search services",
    "AI services",
    "API Management",
    "Service Bus",
    "Event Hubs",
    "data factories",
    "Synapse workspaces",
    "App Configuration",
    "Automation accounts",
    "logic apps",
)
"""The names of the kinds of resources in `KINDS`, as pages and documents show them."""


def kind_of(resource: View) -> str:
    """Return the type of a resource in lower case, or an empty text."""
    kind = resource.raw("type")
    return fold(kind) if isinstance(kind, str) else ""


def is_judged(resource: View) -> bool:
    """Return whether controls judge the logs of this resource. Services of API Management in the tier Consumption
    have no logs, so controls do not judge them.
    """
    return kind_of(resource) in KINDS and str(resource.raw("sku.name")).casefold() != "consumption"


def resources_with_logs(estate: Estate) -> Iterable[str]:
    """Yield the ids of the resources whose diagnostic settings are read."""
    for resource in estate.documents("resources"):
        if resource.id and is_judged(resource):
            yield resource.id


def web_apps_with_logs(estate: Estate) -> Iterable[str]:
    """Yield the ids of web apps that are not stopped, without function apps and logic apps."""
    for app in estate.documents("web_sites"):
        is_function = "functionapp" in str(app.raw("kind")).casefold()
        if app.id and not is_function and str(app.raw("properties.state")).casefold() != "stopped":
            yield app.id


def missing_logs(taken: Iterable[str], logs: Logs) -> list[str]:
    """Return the required categories that are not exported (“A or B” for alternatives). `taken` are the exported
    categories and groups, in lower case."""
    exported = set(taken)
    if "alllogs" in exported or (logs.has_audit and "audit" in exported):
        return []
    return [
        entry.replace("|", " or ")
        for entry in logs.required
        if not exported & {category.casefold() for category in entry.split("|")}
    ]

"""Flow logs in Log Analytics."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.judging import RG, SUB, doc, gap
from tests.assessments.controls.logging.documents import ACCOUNT, OTHER, WORKSPACE
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

WATCHER = f"{RG}/providers/Microsoft.Network/networkWatchers/nw"
VNET = f"{RG}/providers/Microsoft.Network/virtualNetworks/v"
FRONT, BACK = f"{VNET}/subnets/front", f"{VNET}/subnets/back"
NSG = f"{RG}/providers/Microsoft.Network/networkSecurityGroups/g"
FOREIGN = f"{OTHER}/providers/Microsoft.Network/networkWatchers/nw/flowLogs/f"
LOG = f"{WATCHER}/flowLogs/f"
OFF: dict[str, Any] = {"enabled": False}


def log(
    target: str = VNET, analytics: Any = ..., identifier: str = LOG, enabled: Any = True, **more: Any
) -> dict[str, Any]:
    on = {"enabled": True, "workspaceResourceId": WORKSPACE}
    chosen = {"networkWatcherFlowAnalyticsConfiguration": on if analytics is ... else analytics}
    properties = {
        "targetResourceId": target,
        "storageId": ACCOUNT,
        "enabled": enabled,
        "flowAnalyticsConfiguration": chosen,
        **more,
    }
    return doc(identifier, properties, location="westeurope")


def network(*subnets: str, group: str = "", **more: Any) -> dict[str, Any]:
    own = {"networkSecurityGroup": {"id": group}} if group else {}
    parts = [{"id": one, "name": one.rpartition("/")[2], "properties": own} for one in subnets]
    return doc(VNET, {"subnets": parts, **more}, location="westeurope")


def recorded(*logs: dict[str, Any], of: Any = None, **more: Any) -> dict[str, Any]:
    return {
        "virtual_networks": [of or network(FRONT, BACK)],
        "network_watchers": [doc(WATCHER, {}, location="westeurope")],
        "flow_logs": {WATCHER: list(logs)},
        **more,
    }


SECOND = f"{LOG}2"
GROUPED = network(FRONT, BACK, group=NSG)
REFERRED = network(FRONT, flowLogs=[{"id": FOREIGN}])

CASES = rows(
    "logging-flow-analytics",
    ("the network", recorded(log()), {LOG: "pass", VNET: "pass"}),
    ("in other letters", recorded(log(VNET.upper())), {LOG: "pass", VNET: "pass"}),
    (
        "each subnet",
        recorded(log(FRONT), log(BACK, identifier=SECOND)),
        {LOG: "pass", SECOND: "pass", VNET: "pass"},
    ),
    ("one of two subnets", recorded(log(FRONT)), {LOG: "pass", VNET: "fail"}, {"reason": "No enabled flow log"}),
    ("groups", recorded(log(NSG), of=GROUPED), {LOG: "pass", VNET: "pass"}, {"remark": "30 September 2027"}),
    ("subnets without the group", recorded(log(NSG)), {LOG: "pass", VNET: "fail"}),
    ("no analytics", recorded(log(analytics=OFF)), {LOG: "fail", VNET: "fail"}, {"reason": "not sent to a workspace"}),
    ("analytics absent", recorded(log(analytics=None)), {LOG: "fail", VNET: "fail"}),
    ("no workspace", recorded(log(analytics={"enabled": True})), {LOG: "fail", VNET: "fail"}),
    ("a filter", recorded(log(enabledFilteringCriteria="dstPort=443")), {LOG: "pass", VNET: "fail"}),
    ("some states", recorded(log(recordTypes="B,E")), {LOG: "pass", VNET: "fail"}),
    ("disabled", recorded(log(enabled=False)), {VNET: "fail"}),
    ("disabled, of a group", recorded(log(NSG, enabled=False)), {LOG: "fail", VNET: "fail"}, {"reason": "is off"}),
    ("disabled, of a group, beside the network", recorded(log(), log(NSG, identifier=SECOND, enabled=False)),
     {LOG: "pass", SECOND: "fail", VNET: "pass"}),
    ("no log", recorded(), {VNET: "fail"}),
    ("enabled is text", recorded(log(enabled="yes")), {LOG: "unknown", VNET: "unknown"}),
    ("analytics is text", recorded(log(analytics={"enabled": "yes"})), {LOG: "unknown", VNET: "unknown"}),
    ("no subnets", recorded(of=network()), {VNET: "not_applicable"}),
    ("no network", {"virtual_networks": []}, {SUB: "not_applicable"}),
    (
        "a log elsewhere",
        recorded(of=REFERRED, foreign_flow_logs={FOREIGN: [log(identifier=FOREIGN)]}),
        {VNET: "pass"},
    ),
    (
        "a log elsewhere, forbidden",
        recorded(of=REFERRED),
        {VNET: "unknown"},
        {"gaps": [gap("foreign_flow_logs", FOREIGN)]},
    ),
    (
        "watchers forbidden",
        {"virtual_networks": [network(FRONT)]},
        {VNET: "unknown"},
        {"gaps": [gap("network_watchers")]},
    ),
    (
        "logs forbidden",
        {"virtual_networks": [network(FRONT)], "network_watchers": [doc(WATCHER, {}, location="westeurope")]},
        {VNET: "unknown", SUB: "unknown"},
        {"gaps": [gap("flow_logs", WATCHER)]},
    ),
    ("networks forbidden", recorded(log(), of=network(FRONT)) | {"virtual_networks": {}},
     {LOG: "pass", SUB: "unknown"}, {"gaps": [gap("virtual_networks")]}),
)  # fmt: skip
ABSENCE_PASSES = [
    (
        "logging-flow-analytics",
        r"properties\.(enabledFilteringCriteria|recordTypes|subnets\[\]\.properties(\..*)?)",
        "without a filter, a flow log records everything; a flow log of the network covers every subnet",
    ),
]
OFFICIAL_VERDICTS = """
logging-flow-analytics fail: flowLog1 flowLog2 vnet1
logging-flow-analytics not_applicable: vnet2
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Network Watcher › Logs › Flow logs › Create › Virtual network",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/network-watcher/vnet-flow-logs-manage.md",
            "0b8729eaf7eb0aabc6390cb17348d19761285f12",
            "Select Network Watcher from the search results",
            "Under Logs, select Flow logs",
            "select + Create",
            "Select Virtual network",
        ),
    ),
]

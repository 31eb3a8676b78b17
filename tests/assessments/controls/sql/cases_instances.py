"""SQL managed instances: the public data endpoint, and threat detection."""

from __future__ import annotations

from typing import Any

from assessments.estate.gaps import Reason
from tests.assessments.controls.cases import rows
from tests.assessments.controls.judging import SUB, doc, gap
from tests.assessments.controls.logging.documents import WORKSPACE, logs, setting
from tests.assessments.controls.network.cases_from_internet import rule
from tests.assessments.controls.sql.network_documents import (
    INSTANCE,
    SUBNET,
    VNET,
    allow,
    instance,
    instance_docs,
    nsg,
    vnet,
)
from tests.assessments.controls.sql.server_documents import EVERYONE, ID, docs

CLOSED, OPEN = nsg("closed"), nsg("open", allow(3342))
NO_LIST: tuple[Any, ...] = ("instances forbidden", {}, {SUB: "unknown"}, {"gaps": [gap("managed_instances")]})


def detected(state: Any, tier: str | None = "Free") -> dict[str, Any]:
    setting = doc(f"{INSTANCE}/advancedThreatProtectionSettings/Default", {"state": state})
    found: dict[str, Any] = {"managed_instances": [instance()], "managed_instance_atp": [setting]}
    if tier:
        found["defender_pricings"] = [
            doc(f"{SUB}/providers/Microsoft.Security/pricings/SqlServers", {"pricingTier": tier})
        ]
    return found


def audited(*categories: str, **more: Any) -> dict[str, Any]:
    """An instance with a diagnostic setting that sends logs to a workspace."""
    given = {"workspaceId": WORKSPACE, "taken": logs(*categories)} | more
    return {
        "managed_instances": [instance()],
        "managed_instance_audit_settings": [setting(owner=INSTANCE, **given)],
    }


ALL_LOGS = [{"categoryGroup": "allLogs", "enabled": True}]
CASES = [
    *rows(
        "sql-firewall-internet",
        ("instance, endpoint off", instance_docs(publicDataEndpointEnabled=False), {INSTANCE: "pass"}),
        (
            "instance, endpoint off, group open",
            instance_docs(OPEN, publicDataEndpointEnabled=False),
            {INSTANCE: "pass"},
        ),
        ("instance, group closed", instance_docs(CLOSED), {INSTANCE: "pass"}, {"remark": "endpoint is on"}),
        ("instance, open", instance_docs(OPEN), {INSTANCE: "fail"}, {"reason": "through r100 of open"}),
        ("instance, other port open", instance_docs(nsg("g", allow(1433))), {INSTANCE: "pass"}),
        (
            "instance, denied by an earlier rule",
            instance_docs(nsg("g", rule(90, "Deny", ports="3342"), allow(3342))),
            {INSTANCE: "pass"},
        ),
        (
            "instance, office range",
            instance_docs(nsg("g", allow(3342, "198.51.100.0/22"))),
            {INSTANCE: "pass"},
            {"remark": "The rules allow more than 256"},
        ),
        (
            "instance, AzureCloud tag",
            instance_docs(nsg("g", allow(3342, "AzureCloud"))),
            {INSTANCE: "fail"},
            {"reason": "every Azure customer can reach"},
        ),
        (
            "instance, AzureCloud tag of a region",
            instance_docs(nsg("g", allow(3342, "AzureCloud.WestEurope"))),
            {INSTANCE: "pass"},
            {"remark": "Any Azure customer"},
        ),
        (
            "instance, endpoint absent",
            instance_docs(CLOSED, publicDataEndpointEnabled=...),
            {INSTANCE: "unknown"},
        ),
        (
            "instance, endpoint is text",
            instance_docs(CLOSED, publicDataEndpointEnabled="false"),
            {INSTANCE: "unknown"},
        ),
        ("instance, no subnet", instance_docs(CLOSED, subnetId=...), {INSTANCE: "unknown"}),
        (
            "instance, subnet without group",
            instance_docs(),
            {INSTANCE: "unknown"},
            {"reason": "Azure requires one"},
        ),
        (
            "instance, subnet not in its network",
            {**instance_docs(CLOSED), "sql_networks": [vnet(CLOSED, f"{SUBNET}2")]},
            {INSTANCE: "unknown"},
        ),
        (
            "instance, group not listed",
            {**instance_docs(CLOSED), "network_security_groups": []},
            {INSTANCE: "unknown"},
        ),
        (
            "instance, groups forbidden",
            {"managed_instances": [instance()], "sql_networks": [vnet(CLOSED)]},
            {INSTANCE: "unknown"},
            {"gaps": [gap("network_security_groups")], "reason": "Missing permission Microsoft.Network"},
        ),
        (
            "instance, network forbidden",
            {"managed_instances": [instance()]},
            {INSTANCE: "unknown"},
            {"gaps": [gap("sql_networks", VNET)]},
        ),
        (
            "instance, unreadable rule",
            instance_docs(nsg("g", rule(100, source=..., ports="3342"))),
            {INSTANCE: "unknown"},
        ),
        ("server and instance", {**docs(EVERYONE), **instance_docs(CLOSED)}, {ID: "fail", INSTANCE: "pass"}),
        (
            "server, instances forbidden",
            docs(EVERYONE),
            {ID: "fail", SUB: "unknown"},
            {"gaps": [gap("managed_instances")]},
        ),
        NO_LIST,
    ),
    *rows(
        "sql-threat-detection",
        ("instance on", detected("Enabled"), {INSTANCE: "pass"}),
        ("instance off", detected("disabled"), {INSTANCE: "fail"}, {"reason": "Threat detection is off"}),
        (
            "instance off under the plan",
            detected("Disabled", "Standard"),
            {INSTANCE: "fail"},
            {"reason": "switched off for this instance"},
        ),
        ("instance new under the plan", detected("New", "Standard"), {INSTANCE: "pass"}, {"remark": "plan"}),
        ("instance new without the plan", detected("New"), {INSTANCE: "fail"}, {"reason": "this instance"}),
        (
            "instance new, plans forbidden",
            detected("New", None),
            {INSTANCE: "unknown"},
            {"gaps": [gap("defender_pricings")]},
        ),
        (
            "instance off, plans forbidden",
            detected("Disabled", None),
            {INSTANCE: "fail"},
            {"gaps": [gap("defender_pricings")]},
        ),
        ("instance, unknown state", detected("Asleep"), {INSTANCE: "unknown"}),
        ("instance, no state", detected(None), {INSTANCE: "unknown"}),
        (
            "instance, setting forbidden",
            {"managed_instances": [instance()]},
            {INSTANCE: "unknown"},
            {"gaps": [gap("managed_instance_atp", INSTANCE)]},
        ),
        (
            "instance, setting not found",
            {"managed_instances": [instance()]},
            {INSTANCE: "unknown"},
            {"gaps": [gap("managed_instance_atp", INSTANCE, Reason.NOT_FOUND, 404)]},
        ),
        NO_LIST,
    ),
    *rows(
        "logging-sql-db-auditing",
        (
            "instance, events taken",
            audited("SQLSecurityAuditEvents"),
            {INSTANCE: "pass"},
            {"remark": "T-SQL"},
        ),
        ("instance, all logs taken", audited(taken=ALL_LOGS), {INSTANCE: "pass"}),
        (
            "instance, other events taken",
            audited("ResourceUsageStats"),
            {INSTANCE: "manual"},
            {"reason": "T-SQL"},
        ),
        (
            "instance, events switched off",
            audited(taken=logs(SQLSecurityAuditEvents=False)),
            {INSTANCE: "manual"},
        ),
        (
            "instance, no destination",
            audited("SQLSecurityAuditEvents", workspaceId=None),
            {INSTANCE: "manual"},
        ),
        ("instance, no setting", {"managed_instances": [instance()]}, {INSTANCE: "manual"}),
        ("instance, logs absent", audited(taken=7), {INSTANCE: "unknown"}),
        (
            "instance, settings forbidden",
            {"managed_instances": [instance()]},
            {INSTANCE: "unknown"},
            {"gaps": [gap("managed_instance_audit_settings", INSTANCE)]},
        ),
        NO_LIST,
    ),
]

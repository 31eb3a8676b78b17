"""Export of logs: activity log, flow logs, SQL auditing."""

from __future__ import annotations

from typing import Any

from assessments.estate.gaps import Reason
from tests.assessments.controls.cases import Case
from tests.assessments.controls.judging import RG, SUB, doc, gap
from tests.assessments.controls.logging.documents import (
    ACCOUNT,
    DB,
    DB_OFF,
    DB_STORED,
    ENDPOINT,
    FOREIGN,
    GROUP_ID,
    GROUPS,
    MASTER,
    MONITORED,
    OFF,
    OTHER,
    SERVER,
    STORED,
    TO_HUB,
    TO_STORAGE,
    TO_WORKSPACE,
    VNET,
    WATCHER,
    WATCHER_ID,
    WORKSPACE,
    account,
    audit,
    exported,
    flow_log,
    group_setting,
    grouped,
    in_perimeter,
    logs,
    setting,
    sql,
    taking,
    workspace_retention,
)
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

NOT_OFFERED = (Reason.API_VERSION, 400)
EXPORT, FLOW, AUDIT = "logging-activity-export", "logging-nsg-flow", "logging-sql-db-auditing"

_EXPORT = [
    Case(EXPORT, "to storage", exported(TO_STORAGE), {SUB: "pass"}),
    Case(EXPORT, "to an event hub", exported(TO_HUB), {SUB: "pass"}),
    Case(
        EXPORT,
        "workspace where storage is required",
        exported(TO_HUB),
        {SUB: "fail"},
        params={"require_storage": True},
    ),
    Case(
        EXPORT,
        "storage where storage is required",
        exported(TO_STORAGE),
        {SUB: "pass"},
        params={"require_storage": True},
    ),
    Case(EXPORT, "no setting", exported(), {SUB: "fail"}),
    Case(EXPORT, "no destination", exported(setting()), {SUB: "fail"}),
    Case(
        EXPORT,
        "one category missing",
        exported(setting(taken=logs("administrative", "ALERT", "Security"), storageAccountId=ACCOUNT)),
        {SUB: "fail"},
        reason="not exported: Policy",
    ),
    Case(
        EXPORT,
        "one category off",
        exported(
            setting(taken=logs("Administrative", "Alert", "Security", Policy=False), storageAccountId=ACCOUNT)
        ),
        {SUB: "fail"},
    ),
    Case(
        EXPORT,
        "two settings complement each other",
        exported(
            setting("a", logs("Administrative", "Alert"), storageAccountId=ACCOUNT),
            setting("b", logs("Policy", "Security"), workspaceId=WORKSPACE),
            **workspace_retention(),
        ),
        {SUB: "pass"},
    ),
    Case(
        EXPORT,
        "category group",
        exported(setting(taken=[{"categoryGroup": "allLogs", "enabled": True}], storageAccountId=ACCOUNT)),
        {SUB: "pass"},
    ),
    Case(
        EXPORT,
        "category group “audit”",
        exported(setting(taken=[{"categoryGroup": "audit", "enabled": True}], storageAccountId=ACCOUNT)),
        {SUB: "fail"},
        reason="not exported: Administrative, Alert, Policy, Security",
    ),
    *(
        Case(
            EXPORT,
            f"account that {name}",
            {**exported(TO_STORAGE), "storage_accounts": [doc(ACCOUNT, properties, **top)]},
            {SUB: expect},
            remark=remark,
            no_remark="" if remark else "cannot write",
        )
        for name, properties, top, expect, remark in (
            (
                "exempts nothing from its firewall",
                {"networkAcls": {"defaultAction": "Deny", "bypass": "None"}},
                {},
                "fail",
                "does not exempt trusted Azure services",
            ),
            (
                "exempts logging only",
                {"networkAcls": {"defaultAction": "Deny", "bypass": "Logging, Metrics"}},
                {},
                "fail",
                "does not exempt trusted Azure services",
            ),
            (
                "exempts Azure services",
                {"networkAcls": {"defaultAction": "Deny", "bypass": "Logging, AzureServices"}},
                {},
                "pass",
                "",
            ),
            (
                "has no firewall",
                {"networkAcls": {"defaultAction": "Allow", "bypass": "None"}},
                {},
                "pass",
                "",
            ),
            ("is premium", {}, {"sku": {"name": "Premium_LRS"}}, "fail", "premium accounts"),
            ("has DNS zone endpoints", {"dnsEndpointType": "AzureDnsZone"}, {}, "fail", "DNS zone"),
            ("states a firewall of another type", {"networkAcls": {"defaultAction": 7}}, {}, "unknown", ""),
        )
    ),
    *(
        Case(
            EXPORT,
            f"account with the public network access {access}, perimeter {mode}",
            exported(TO_STORAGE, **in_perimeter(access, mode)),
            {SUB: expect},
            reason=text if expect == "unknown" else "",
            remark=text if expect == "fail" else "",
            no_remark="cannot write" if expect == "pass" else "",
        )
        for access, mode, expect, text in (
            ("SecuredByPerimeter", None, "fail", "belongs to none"),
            (
                "SecuredByPerimeter",
                "Enforced",
                "unknown",
                "exemption of trusted services alone is not enough",
            ),
            (
                "SecuredByPerimeter",
                "Learning",
                "unknown",
                "exemption of trusted services alone is not enough",
            ),
            ("Enabled", "Enforced", "unknown", "exemption of trusted services alone is not enough"),
            ("Disabled", "Enforced", "unknown", "exemption of trusted services alone is not enough"),
            ("Enabled", "Learning", "pass", ""),
            ("Disabled", "Learning", "pass", ""),
            ("Disabled", None, "pass", ""),
            (None, "Audit", "pass", ""),
            ("Perhaps", None, "unknown", "publicNetworkAccess"),
            ("Enabled", "Strict", "unknown", "accessMode"),
        )
    ),
    Case(
        EXPORT,
        "account in an enforced perimeter, and an event hub",
        exported(
            setting(storageAccountId=ACCOUNT, **TO_HUB["properties"]), **in_perimeter("Enabled", "Enforced")
        ),
        {SUB: "pass"},
    ),
    Case(
        EXPORT,
        "account in an enforced perimeter, and an event hub where storage is required",
        exported(
            setting(storageAccountId=ACCOUNT, **TO_HUB["properties"]), **in_perimeter("Enabled", "Enforced")
        ),
        {SUB: "unknown"},
        params={"require_storage": True},
    ),
    *(
        Case(
            EXPORT,
            f"account with the public network access {access}, perimeters {name}",
            exported(TO_STORAGE, storage_accounts=[account(publicNetworkAccess=access)]),
            {SUB: expect},
            [gap("storage_perimeters", ACCOUNT, *why)],
            reason=text,
        )
        for access, name, why, expect, text in (
            ("SecuredByPerimeter", "forbidden", (), "unknown", "Missing permission"),
            ("Enabled", "forbidden", (), "unknown", "Missing permission"),
            (
                "SecuredByPerimeter",
                "not offered",
                NOT_OFFERED,
                "unknown",
                "cannot read perimeters in this cloud",
            ),
            ("Enabled", "not offered", NOT_OFFERED, "pass", ""),
        )
    ),
    *(
        Case(
            EXPORT,
            f"account of another subscription with the public network access {access}",
            exported(
                setting(storageAccountId=FOREIGN),
                foreign_log_accounts={FOREIGN: [account(FOREIGN, publicNetworkAccess=access)]},
            ),
            {SUB: expect},
            reason=text,
        )
        for access, expect, text in (
            ("SecuredByPerimeter", "unknown", "accounts in other subscriptions"),
            ("Disabled", "pass", ""),
        )
    ),
    Case(
        EXPORT,
        "account of another subscription that exempts nothing from its firewall",
        {
            **exported(setting(storageAccountId=FOREIGN)),
            "foreign_log_accounts": {
                FOREIGN: [doc(FOREIGN, {"networkAcls": {"defaultAction": "Deny", "bypass": "None"}})]
            },
        },
        {SUB: "fail"},
        remark="cannot write",
    ),
    Case(
        EXPORT,
        "storage account deleted",
        exported(setting(storageAccountId=FOREIGN)),
        {SUB: "fail"},
        remark="no longer exists",
    ),
    Case(
        EXPORT,
        "storage account not readable",
        exported(setting(storageAccountId=FOREIGN)),
        {SUB: "pass"},
        [gap("foreign_log_accounts", FOREIGN)],
    ),
    Case(EXPORT, "workspace deleted", exported(TO_WORKSPACE), {SUB: "fail"}, remark="no longer exists"),
    Case(EXPORT, "forbidden", {}, {SUB: "unknown"}, [gap("activity_log_settings")]),
    Case(
        EXPORT,
        "a management group exports",
        grouped(group_setting("contoso", workspaceId=FOREIGN)),
        {SUB: "pass"},
        remark="Management group contoso",
    ),
    Case(
        EXPORT,
        "a management group complements the subscription",
        grouped(
            group_setting("contoso", logs("Administrative", "Policy"), workspaceId=FOREIGN),
            own=[setting(taken=logs("Alert", "Security"), storageAccountId=ACCOUNT)],
        ),
        {SUB: "pass"},
    ),
    Case(
        EXPORT,
        "a category group of a management group",
        grouped(
            group_setting(
                "contoso", [{"categoryGroup": "allLogs", "enabled": True}], storageAccountId=FOREIGN
            )
        ),
        {SUB: "fail"},
        reason="not exported: Alert, Security",
    ),
    Case(
        EXPORT,
        "a management group where storage is required",
        grouped(group_setting("contoso", storageAccountId=FOREIGN)),
        {SUB: "fail"},
        params={"require_storage": True},
    ),
    Case(EXPORT, "a management group without destination", grouped(group_setting("contoso")), {SUB: "fail"}),
    Case(EXPORT, "management groups without setting", grouped(), {SUB: "fail"}),
    Case(
        EXPORT,
        "a management group forbidden",
        grouped(),
        {SUB: "unknown"},
        [gap("management_group_log_settings", "contoso")],
        reason="Missing permission Microsoft.Insights/diagnosticSettings/read (Diagnostic settings of management",
    ),
    Case(
        EXPORT,
        "one management group forbidden, the other exports",
        grouped(group_setting("contoso", workspaceId=FOREIGN)),
        {SUB: "pass"},
        [gap("management_group_log_settings", "root")],
    ),
    Case(
        EXPORT,
        "management groups unknown",
        exported(),
        {SUB: "unknown"},
        [gap("management_groups")],
    ),
    Case(
        EXPORT,
        "the subscription exports, its management groups unknown",
        exported(TO_STORAGE),
        {SUB: "pass"},
        [gap("management_groups")],
    ),
    Case(
        EXPORT,
        "logs of a management group absent",
        grouped(group_setting("contoso", "x", storageAccountId=FOREIGN)),
        {SUB: "unknown"},
    ),
    Case(EXPORT, "logs absent", exported(setting(taken="x", storageAccountId=ACCOUNT)), {SUB: "unknown"}),
]

SUBNET, NIC = f"{VNET}/subnets/s1", f"{RG}/providers/Microsoft.Network/networkInterfaces/n1"


def group(subnets: Any = (SUBNET,), interfaces: Any = ()) -> dict[str, Any]:
    properties: dict[str, Any] = {"securityRules": []}
    if subnets:
        properties["subnets"] = [{"id": subnet} for subnet in subnets]
    if interfaces:
        properties["networkInterfaces"] = [{"id": nic} for nic in interfaces]
    return {**doc(GROUP_ID, properties), "location": "westeurope"}


def nic(subnet: str = SUBNET) -> dict[str, Any]:
    return doc(NIC, {"ipConfigurations": [{"name": "a", "properties": {"subnet": {"id": subnet}}}]})


def flows(
    subject: dict[str, Any], *flow_logs: dict[str, Any], watchers: Any = (WATCHER,), **more: Any
) -> dict[str, Any]:
    return {
        "network_security_groups": [subject],
        "network_watchers": list(watchers),
        "flow_logs": {WATCHER_ID: list(flow_logs)} if watchers else {},
        **more,
    }


# A network interface of a scale set. Azure's list of network interfaces does not contain such interfaces.
NODE = f"{RG}/providers/Microsoft.Compute/virtualMachineScaleSets/s/virtualMachines/0/networkInterfaces/n"


def with_interface(interface: str) -> dict[str, Any]:
    """A virtual network with this interface in `SUBNET`."""
    held = {"ipConfigurations": [{"id": f"{interface}/ipConfigurations/ipconfig1"}]}
    return doc(VNET, {"subnets": [doc(SUBNET, held)]})


FOREIGN_LOG = f"{OTHER}/providers/Microsoft.Network/networkWatchers/w/flowLogs/f"


def with_logs(holder: dict[str, Any], *flow_logs: str) -> dict[str, Any]:
    """A group or network that refers to its flow logs."""
    return {**holder, "properties": {**holder["properties"], "flowLogs": [{"id": one} for one in flow_logs]}}


def logged_elsewhere(*flow_logs: dict[str, Any], refers: bool = True) -> dict[str, Any]:
    """A security group whose virtual network has its flow log in another subscription."""
    network = with_logs(doc(VNET), FOREIGN_LOG) if refers else doc(VNET)
    return flows(
        group(),
        virtual_networks={SUB: [network]},
        foreign_flow_logs={FOREIGN_LOG: [{**log, "id": FOREIGN_LOG} for log in flow_logs]},
    )


_FLOW = [
    Case(FLOW, "flow log on the network", flows(group(), flow_log()), {GROUP_ID: "pass"}),
    Case(
        FLOW,
        "flow log on the network, another case",
        flows(group(), flow_log(VNET.upper() + "/")),
        {GROUP_ID: "pass"},
    ),
    Case(FLOW, "flow log on the subnet", flows(group(), flow_log(SUBNET)), {GROUP_ID: "pass"}),
    Case(
        FLOW,
        "flow log on the group",
        flows(group(), flow_log(GROUP_ID)),
        {GROUP_ID: "pass"},
        remark="30 September 2027",
    ),
    Case(
        FLOW, "flow log on another subnet", flows(group(), flow_log(f"{VNET}/subnets/s2")), {GROUP_ID: "fail"}
    ),
    Case(
        FLOW,
        "flow log with a filter",
        flows(group(), flow_log(enabledFilteringCriteria="dstPort == 443")),
        {GROUP_ID: "fail"},
        reason="enabledFilteringCriteria",
    ),
    Case(
        FLOW,
        "flow log of the group with a filter",
        flows(group(), flow_log(GROUP_ID, enabledFilteringCriteria="srcIP == 10.0.0.0/8")),
        {GROUP_ID: "fail"},
        reason="enabledFilteringCriteria",
    ),
    *(
        Case(
            FLOW,
            f"recorded states: {states}",
            flows(group(), flow_log(recordTypes=states)),
            {GROUP_ID: outcome},
        )
        for states, outcome in (
            ("B,E", "fail"),
            ("D", "fail"),
            ("B, c, E, D", "pass"),
            ("b,d", "pass"),
            ("", "pass"),
            (7, "unknown"),
        )
    ),
    Case(FLOW, "empty filter", flows(group(), flow_log(enabledFilteringCriteria=" ")), {GROUP_ID: "pass"}),
    Case(
        FLOW,
        "one flow log with a filter, one without",
        flows(group(), flow_log(enabledFilteringCriteria="a"), flow_log(SUBNET, "f2")),
        {GROUP_ID: "pass"},
    ),
    Case(FLOW, "flow log disabled", flows(group(), flow_log(enabled=False)), {GROUP_ID: "fail"}),
    Case(FLOW, "enabled absent", flows(group(), flow_log(enabled=None)), {GROUP_ID: "unknown"}),
    Case(FLOW, "group not attached", flows(group(())), {GROUP_ID: "not_applicable"}),
    Case(FLOW, "no group", {"network_watchers": [WATCHER]}, {SUB: "not_applicable"}),
    Case(
        FLOW,
        "flow log on one of two subnets",
        flows(group((SUBNET, f"{VNET}/subnets/s2")), flow_log(SUBNET)),
        {GROUP_ID: "fail"},
    ),
    Case(FLOW, "flow log on the interface", flows(group((), (NIC,)), flow_log(NIC)), {GROUP_ID: "pass"}),
    Case(
        FLOW,
        "interface in the logged network",
        flows(group((), (NIC,)), flow_log(), network_interfaces=[nic()]),
        {GROUP_ID: "pass"},
    ),
    Case(
        FLOW,
        "interface in another network",
        flows(
            group((), (NIC,)), flow_log(), network_interfaces=[nic(f"{RG}/x/y/virtualNetworks/v2/subnets/s")]
        ),
        {GROUP_ID: "fail"},
    ),
    Case(
        FLOW,
        "interface unreadable",
        flows(group((), (NIC,)), flow_log()),
        {GROUP_ID: "unknown"},
        reason="The network interface n1 is not in the list that Azure returned",
    ),
    Case(FLOW, "interface unreadable, no flow log at all", flows(group((), (NIC,))), {GROUP_ID: "fail"}),
    Case(
        FLOW,
        "interface unreadable, flow logs of other security groups only",
        flows(group((), (NIC,)), flow_log(f"{GROUP_ID}-other")),
        {GROUP_ID: "fail"},
    ),
    Case(
        FLOW,
        "interface of a scale set in the logged network",
        flows(group((), (NODE,)), flow_log(), virtual_networks={SUB: [with_interface(NODE.upper())]}),
        {GROUP_ID: "pass"},
    ),
    Case(
        FLOW,
        "interface of a scale set in another network",
        flows(group((), (NODE,)), flow_log(f"{VNET}2"), virtual_networks={SUB: [with_interface(NODE)]}),
        {GROUP_ID: "fail"},
    ),
    Case(
        FLOW,
        "interface of a scale set, network unreadable",
        flows(
            group((), (NODE,)),
            flow_log(),
            virtual_networks={SUB: [doc(VNET, {"subnets": [{"id": SUBNET}, 7]})]},
        ),
        {GROUP_ID: "unknown"},
    ),
    Case(
        FLOW,
        "interfaces forbidden",
        flows(group((), (NIC,)), flow_log()),
        {GROUP_ID: "unknown"},
        [gap("network_interfaces")],
    ),
    Case(
        FLOW,
        "no network watcher in the region",
        flows(group(), watchers=()),
        {GROUP_ID: "fail"},
        reason="westeurope",
    ),
    Case(
        FLOW,
        "watchers forbidden",
        flows(group(), watchers=()),
        {GROUP_ID: "unknown"},
        [gap("network_watchers")],
    ),
    Case(FLOW, "flow logs forbidden", flows(group()), {GROUP_ID: "unknown"}, [gap("flow_logs", WATCHER_ID)]),
    Case(FLOW, "flow log in another subscription", logged_elsewhere(flow_log()), {GROUP_ID: "pass"}),
    Case(
        FLOW,
        "group refers to a flow log in another subscription",
        {
            **logged_elsewhere(flow_log(GROUP_ID), refers=False),
            "network_security_groups": [with_logs(group(), FOREIGN_LOG)],
        },
        {GROUP_ID: "pass"},
        remark="30 September 2027",
    ),
    Case(FLOW, "referenced flow log disabled", logged_elsewhere(flow_log(enabled=False)), {GROUP_ID: "fail"}),
    Case(FLOW, "referenced flow log deleted", logged_elsewhere(), {GROUP_ID: "fail"}),
    Case(
        FLOW,
        "referenced flow log forbidden",
        {**logged_elsewhere(), "foreign_flow_logs": {}},
        {GROUP_ID: "unknown"},
        [gap("foreign_flow_logs", FOREIGN_LOG)],
    ),
    Case(
        FLOW,
        "forbidden flow log of an unrelated network",
        {
            **logged_elsewhere(),
            "foreign_flow_logs": {},
            "virtual_networks": {SUB: [with_logs(doc(f"{VNET}-other"), FOREIGN_LOG)]},
        },
        {GROUP_ID: "fail"},
        [gap("foreign_flow_logs", FOREIGN_LOG)],
    ),
    Case(
        FLOW,
        "networks forbidden",
        flows(group()),
        {GROUP_ID: "fail"},
        [gap("virtual_networks")],
        remark="Could not check whether a flow log in another subscription",
    ),
    Case(FLOW, "groups forbidden", {}, {SUB: "unknown"}, [gap("network_security_groups")]),
]

_AUDIT = [
    Case(AUDIT, "server audits to storage", sql(STORED, DB_OFF), {DB: "pass"}),
    Case(AUDIT, "database policy only", sql(OFF, DB_STORED), {DB: "pass"}),
    Case(AUDIT, "server and database off", sql(OFF, DB_OFF), {DB: "fail"}, reason="Auditing is off"),
    Case(
        AUDIT,
        "enabled without a destination",
        sql(audit(SERVER), DB_OFF),
        {DB: "fail"},
        reason="without a destination",
    ),
    Case(
        AUDIT,
        "Azure Monitor with a diagnostic setting",
        sql(MONITORED, DB_OFF, sql_audit_settings=taking(MASTER, workspaceId=WORKSPACE)),
        {DB: "pass"},
    ),
    Case(
        AUDIT,
        "Azure Monitor without a diagnostic setting",
        sql(MONITORED, DB_OFF),
        {DB: "fail"},
        reason="without a destination",
    ),
    Case(
        AUDIT,
        "Azure Monitor, settings forbidden",
        sql(MONITORED, DB_OFF),
        {DB: "unknown"},
        [gap("sql_audit_settings", MASTER)],
    ),
    Case(
        AUDIT,
        "event group missing",
        sql(audit(SERVER, storageEndpoint=ENDPOINT, auditActionsAndGroups=GROUPS[:2])),
        {DB: "pass"},
        remark="FAILED_DATABASE_AUTHENTICATION_GROUP",
    ),
    Case(
        AUDIT,
        "server policy forbidden, database off",
        sql([], DB_OFF),
        {DB: "unknown"},
        [gap("sql_server_auditing", SERVER)],
    ),
    Case(
        AUDIT,
        "server policy forbidden, database on",
        sql([], DB_STORED),
        {DB: "pass"},
        [gap("sql_server_auditing", SERVER)],
    ),
    Case(
        AUDIT,
        "policy of the database forbidden",
        sql(OFF),
        {DB: "unknown"},
        [gap("sql_database_auditing", DB)],
    ),
    Case(AUDIT, "state absent", sql(audit(SERVER, ""), DB_OFF), {DB: "unknown"}),
    Case(AUDIT, "no server", {}, {SUB: "not_applicable"}),
    Case(
        AUDIT,
        "databases forbidden",
        {"sql_servers": [doc(SERVER)], "sql_server_auditing": {SERVER: STORED}},
        {SUB: "unknown"},
        [gap("sql_databases", SERVER)],
    ),
    Case(AUDIT, "servers forbidden", {}, {SUB: "unknown"}, [gap("sql_servers")]),
]

CASES = [*_EXPORT, *_FLOW, *_AUDIT]
ABSENCE_PASSES = [
    (
        EXPORT,
        r"properties\.(networkAcls(\.(defaultAction|bypass))?|dnsEndpointType)|sku(\.name)?",
        "a standard account without a firewall",
    ),
    (
        EXPORT,
        r"properties\.publicNetworkAccess",
        "without the property, public network access is on, and the firewall of the account decides",
    ),
    (FLOW, r"properties\.(enabledFilteringCriteria|recordTypes)", "a flow log without a filter lacks it"),
]
OFFICIAL_VERDICTS = """
logging-activity-export pass: unit
logging-nsg-flow not_applicable: nsg1 nsg3
logging-nsg-flow fail: testnsg
logging-sql-db-auditing fail: testdb
logging-sql-db-auditing pass: testinstance1
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Monitor › Activity log › Export Activity Logs › Add diagnostic setting",
        DocsFile(
            "MicrosoftDocs/azure-monitor-docs/articles/azure-monitor/platform/activity-log.md",
            "0116e6b71503932657922387ae48a3f299b304e1",
            "select Activity log on the Azure Monitor menu and then select Export Activity Logs",
        ),
        not_in_text={
            "Add diagnostic setting": (
                "The button of the page that Export Activity Logs opens; the documentation shows it in a "
                "picture."
            ),
        },
    ),
    ComparedPath(
        "Azure portal › SQL servers › the server of the database › Security › Auditing › Enable Azure SQL Auditing",
        DocsFile(
            "MicrosoftDocs/sql-docs/azure-sql/database/auditing-setup.md",
            "18d69018e336a1a23d7b6581eee2c8c0008052b5",
            "Navigate to Auditing under the Security heading in your SQL database or SQL server pane",
            "switch Auditing to ON",
        ),
        DocsFile(
            "MicrosoftDocs/learn/learn-pr/azure/azure-sql-secure-data/includes/7-security-management.md",
            "0ef562291af1f6e55446ce6be4226ab18f1aeb18",
            "Select the slide toggle to Enable Azure SQL Auditing",
        ),
    ),
]

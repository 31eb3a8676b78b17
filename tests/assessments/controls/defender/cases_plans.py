"""Plans of Microsoft Defender for Cloud."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import Case
from tests.assessments.controls.defender.documents import COLLECTION, POLICY, SECURITY, VM, resource
from tests.assessments.controls.judging import SUB, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

SERVERS, DATABASES = "defender-plan-servers", "defender-plan-databases"


def plan(name: str, tier: Any = "Standard", **more: Any) -> dict[str, Any]:
    return doc(
        f"{SECURITY}/pricings/{name}", {"pricingTier": tier, **more}, type="Microsoft.Security/pricings"
    )


SERVER_PLAN = f"{SECURITY}/pricings/VirtualMachines"


def servers(*plans: dict[str, Any], machines: Any = (VM,), **more: Any) -> dict[str, Any]:
    return {"defender_pricings": list(plans), "resources": list(machines), **more}


P1, P2 = plan("VirtualMachines", subPlan="P1"), plan("VirtualMachines", subPlan="P2")

FREE = plan("VirtualMachines", "Free")

_SERVERS = [
    Case(SERVERS, "sub-plan P1", servers(P1), {SERVER_PLAN: "pass"}),
    Case(
        SERVERS, "tier in another case", servers(plan("virtualmachines", "STANDARD")), {SERVER_PLAN: "pass"}
    ),
    Case(SERVERS, "plan Free", servers(FREE), {SERVER_PLAN: "fail"}),
    Case(
        SERVERS,
        "plan Free, but each machine has it",
        servers(plan("VirtualMachines", "Free", resourcesCoverageStatus="FullyCovered")),
        {SERVER_PLAN: "fail"},
        remark="All machines have the plan",
    ),
    Case(
        SERVERS, "P1 where P2 is required", servers(P1), {SERVER_PLAN: "fail"}, params={"min_subplan": "P2"}
    ),
    Case(
        SERVERS, "P2 where P2 is required", servers(P2), {SERVER_PLAN: "pass"}, params={"min_subplan": "P2"}
    ),
    Case(
        SERVERS,
        "sub-plan absent where P2 is required",
        servers(plan("VirtualMachines")),
        {SERVER_PLAN: "pass"},
        params={"min_subplan": "P2"},
    ),
    Case(
        SERVERS,
        "partially covered",
        servers(plan("VirtualMachines", resourcesCoverageStatus="PartiallyCovered")),
        {SERVER_PLAN: "pass"},
        remark="excluded",
    ),
    Case(
        SERVERS,
        "covers no machine",
        servers(plan("VirtualMachines", resourcesCoverageStatus="NotCovered")),
        {SERVER_PLAN: "fail"},
        reason="covers no machine",
    ),
    Case(
        SERVERS,
        "Microsoft.Security not registered",
        servers(),
        {SERVER_PLAN: "fail"},
        reason="not registered",
    ),
    Case(SERVERS, "no machine", servers(FREE, machines=()), {SERVER_PLAN: "not_applicable"}),
    Case(
        SERVERS,
        "Arc machine",
        servers(FREE, machines=[resource("microsoft.hybridcompute/machines")]),
        {SERVER_PLAN: "fail"},
    ),
    Case(SERVERS, "plan not listed", servers(plan("Dns")), {SERVER_PLAN: "unknown"}),
    Case(SERVERS, "tier absent", servers(plan("VirtualMachines", None)), {SERVER_PLAN: "unknown"}),
    Case(SERVERS, "unknown tier", servers(plan("VirtualMachines", "Gold")), {SERVER_PLAN: "unknown"}),
    Case(SERVERS, "plans forbidden", servers(), {SERVER_PLAN: "unknown"}, [gap("defender_pricings")]),
    Case(
        SERVERS, "resources forbidden", servers(P1, machines=()), {SERVER_PLAN: "unknown"}, [gap("resources")]
    ),
]

SERVERS_COUNT = {"accept_server_settings": True}
PLAN_NAMES = ("SqlServers", "SqlServerVirtualMachines", "OpenSourceRelationalDatabases", "CosmosDbs")

NONE = dict.fromkeys((f"{SECURITY}/pricings/{name}" for name in PLAN_NAMES), "not_applicable")

SQL, SQL_VM, OPEN_SOURCE, COSMOS = NONE

SQL_SERVER = resource("Microsoft.Sql/servers")

ALERTS_ON = {
    SQL_SERVER["id"]: [doc(f"{SQL_SERVER['id']}/securityAlertPolicies/Default", {"state": "Enabled"})]
}

ALERTS_OFF = {
    SQL_SERVER["id"]: [doc(f"{SQL_SERVER['id']}/securityAlertPolicies/Default", {"state": "Disabled"})]
}

INSTANCE = resource("Microsoft.Sql/managedInstances")


def threats(state: str) -> dict[str, Any]:
    """A managed instance with its threat detection setting."""
    setting = doc(f"{INSTANCE['id']}/advancedThreatProtectionSettings/Default", {"state": state})
    return {"managed_instances": [INSTANCE], "managed_instance_atp": {INSTANCE["id"]: [setting]}}


COSMOS_KIND = "Microsoft.DocumentDB/databaseAccounts"


def cosmos_account(kind: Any, *capabilities: str, name: str = "one") -> dict[str, Any]:
    account = resource(COSMOS_KIND, name)
    return {**account, "kind": kind, "properties": {"capabilities": [{"name": one} for one in capabilities]}}


def databases(tier: str, *kinds: str, **more: Any) -> dict[str, Any]:
    return {
        "defender_pricings": [plan(name, tier) for name in PLAN_NAMES],
        "resources": [resource(kind) for kind in kinds],
        **more,
    }


_DATABASES = [
    *(
        Case(
            DATABASES,
            f"Cosmos DB in {cloud}, {name}",
            {
                "defender_pricings": [plan("SqlServers"), *plans],
                "resources": [resource("Microsoft.DocumentDB/databaseAccounts")],
            },
            {**NONE, COSMOS: expect},
            cloud=cloud,
        )
        for cloud in ("AzureUSGovernment", "AzureUSGovernmentDoD")
        for name, plans, expect in (
            ("plan not listed", [], "unknown"),
            ("plan Free", [plan("CosmosDbs", "Free")], "fail"),
            ("plan Standard", [plan("CosmosDbs")], "pass"),
        )
    ),
    Case(
        DATABASES,
        "Microsoft.Security not registered",
        {"resources": [resource("Microsoft.DocumentDB/databaseAccounts")]},
        {**NONE, COSMOS: "fail"},
        reason="not registered",
    ),
    Case(DATABASES, "no database", databases("Free"), NONE),
    Case(
        DATABASES,
        "retired single servers",
        databases(
            "Free",
            "Microsoft.DBforPostgreSQL/servers",
            "Microsoft.DBforMySQL/servers",
            "Microsoft.DBforMariaDB/servers",
        ),
        NONE,
    ),
    *(
        Case(
            DATABASES,
            f"Cosmos DB, {name}",
            databases("Free", "Microsoft.DocumentDB/databaseAccounts", cosmos_accounts=[account]),
            {**NONE, COSMOS: expect},
        )
        for name, account, expect in (
            ("API for MongoDB", cosmos_account("MongoDB", "EnableMongo"), "not_applicable"),
            ("API for MongoDB, without the capability", cosmos_account("mongoDB"), "not_applicable"),
            ("API for Table", cosmos_account("GlobalDocumentDB", "EnableTable"), "not_applicable"),
            ("API for Cassandra", cosmos_account("GlobalDocumentDB", "enableCassandra"), "not_applicable"),
            ("API for Gremlin", cosmos_account("GlobalDocumentDB", "EnableGremlin"), "not_applicable"),
            ("API for NoSQL", cosmos_account("GlobalDocumentDB", "EnableServerless"), "fail"),
            ("kind absent", cosmos_account(None, "EnableMongo"), "unknown"),
            ("a new kind", cosmos_account("Graph"), "unknown"),
        )
    ),
    Case(
        DATABASES,
        "Cosmos DB with the APIs for MongoDB and NoSQL",
        databases(
            "Free",
            cosmos_accounts=[cosmos_account("MongoDB"), cosmos_account("GlobalDocumentDB", name="two")],
            resources=[resource(COSMOS_KIND), resource(COSMOS_KIND, "two")],
        ),
        {**NONE, COSMOS: "fail"},
    ),
    Case(
        DATABASES,
        "Cosmos DB with the API for NoSQL and an unknown API",
        databases(
            "Free",
            cosmos_accounts=[cosmos_account("GlobalDocumentDB"), cosmos_account("Graph", name="two")],
            resources=[resource(COSMOS_KIND), resource(COSMOS_KIND, "two")],
        ),
        {**NONE, COSMOS: "fail"},
    ),
    Case(
        DATABASES,
        "accounts of Cosmos DB forbidden",
        databases("Free", COSMOS_KIND),
        {**NONE, COSMOS: "unknown"},
        [gap("cosmos_accounts")],
    ),
    Case(
        DATABASES,
        "accounts of Cosmos DB forbidden, one known",
        databases(
            "Free",
            cosmos_accounts=[cosmos_account("GlobalDocumentDB")],
            resources=[resource(COSMOS_KIND), resource(COSMOS_KIND, "two")],
        ),
        {**NONE, COSMOS: "fail"},
        [gap("cosmos_accounts")],
    ),
    Case(
        DATABASES,
        "every kind of database, plan Free",
        databases(
            "Free",
            "Microsoft.Sql/managedInstances",
            "Microsoft.AzureArcData/sqlServerInstances",
            "Microsoft.DBforMySQL/flexibleServers",
            "Microsoft.DocumentDb/databaseAccounts",
            **threats("Disabled"),
        ),
        dict.fromkeys(NONE, "fail"),
    ),
    Case(
        DATABASES,
        "every kind of database, plan Standard",
        databases(
            "Standard",
            "Microsoft.Sql/servers",
            "Microsoft.SqlVirtualMachine/sqlVirtualMachines",
            "Microsoft.DBforPostgreSQL/flexibleServers",
            "Microsoft.DocumentDB/databaseAccounts",
        ),
        dict.fromkeys(NONE, "pass"),
    ),
    Case(
        DATABASES,
        "every server with threat detection",
        databases("Free", "Microsoft.Sql/servers", sql_alert_policies=ALERTS_ON),
        {**NONE, SQL: "pass"},
        params=SERVERS_COUNT,
        remark="covered individually",
    ),
    Case(
        DATABASES,
        "server without threat detection",
        databases("Free", "Microsoft.Sql/servers", sql_alert_policies=ALERTS_OFF),
        {**NONE, SQL: "fail"},
        params=SERVERS_COUNT,
    ),
    Case(
        DATABASES,
        "managed instance with threat detection",
        databases("Free", "Microsoft.Sql/managedInstances", **threats("Enabled")),
        {**NONE, SQL: "pass"},
        params=SERVERS_COUNT,
        remark="covered individually",
    ),
    Case(
        DATABASES,
        "server with threat detection, managed instance without",
        databases(
            "Free",
            "Microsoft.Sql/servers",
            "Microsoft.Sql/managedInstances",
            sql_alert_policies=ALERTS_ON,
            **threats("Disabled"),
        ),
        {**NONE, SQL: "fail"},
        params=SERVERS_COUNT,
    ),
    Case(
        DATABASES,
        "threat detection of instances forbidden",
        databases("Free", "Microsoft.Sql/managedInstances"),
        {**NONE, SQL: "unknown"},
        [gap("managed_instances")],
        SERVERS_COUNT,
    ),
    Case(
        DATABASES,
        "servers with threat detection, resources incomplete",
        databases("Free", "Microsoft.Sql/servers", sql_alert_policies=ALERTS_ON),
        dict.fromkeys(NONE, "unknown"),
        [gap("resources")],
        SERVERS_COUNT,
    ),
    Case(
        DATABASES,
        "every server with threat detection, which does not count",
        databases("Free", "Microsoft.Sql/servers", sql_alert_policies=ALERTS_ON),
        {**NONE, SQL: "fail"},
    ),
    Case(
        DATABASES,
        "threat detection of servers forbidden",
        databases("Free", "Microsoft.Sql/servers"),
        {**NONE, SQL: "unknown"},
        [gap("sql_alert_policies", SQL_SERVER["id"])],
        SERVERS_COUNT,
    ),
    Case(
        DATABASES,
        "plan not listed",
        {
            "defender_pricings": [plan("Dns")],
            "resources": [resource("Microsoft.DocumentDB/databaseAccounts")],
        },
        {**NONE, COSMOS: "unknown"},
    ),
    Case(
        DATABASES,
        "resources forbidden",
        databases("Free"),
        dict.fromkeys(NONE, "unknown"),
        [gap("resources")],
    ),
]


def extension(name: str, on: Any = "True") -> dict[str, Any]:
    return {"name": name, "isEnabled": on}


MDE, AGENTLESS = extension("MdeDesignatedSubscription"), extension("AgentlessVmScanning")

WDATP = doc(f"{SECURITY}/settings/WDATP", {"enabled": True}, kind="DataExportSettings")

WDATP_OFF = doc(f"{SECURITY}/settings/WDATP", {"enabled": False})


def collecting(
    sub_plan: Any, *extensions: dict[str, Any], tier: str = "Standard", **more: Any
) -> dict[str, Any]:
    """A machine and its plan, with Defender for Endpoint on unless `security_settings` says otherwise."""
    more.setdefault("security_settings", [WDATP])
    return servers(plan("VirtualMachines", tier, subPlan=sub_plan, extensions=list(extensions)), **more)


AGENT = {
    **resource("Microsoft.Compute/virtualMachines/extensions", "MicrosoftMonitoringAgent"),
    "name": "vm1/MicrosoftMonitoringAgent",
}


def part(name: str, enabled: Any) -> dict[str, Any]:
    """A setting that says which machines Defender for Endpoint covers."""
    return doc(f"{SECURITY}/settings/{name}", {"enabled": enabled}, kind="DataExportSettings")


NO_LINUX, UNIFIED = "WDATP_EXCLUDE_LINUX_PUBLIC_PREVIEW", "WDATP_UNIFIED_SOLUTION"

_COLLECTION = [
    Case(
        COLLECTION,
        "Linux machines left out",
        collecting("P1", security_settings=[WDATP, part(NO_LINUX, True), part(UNIFIED, True)]),
        {SUB: "fail"},
        reason="does not cover Linux machines",
    ),
    Case(
        COLLECTION,
        "older Windows Server left out",
        collecting("P1", security_settings=[WDATP, part(UNIFIED.lower(), False)]),
        {SUB: "fail"},
        reason="does not cover Windows Server 2012 R2 and 2016",
    ),
    Case(
        COLLECTION,
        "every part of endpoint protection on",
        collecting("P1", security_settings=[WDATP, part(NO_LINUX, False), part(UNIFIED, True)]),
        {SUB: "pass"},
    ),
    Case(
        COLLECTION,
        "setting for Linux machines is not a boolean",
        collecting("P1", security_settings=[WDATP, part(NO_LINUX, "false")]),
        {SUB: "unknown"},
    ),
    Case(COLLECTION, "P1 with the WDATP setting", collecting("P1", security_settings=[WDATP]), {SUB: "pass"}),
    Case(
        COLLECTION,
        "P1 with only the extension for machines outside Azure",
        collecting("P1", MDE, security_settings=[WDATP_OFF]),
        {SUB: "fail"},
    ),
    Case(COLLECTION, "setting absent", collecting("P1", MDE, security_settings=[]), {SUB: "fail"}),
    Case(
        COLLECTION,
        "P1 without Defender for Endpoint",
        collecting("P1", security_settings=[WDATP_OFF]),
        {SUB: "fail"},
    ),
    Case(
        COLLECTION, "P2 without agentless scanning", collecting("P2", MDE), {SUB: "fail"}, reason="Agentless"
    ),
    Case(
        COLLECTION,
        "P2, agentless scanning off",
        collecting("P2", MDE, extension("AgentlessVmScanning", "False")),
        {SUB: "fail"},
    ),
    Case(COLLECTION, "P2 with agentless scanning", collecting("P2", MDE, AGENTLESS), {SUB: "pass"}),
    Case(
        COLLECTION,
        "P2 that covers no machine",
        servers(
            plan(
                "VirtualMachines", subPlan="P2", extensions=[AGENTLESS], resourcesCoverageStatus="NotCovered"
            ),
            security_settings=[WDATP],
        ),
        {SUB: "fail"},
        reason="covers no machine",
    ),
    Case(COLLECTION, "sub-plan absent, everything on", collecting(None, MDE, AGENTLESS), {SUB: "pass"}),
    Case(
        COLLECTION,
        "sub-plan absent, no agentless scanning",
        collecting(None, MDE),
        {SUB: "fail"},
        reason="Agentless scanning is off in Plan 2",
    ),
    Case(
        COLLECTION,
        "neither sub-plan nor extensions, as older api-versions answer",
        servers(plan("VirtualMachines"), security_settings=[WDATP]),
        {SUB: "unknown"},
        reason="properties.extensions of VirtualMachines is absent",
    ),
    Case(
        COLLECTION,
        "P1 without extensions",
        servers(plan("VirtualMachines", subPlan="P1"), security_settings=[WDATP]),
        {SUB: "pass"},
    ),
    Case(COLLECTION, "sub-plan is not text", collecting(2, MDE), {SUB: "unknown"}),
    Case(COLLECTION, "plan Free", collecting(None, MDE, tier="Free"), {SUB: "fail"}),
    Case(
        COLLECTION,
        "setting forbidden",
        collecting("P1", security_settings={}),
        {SUB: "unknown"},
        [gap("security_settings")],
    ),
    Case(
        COLLECTION,
        "Microsoft.Security not registered",
        servers(security_settings=[]),
        {SUB: "fail"},
        reason="not registered",
    ),
    Case(COLLECTION, "no machine", collecting("P1", machines=()), {SUB: "not_applicable"}),
    Case(COLLECTION, "plans forbidden", servers(), {SUB: "unknown"}, [gap("defender_pricings")]),
    Case(
        COLLECTION,
        "retired agent installed",
        collecting("P1", MDE, machines=[VM, AGENT]),
        {SUB: "pass"},
        remark="Retired agent",
    ),
    Case(
        COLLECTION,
        "retired provisioning is ignored",
        collecting(
            "P1",
            security_settings=[],
            auto_provisioning=[doc(f"{SECURITY}/autoProvisioningSettings/default", {"autoProvision": "On"})],
        ),
        {SUB: "fail"},
    ),
]

CASES = [*_SERVERS, *_DATABASES, *_COLLECTION]
ABSENCE_PASSES = [
    (
        POLICY,
        r"properties\.(parameters(\..*)?|overrides(\[\].*)?|notScopes(\[\])?)",
        "an assignment without values has the defaults of the initiative",
    ),
    (POLICY, r"properties\.enforcementMode", "its documented default is Default"),
    (SERVERS, r"properties\.subPlan", "a plan without a sub-plan is the full plan"),
    (
        f"{SERVERS}|{COLLECTION}",
        r"properties\.resourcesCoverageStatus",
        "clouds with an older api-version do not return it, and then the tier alone decides",
    ),
]
OFFICIAL_VERDICTS = """
defender-plan-databases fail: OpenSourceRelationalDatabases
defender-plan-databases unknown: CosmosDbs  # the example does not list this plan
defender-plan-databases pass: SqlServerVirtualMachines SqlServers
defender-plan-servers pass: VirtualMachines
defender-vm-data-collection fail: unit
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Microsoft Defender for Cloud › Environment settings › {subscription}"
        " › Defender plans › Databases › On",
        DocsFile(
            "MicrosoftDocs/defender-docs/articles/defender-for-cloud/tutorial-enable-databases-plan.md",
            "019a8c8fe112f57051c5e953239ddc71ce092e6f",
            "Search for and select Microsoft Defender for Cloud",
            "In the Defender for Cloud menu, select Environment settings",
            "On the Defender plans page, switch the Databases plan to On",
        ),
    ),
    ComparedPath(
        "Azure portal › Microsoft Defender for Cloud › Environment settings › {subscription}"
        " › Defender plans › Servers › Settings",
        DocsFile(
            "MicrosoftDocs/defender-docs/articles/defender-for-cloud/configure-servers-coverage.md",
            "04ea4958ac640d7c2b4caf61e46bea1b1c8c1e36",
            "Search for and select Microsoft Defender for Cloud",
            "In the Defender for Cloud menu, select Environment settings",
            "Locate the Defenders for Servers plan and select Settings",
        ),
        DocsFile(
            "MicrosoftDocs/defender-docs/articles/defender-for-cloud/tutorial-enable-servers-plan.md",
            "0d5920113c5e7a839c0e9c7601e2b8de5a0a9acc",
            "On the Defender plans page",
        ),
    ),
]

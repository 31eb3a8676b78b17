"""Settings of Azure Synapse workspaces."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.judging import RG, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile
from tests.assessments.controls.synapse.workspaces import ID, SHARED, one


def rule(name: str, first: Any, last: Any) -> dict[str, Any]:
    return doc(f"{ID}/firewallRules/{name}", {"startIpAddress": first, "endIpAddress": last})


def firewall(*rules: Any, **properties: Any) -> dict[str, Any]:
    return one({"synapse_firewall_rules": {ID: list(rules)}}, **properties)


OFFICE = rule("office", "203.0.113.0", "203.0.113.255")
EVERYBODY = rule("allowAll", "0.0.0.0", "255.255.255.255")
AZURE = rule("AllowAllWindowsAzureIps", "0.0.0.0", "0.0.0.0")

SERVER = doc(f"{RG}/providers/Microsoft.Sql/servers/syn1", {}, kind="v12.0,analytics")

CASES = [
    *rows(
        "synapse-entra-only",
        ("only Entra", one(azureADOnlyAuthentication=True), {ID: "pass"}),
        ("passwords too", one(azureADOnlyAuthentication=False), {ID: "fail"}),
        ("absent", one(), {ID: "fail"}, {"reason": "absent"}),
        ("text", one(azureADOnlyAuthentication="true"), {ID: "unknown"}),
        *SHARED,
    ),
    *rows(
        "synapse-firewall",
        ("listed networks", firewall(OFFICE, publicNetworkAccess="Enabled"), {ID: "pass"}),
        ("no rules", firewall(publicNetworkAccess="Enabled"), {ID: "pass"}, {"no_remark": "logical server"}),
        (
            "the logical server is listed",
            {**firewall(OFFICE), "sql_servers": [SERVER]},
            {ID: "pass"},
            {"remark": "judge the same firewall rules at the logical SQL server"},
        ),
        (
            "another server is listed",
            {**firewall(OFFICE), "sql_servers": [{**SERVER, "kind": "v12.0"}]},
            {ID: "pass"},
            {"no_remark": "logical server"},
        ),
        ("access is absent", firewall(OFFICE), {ID: "pass"}),
        ("everybody", firewall(OFFICE, EVERYBODY), {ID: "fail"}, {"reason": "Internet"}),
        ("all of Azure", firewall(OFFICE, AZURE), {ID: "fail"}, {"reason": "Azure"}),
        (
            "together everybody",
            firewall(rule("a", "1.0.0.0", "1.127.255.255"), rule("b", "1.128.0.0", "1.255.255.255")),
            {ID: "fail"},
        ),
        ("just fewer", firewall(rule("a", "1.0.0.0", "1.255.255.254")), {ID: "pass"}),
        ("a rule without an address", firewall(OFFICE, rule("odd", None, "1.2.3.4")), {ID: "unknown"}),
        ("one is odd, one is open", firewall(rule("odd", "x", "1.2.3.4"), EVERYBODY), {ID: "fail"}),
        ("access is off", one(publicNetworkAccess="disabled"), {ID: "pass"}),
        ("a new kind of access", firewall(OFFICE, publicNetworkAccess="Moon"), {ID: "unknown"}),
        (
            "a reversed rule",
            firewall(rule("odd", "255.255.255.255", "0.0.0.0")),
            {ID: "unknown"},
            {"reason": "odd"},
        ),
        ("the rules are forbidden", one(), {ID: "unknown"}, {"gaps": [gap("synapse_firewall_rules", ID)]}),
        *SHARED,
    ),
]
ABSENCE_PASSES = [
    ("synapse-firewall", r"properties\.publicNetworkAccess", "access is on by default, and the rules decide"),
]
OFFICIAL_VERDICTS = """
synapse-entra-only fail: workspace1 workspace2
synapse-firewall pass: workspace1 workspace2
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Azure Synapse Analytics › {synapse} › Microsoft Entra ID",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/synapse-analytics/sql/active-directory-authentication.md",
            "014bcff1b6be45da9d913bb24e2aa4d1d823fee5",
            "Azure Active Directory authentication is a mechanism that connects to Azure Synapse Analytics",
        ),
        not_in_text={
            "Microsoft Entra ID": (
                "The page of the portal; the documentation of this setting names only the command."
            ),
        },
    ),
    ComparedPath(
        "Azure portal › Azure Synapse Analytics › {synapse} › Security › Firewalls",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/synapse-analytics/security/synapse-workspace-ip-firewall.md",
            "03e5750af10b23b5ba437d5b333ec5e9437844f9",
            "how to configure them in Azure Synapse Analytics",
            "Select Firewalls under Security from Azure portal",
        ),
    ),
]

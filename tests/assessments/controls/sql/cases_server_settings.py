"""Settings of SQL servers and managed instances: administrator, sign-in, TLS, endpoints."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.judging import SUB, TENANT, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile
from tests.assessments.controls.sql.network_documents import INSTANCE, instance
from tests.assessments.controls.sql.server_documents import ID

NO_INSTANCES: tuple[Any, ...] = (
    "instances forbidden",
    {},
    {SUB: "unknown"},
    {"gaps": [gap("managed_instances")]},
)
NO_SERVERS: tuple[Any, ...] = ("servers forbidden", {}, {SUB: "unknown"}, {"gaps": [gap("sql_servers")]})
NONE: tuple[Any, ...] = ("no server and no instance", {}, {SUB: "not_applicable"})
GROUP = {"principalType": "Group", "sid": "1", "tenantId": TENANT, "azureADOnlyAuthentication": True}


def with_server(kind: Any = "v12.0", **properties: Any) -> dict[str, Any]:
    """A SQL server with only these properties."""
    return {"sql_servers": [doc(ID, properties, kind=kind)]}


def mi(**properties: Any) -> dict[str, Any]:
    """A managed instance with these properties; its public endpoint is on."""
    return {"managed_instances": [instance(**properties)]}


def admin(kind: Any = "v12.0", **changes: Any) -> dict[str, Any]:
    """A server whose administrator is a group of the customer's directory, with `changes`; `...` removes a property."""
    found = {key: value for key, value in (GROUP | changes).items() if value is not ...}
    return with_server(kind, administrators=found)


def connected(*states: str) -> list[dict[str, Any]]:
    return [
        {"properties": {"privateLinkServiceConnectionState": {"status": state}, "provisioningState": "Ready"}}
        for state in states
    ]


CASES = [
    *rows(
        "sql-entra-admin",
        ("a group", admin(), {ID: "pass"}, {"no_remark": "administrator"}),
        ("a person", admin(principalType="User"), {ID: "pass"}, {"remark": "single person"}),
        ("the kind is absent", admin(principalType=...), {ID: "pass"}),
        ("of another directory", admin(tenantId="other"), {ID: "pass"}, {"remark": "another directory"}),
        ("the directory is absent", admin(tenantId=...), {ID: "pass"}, {"no_remark": "directory"}),
        ("of a Synapse workspace", admin("v12.0,analytics"), {ID: "pass"}, {"remark": "Synapse"}),
        ("absent", with_server(), {ID: "fail"}),
        ("null", with_server(administrators=None), {ID: "fail"}),
        ("text", with_server(administrators="Group"), {ID: "unknown"}),
        ("without an id", admin(sid=...), {ID: "unknown"}),
        ("no properties", {"sql_servers": [{"id": ID, "name": "Sql1"}]}, {ID: "unknown"}),
        ("instance, a group", mi(administrators=GROUP), {INSTANCE: "pass"}),
        ("instance, absent", mi(), {INSTANCE: "fail"}),
        ("server and instance", {**admin(), **mi()}, {ID: "pass", INSTANCE: "fail"}),
        NO_SERVERS,
        NO_INSTANCES,
        NONE,
    ),
    *rows(
        "sql-entra-only",
        ("on", admin(), {ID: "pass"}),
        ("on, without an id", admin(sid=...), {ID: "pass"}),
        ("off", admin(azureADOnlyAuthentication=False), {ID: "fail"}),
        ("absent", admin(azureADOnlyAuthentication=...), {ID: "fail"}),
        (
            "no administrator",
            with_server(),
            {ID: "fail"},
            {"reason": "because no Microsoft Entra administrator"},
        ),
        ("text", admin(azureADOnlyAuthentication="true"), {ID: "unknown"}),
        ("the administrator is text", with_server(administrators="Group"), {ID: "unknown"}),
        ("of a Synapse workspace", with_server("v12.0,analytics"), {ID: "not_applicable"}),
        ("of another kind", with_server("v12.0,user"), {ID: "fail"}),
        ("the kind is a number", with_server(1), {ID: "unknown"}),
        ("instance, on", mi(administrators=GROUP), {INSTANCE: "pass"}),
        ("instance, no administrator", mi(), {INSTANCE: "fail"}),
        NO_SERVERS,
        NO_INSTANCES,
        NONE,
    ),
    *rows(
        "sql-min-tls",
        ("1.2", with_server(minimalTlsVersion="1.2"), {ID: "pass"}),
        ("1.3", with_server(minimalTlsVersion="1.3"), {ID: "pass"}),
        ("1.1", with_server(minimalTlsVersion="1.1"), {ID: "fail"}, {"remark": "itself refuses"}),
        ("1.0", with_server(minimalTlsVersion="1.0"), {ID: "fail"}),
        (
            "none",
            with_server(minimalTlsVersion="None"),
            {ID: "fail"},
            {"reason": "No minimum", "remark": "itself refuses"},
        ),
        ("zero", with_server(minimalTlsVersion="0"), {ID: "fail"}),
        ("absent", with_server(), {ID: "unknown"}),
        ("absent, which must fail", with_server(), {ID: "fail"}, {"params": {"without_minimum": "fail"}}),
        (
            "1.2 where absent must fail",
            with_server(minimalTlsVersion="1.2"),
            {ID: "pass"},
            {"params": {"without_minimum": "fail"}},
        ),
        ("a new version", with_server(minimalTlsVersion="2.0"), {ID: "unknown"}),
        ("a number", with_server(minimalTlsVersion=1.2), {ID: "unknown"}),
        ("instance, 1.2", mi(minimalTlsVersion="1.2"), {INSTANCE: "pass"}),
        ("instance, none", mi(minimalTlsVersion="none"), {INSTANCE: "fail"}),
        NO_SERVERS,
        NO_INSTANCES,
        NONE,
    ),
    *rows(
        "sql-private-endpoint",
        ("approved", with_server(privateEndpointConnections=connected("Rejected", "Approved")), {ID: "pass"}),
        ("rejected", with_server(privateEndpointConnections=connected("Rejected")), {ID: "fail"}),
        ("none", with_server(privateEndpointConnections=[]), {ID: "fail"}),
        ("absent", with_server(), {ID: "fail"}),
        ("a new state", with_server(privateEndpointConnections=connected("Sleeping")), {ID: "unknown"}),
        (
            "of a Synapse workspace",
            with_server("v12.0,analytics"),
            {ID: "not_applicable"},
            {"reason": "which has the private endpoints"},
        ),
        ("instance, public endpoint off", mi(publicDataEndpointEnabled=False), {INSTANCE: "pass"}),
        ("instance, public endpoint on", mi(), {INSTANCE: "fail"}),
        (
            "instance, public endpoint on, approved",
            mi(privateEndpointConnections=connected("Approved")),
            {INSTANCE: "pass"},
        ),
        ("instance, public endpoint absent", mi(publicDataEndpointEnabled=...), {INSTANCE: "unknown"}),
        NO_SERVERS,
        NO_INSTANCES,
        NONE,
    ),
    *rows(
        "sql-mi-public-endpoint",
        ("off", mi(publicDataEndpointEnabled=False), {INSTANCE: "pass"}),
        ("on", mi(), {INSTANCE: "fail"}),
        ("absent", mi(publicDataEndpointEnabled=...), {INSTANCE: "unknown"}),
        ("text", mi(publicDataEndpointEnabled="false"), {INSTANCE: "unknown"}),
        ("instances forbidden", {}, {SUB: "unknown"}, {"gaps": [gap("managed_instances")]}),
        ("no instance", {}, {SUB: "not_applicable"}),
    ),
]

ABSENCE_PASSES = [
    ("sql-entra-admin", r"kind", "the kind decides only about a remark"),
    (
        "sql-entra-admin",
        r"properties\.administrators\.(principalType|tenantId)",
        "they decide only about remarks",
    ),
    ("sql-entra-only|sql-private-endpoint", r"kind", "only servers of a Synapse workspace have this kind"),
]
OFFICIAL_VERDICTS = """
sql-entra-admin pass: sqlcrudtest-4645 sqlcrudtest-6661 testinstance1
sql-entra-only pass: sqlcrudtest-4645 sqlcrudtest-6661 testinstance1
sql-mi-public-endpoint pass: testinstance1
sql-min-tls pass: testinstance1
sql-min-tls unknown: sqlcrudtest-4645 sqlcrudtest-6661  # the examples of servers lack the minimum version
sql-private-endpoint pass: sqlcrudtest-4645 sqlcrudtest-6661 testinstance1
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › SQL servers › {server} › Settings › Microsoft Entra ID › Set admin",
        DocsFile(
            "MicrosoftDocs/sql-docs/azure-sql/database/authentication-aad-configure.md",
            "",
            "select Microsoft Entra ID under Settings to open the Microsoft Entra ID pane",
            "On the Microsoft Entra ID pane, select Set admin",
        ),
    ),
    ComparedPath(
        "Azure portal › SQL managed instances › {instance} › Settings › Microsoft Entra admin › Set admin",
        DocsFile(
            "MicrosoftDocs/sql-docs/azure-sql/database/authentication-aad-configure.md",
            "0b50ece9e5cf89c73fa43917157f6097e2eeac9a",
            "on the Active Directory admin page, select Set admin command",
        ),
        DocsFile(
            "MicrosoftDocs/sql-docs/azure-sql/database/authentication-azure-ad-only-authentication-tutorial.md",
            "",
            "Go to your SQL managed instance resource, and select Microsoft Entra admin under the Settings menu",
        ),
    ),
    ComparedPath(
        "Azure portal › SQL servers › {server} › Settings › Microsoft Entra ID"
        " › Support only Microsoft Entra authentication for this server",
        DocsFile(
            "MicrosoftDocs/sql-docs/azure-sql/database/authentication-azure-ad-only-authentication-tutorial.md",
            "",
            "Go to your SQL server resource, and select Microsoft Entra ID under the Settings menu",
            "Check the box for Support only Microsoft Entra authentication for this server",
        ),
    ),
    ComparedPath(
        "Azure portal › SQL managed instances › {instance} › Settings › Microsoft Entra admin"
        " › Support only Microsoft Entra authentication for this managed instance",
        DocsFile(
            "MicrosoftDocs/sql-docs/azure-sql/database/authentication-azure-ad-only-authentication-tutorial.md",
            "",
            "Go to your SQL managed instance resource, and select Microsoft Entra admin under the Settings menu",
            "Select the Support only Microsoft Entra authentication for this managed instance checkbox",
        ),
    ),
    ComparedPath(
        "Azure portal › SQL managed instances › {instance} › Security › Networking › Public endpoint (data) › Disable",
        DocsFile(
            "MicrosoftDocs/powerbi-docs/powerbi-docs/enterprise/service-premium-service-tags.md",
            "",
            "On the left side of the page, select Networking",
            "Slide Public endpoint (data) to Enable",
        ),
        DocsFile(
            "MicrosoftDocs/sql-docs/azure-sql/managed-instance/public-endpoint-configure.md",
            "",
            "On the Security settings, select the Networking tab",
        ),
        not_in_text={
            "Disable": (
                "The documentation describes how to enable the endpoint; the slider has the values Enable "
                "and Disable."
            ),
        },
    ),
    ComparedPath(
        "Azure portal › SQL servers › {server} › Security › Networking › Connectivity › Minimum TLS Version",
        DocsFile(
            "MicrosoftDocs/sql-docs/azure-sql/database/connectivity-settings.md",
            "bb1a05862cc19b499e2e86094d6ef1c1ca1d4c4e",
            "Under the Security settings, select Networking and then choose the Connectivity tab",
            "Select the Minimum TLS Version desired for all databases associated with the server",
        ),
    ),
    ComparedPath(
        "Azure portal › SQL managed instances › {instance} › Security › Networking › Minimum TLS version",
        DocsFile(
            "MicrosoftDocs/powerbi-docs/powerbi-docs/enterprise/service-premium-service-tags.md",
            "",
            "set the Minimum TLS version to 1.2",
        ),
        DocsFile(
            "MicrosoftDocs/sql-docs/azure-sql/managed-instance/public-endpoint-configure.md",
            "",
            "On the Security settings, select the Networking tab",
        ),
    ),
    ComparedPath(
        "Azure portal › SQL servers › {server} › Security › Networking › Private access › Create a private endpoint",
        DocsFile(
            "MicrosoftDocs/sql-docs/azure-sql/database/connectivity-settings.md",
            "bb1a05862cc19b499e2e86094d6ef1c1ca1d4c4e",
            "Under the Security settings, select Networking",
        ),
        DocsFile(
            "MicrosoftDocs/sql-docs/azure-sql/database/private-endpoint-overview.md",
            "04e52139dd8550fd5ff04b303a58cc5f35cb2fee",
            "Select Networking in the left pane",
            "Select the Private access tab",
            "create one using the Create a private endpoint button",
        ),
    ),
    ComparedPath(
        "Azure portal › SQL managed instances › {instance} › Security › Private endpoint connections",
        DocsFile(
            "MicrosoftDocs/sql-docs/azure-sql/managed-instance/private-endpoint-overview.md",
            "050f51c768513ab76907b197b57744779c8a90c0",
            "Under Security, choose Private endpoint connections",
        ),
    ),
]

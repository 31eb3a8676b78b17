"""Settings of App Configuration stores."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.judging import RG, doc
from tests.assessments.controls.listed_cases import connection, in_inventory, rows_of
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

ID = f"{RG}/providers/Microsoft.AppConfiguration/configurationStores/store1"


def store(tier: Any = "standard", /, **properties: Any) -> dict[str, Any]:
    return doc(ID, properties, type="Microsoft.AppConfiguration/configurationStores", sku={"name": tier})


def with_store(tier: Any = "standard", /, **properties: Any) -> dict[str, Any]:
    """A store with only these properties."""
    body = store(tier, **properties)
    return {**in_inventory(body), "app_configuration_stores": [body]}


def connected(*states: Any, tier: Any = "standard", **more: Any) -> dict[str, Any]:
    ends = [connection(ID, state, number) for number, state in enumerate(states)]
    return with_store(tier, privateEndpointConnections=ends, **more)


_rows = rows_of("app_configuration_stores", store())

CASES = [
    *_rows(
        "appconfig-pna",
        ("off", with_store(publicNetworkAccess="Disabled"), {ID: "pass"}),
        ("on", with_store(publicNetworkAccess="Enabled"), {ID: "fail"}),
        ("on, with a private endpoint", connected("Approved", publicNetworkAccess="enabled"), {ID: "fail"}),
        (
            "perimeter",
            with_store(publicNetworkAccess="SecuredByPerimeter"),
            {ID: "pass"},
            {"remark": "Which networks the perimeter lets in"},
        ),
        (
            "perimeter is not accepted",
            with_store(publicNetworkAccess="SecuredByPerimeter"),
            {ID: "fail"},
            {"params": {"accept_perimeter": False}},
        ),
        ("automatic, no private endpoint", with_store(), {ID: "fail"}, {"reason": "has no private endpoint"}),
        ("automatic, null", connected(publicNetworkAccess=None), {ID: "fail"}),
        (
            "automatic, a private endpoint",
            connected("Approved"),
            {ID: "pass"},
            {"reason": "has a private endpoint"},
        ),
        ("automatic, not approved", connected("Pending"), {ID: "unknown"}, {"reason": "does not document"}),
        ("automatic, an unknown state", connected("Moon"), {ID: "unknown"}),
        ("a new kind of access", with_store(publicNetworkAccess="Moon"), {ID: "unknown"}),
        ("a flag", with_store(publicNetworkAccess=False), {ID: "unknown"}),
    ),
    *_rows(
        "appconfig-pe",
        ("approved", connected("Rejected", "Approved"), {ID: "pass"}),
        ("pending", connected("Pending"), {ID: "fail"}),
        ("none", with_store(), {ID: "fail"}),
        ("a new state", connected("Moon"), {ID: "unknown"}),
        ("free", connected("Approved", tier="Free"), {ID: "not_applicable"}),
        ("developer", with_store("developer"), {ID: "fail"}),
        ("an unknown tier", connected("Approved", tier="Moon"), {ID: "unknown"}),
    ),
    *_rows(
        "appconfig-local-auth",
        ("refused", with_store(disableLocalAuth=True), {ID: "pass"}),
        ("accepted", with_store(disableLocalAuth=False), {ID: "fail"}),
        ("absent", with_store(), {ID: "fail"}),
        ("text", with_store(disableLocalAuth="true"), {ID: "unknown"}),
    ),
    *_rows(
        "appconfig-purge-protection",
        ("on", with_store(enablePurgeProtection=True), {ID: "pass"}),
        ("off", with_store(enablePurgeProtection=False), {ID: "fail"}),
        ("absent", with_store(), {ID: "fail"}, {"reason": "the setting is absent"}),
        ("premium", with_store("Premium", enablePurgeProtection=True), {ID: "pass"}),
        ("free", with_store("free"), {ID: "not_applicable"}),
        ("developer", with_store("Developer"), {ID: "not_applicable"}),
        ("an unknown tier", with_store("Moon", enablePurgeProtection=True), {ID: "unknown"}),
        ("text", with_store(enablePurgeProtection="true"), {ID: "unknown"}),
    ),
]

ABSENCE_PASSES = [
    ("appconfig-pna", r"properties\.publicNetworkAccess", "a private endpoint switches public access off"),
]
OFFICIAL_VERDICTS = """
appconfig-local-auth fail: contoso
appconfig-pe fail: contoso
appconfig-pna pass: contoso
appconfig-purge-protection fail: contoso
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › App Configuration › {store} › Settings › Access settings › Enable access keys › Disabled",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/azure-app-configuration/howto-disable-access-key-authentication.md",
            "0729160be782de6fe0c9e712b0d1b809158af6b9",
            "Navigate to your Azure App Configuration resource in the Azure portal",
            "Locate the Access settings setting under Settings",
            "Set the Enable access keys toggle to Disabled",
        ),
    ),
    ComparedPath(
        "Azure portal › App Configuration › {store} › Settings › Networking › Private Access › Create",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/azure-app-configuration/howto-set-up-private-access.md",
            "29ea1a24e7db6593e21c497a86204f460c91c0d0",
            "In your App Configuration store, under Settings, select Networking",
            "Select the Private Access tab and then Create to start setting up a new private endpoint",
        ),
    ),
    ComparedPath(
        "Azure portal › App Configuration › {store} › Settings › Networking › Public Access › Disabled",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/azure-app-configuration/howto-disable-public-access.md",
            "0e42864524ba1a0cafe0fc73922ff91e7893ff76",
            "In your App Configuration store, under Settings, select Networking",
            "Under Public Access, select Disabled to disable public access to the App Configuration store",
        ),
    ),
    ComparedPath(
        "Azure portal › App Configuration › {store} › Overview › Soft-delete",
        DocsFile(
            (
                "MicrosoftDocs/azure-docs/articles/azure-app-configuration/"
                "howto-recover-deleted-stores-in-azure-app-configuration.md"
            ),
            "0088bfa77543e07f8a41771de8db977ddfc62e1d",
            "Select your Standard or Premium tier App Configuration store",
            "In Overview, Soft-delete is highlighted",
            "Click on the Enabled value of Soft Delete",
        ),
    ),
]

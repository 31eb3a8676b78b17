"""Settings, APIs, named values and subscriptions of API Management services."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.judging import RG, doc, gap
from tests.assessments.controls.listed_cases import in_inventory, rows_of
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

ID = f"{RG}/providers/Microsoft.ApiManagement/service/apim1"
API = f"{ID}/apis/orders"


def service(tier: Any = "Developer", /, **properties: Any) -> dict[str, Any]:
    return doc(ID, properties, type="Microsoft.ApiManagement/service", sku={"name": tier})


def with_service(tier: Any = "Developer", /, **properties: Any) -> dict[str, Any]:
    """A service with only these properties."""
    body = service(tier, **properties)
    return {**in_inventory(body), "apim_services": [body]}


def access(tier: Any = "Developer", /, **enabled: Any) -> dict[str, Any]:
    held = [doc(f"{ID}/tenant/{name}", {"enabled": flag}) for name, flag in enabled.items()]
    return {**with_service(tier), "apim_access": held}


def values(*held: dict[str, Any]) -> dict[str, Any]:
    return {
        **with_service(),
        "apim_named_values": [doc(f"{ID}/namedValues/v{n}", one) for n, one in enumerate(held)],
    }


def subscriptions(*scopes: Any, state: Any = "active", name: str = "s") -> dict[str, Any]:
    held = [
        doc(f"{ID}/subscriptions/{name}{n or ''}", {"scope": scope, "state": state})
        for n, scope in enumerate(scopes)
    ]
    return {**with_service(), "apim_subscriptions": held}


def apis(*protocols: Any, **more: Any) -> dict[str, Any]:
    return {
        **with_service(),
        "apim_apis": [doc(API, {"protocols": list(protocols), "isCurrent": True, **more})],
    }


def forbidden(collection: str) -> tuple[Any, ...]:
    return ("forbidden", with_service(), {ID: "unknown"}, {"gaps": [gap(collection, ID)]})


_rows = rows_of("apim_services", service())
_KEY_VAULT = {"secretIdentifier": "https://kv.vault.azure.net/secrets/s"}

CASES = [
    *_rows(
        "apim-pna",
        ("off", with_service(publicNetworkAccess="Disabled"), {ID: "pass"}),
        ("on", with_service(publicNetworkAccess="Enabled", virtualNetworkType="None"), {ID: "fail"}),
        ("absent", with_service(), {ID: "fail"}, {"reason": "the setting is absent"}),
        (
            "internal",
            with_service(publicNetworkAccess="Enabled", virtualNetworkType="Internal"),
            {ID: "pass"},
        ),
        ("external", with_service(virtualNetworkType="external"), {ID: "pass"}, {"remark": "public address"}),
        (
            "external, a v2 tier",
            with_service("StandardV2", virtualNetworkType="External"),
            {ID: "fail"},
            {"reason": "only outgoing connections"},
        ),
        ("internal, a v2 tier", with_service("PremiumV2", virtualNetworkType="Internal"), {ID: "pass"}),
        (
            "off, a v2 tier",
            with_service("StandardV2", publicNetworkAccess="Disabled", virtualNetworkType="External"),
            {ID: "pass"},
        ),
        ("consumption", with_service("Consumption", publicNetworkAccess="Enabled"), {ID: "not_applicable"}),
        ("basic v2", with_service("BasicV2", publicNetworkAccess="Enabled"), {ID: "not_applicable"}),
        ("a v2 tier", with_service("StandardV2", publicNetworkAccess="Enabled"), {ID: "fail"}),
        ("an unknown tier", with_service("Moon", publicNetworkAccess="Disabled"), {ID: "unknown"}),
        ("an unknown network", with_service(virtualNetworkType="Moon"), {ID: "unknown"}),
        ("a new value", with_service(publicNetworkAccess="Moon"), {ID: "unknown"}),
    ),
    *_rows(
        "apim-direct-management",
        ("off", access(access=False, gitAccess=False), {ID: "pass"}, {"no_remark": "Git"}),
        (
            "off, but Git is on",
            access(access=False, gitAccess=True),
            {ID: "pass"},
            {"remark": "ended support"},
        ),
        ("on", access(access=True), {ID: "fail"}, {"remark": "2025"}),
        ("absent", access(access=None), {ID: "pass"}),
        ("not listed", access(gitAccess=False), {ID: "unknown"}, {"reason": "did not list"}),
        ("text", access(access="false"), {ID: "unknown"}),
        ("consumption", access("consumption"), {ID: "not_applicable"}),
        ("a v2 tier", access("BasicV2"), {ID: "not_applicable"}),
        ("an unknown tier", access("Moon", access=False), {ID: "unknown"}),
        forbidden("apim_access"),
    ),
    *_rows(
        "apim-named-values",
        ("none", values(), {ID: "pass"}),
        ("no secret", values({"secret": False}), {ID: "pass"}),
        ("absent", values({}), {ID: "pass"}),
        ("in a key vault", values({"secret": True, "keyVault": _KEY_VAULT}), {ID: "pass"}),
        ("in the service", values({"secret": False}, {"secret": True}), {ID: "fail"}),
        ("an empty reference", values({"secret": True, "keyVault": {}}), {ID: "fail"}),
        ("text", values({"secret": "true"}), {ID: "unknown"}),
        ("the reference is text", values({"secret": True, "keyVault": "kv"}), {ID: "unknown"}),
        forbidden("apim_named_values"),
    ),
    *_rows(
        "apim-subscription-scope",
        ("none", subscriptions(), {ID: "pass"}),
        ("a product", subscriptions(f"{ID}/products/starter"), {ID: "pass"}),
        ("one API", subscriptions(f"{ID}/apis/orders"), {ID: "pass"}),
        ("all APIs", subscriptions(f"{ID}/products/starter", f"{ID}/APIs"), {ID: "fail"}),
        ("all APIs, with a slash", subscriptions(f"{ID}/apis/"), {ID: "fail"}),
        ("all APIs, but cancelled", subscriptions(f"{ID}/apis", state="cancelled"), {ID: "pass"}),
        ("the built-in one", subscriptions(f"{ID}/apis", name="master"), {ID: "pass"}),
        ("a new state", subscriptions(f"{ID}/apis", state="Moon"), {ID: "unknown"}),
        ("no scope", subscriptions(None), {ID: "unknown"}),
        forbidden("apim_subscriptions"),
    ),
    *_rows(
        "apim-https-apis",
        ("HTTPS", apis("https"), {API: "pass"}),
        ("HTTP too", apis("https", "http"), {API: "fail"}),
        ("WebSocket", apis("wss"), {API: "pass"}),
        ("WebSocket without encryption", apis("ws"), {API: "fail"}),
        ("absent", {**with_service(), "apim_apis": [doc(API, {"isCurrent": True})]}, {API: "pass"}),
        ("nothing", apis(), {API: "unknown"}),
        ("a new protocol", apis("moon"), {API: "unknown"}),
        ("text", {**with_service(), "apim_apis": [doc(API, {"protocols": "https"})]}, {API: "unknown"}),
        ("an old revision", apis("http", isCurrent=False), {ID: "not_applicable"}),
        ("no API", with_service(), {ID: "not_applicable"}),
        forbidden("apim_apis"),
    ),
]

ABSENCE_PASSES = [
    (
        "apim-direct-management",
        r"properties\.enabled",
        "Azure leaves the property out while the access is off",
    ),
    ("apim-named-values", r"properties\.secret", "a named value is no secret unless it says so"),
    ("apim-https-apis", r"properties\.(protocols|isCurrent)", "the default of Azure is HTTPS"),
]
OFFICIAL_VERDICTS = """
apim-direct-management fail: OGF-Z3-06162021-Standard
apim-direct-management not_applicable: vvktestcons
apim-https-apis pass: a1 echo-api
apim-https-apis not_applicable: vvktestcons
apim-named-values pass: OGF-Z3-06162021-Standard vvktestcons
apim-pna fail: OGF-Z3-06162021-Standard
apim-pna not_applicable: vvktestcons
apim-subscription-scope pass: OGF-Z3-06162021-Standard vvktestcons
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › API Management services › {apim} › Deployment + infrastructure › Management API"
        " › Enable API Management REST API: No",
        DocsFile(
            (
                "MicrosoftDocs/azure-docs/articles/api-management/breaking-changes/"
                "direct-management-api-retirement-march-2025.md"
            ),
            "316b3f198ee7c29ecba348c148c8cb077c4237a4",
            (
                "A built-in direct management API to programmatically manage your API Management instance "
                "is disabled by default but can be enabled"
            ),
        ),
        not_in_text={
            "API Management services": "The list of services, which a reader finds by its name.",
            "Deployment + infrastructure": (
                "The page of the reference says so: Select Management API from the Deployment + "
                "infrastructure section."
            ),
            "Management API": (
                "The page of the reference says so: Select Management API from the Deployment + "
                "infrastructure section."
            ),
            "Enable API Management REST API: No": "The page of the reference says so, for Yes.",
        },
        page="https://learn.microsoft.com/rest/api/apimanagement/apimanagementrest/api-management-rest",
    ),
    ComparedPath(
        "Azure portal › API Management services › {apim} › APIs › {api} › Settings › URL scheme: HTTPS",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/api-management/import-and-publish.md",
            "07342f81e1c08eccf5e8ae524786fe38f6f7af2b",
            "Select APIs from under API MANAGEMENT",
            "You can set the API values during creation or later by going to the Settings tab",
            "URL scheme: HTTPS Determines which protocols can be used to access the API",
        ),
        not_in_text={"API Management services": "The list of services, which a reader finds by its name."},
    ),
    ComparedPath(
        "Azure portal › API Management services › {apim} › APIs › Named values › Value type: Key vault",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/api-management/api-management-howto-properties.md",
            "05cc6ac067828c55cbe72740281bea113c56ccf4",
            "Under APIs, select Named values > +Add",
            "In Value type, select Key vault",
        ),
        not_in_text={"API Management services": "The list of services, which a reader finds by its name."},
    ),
    ComparedPath(
        "Azure portal › API Management services › {apim} › Network › Private endpoint connections › + Add endpoint",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/api-management/private-endpoint.md",
            "00766527bd628336b0aa71d410f0b54b263dfef9",
            "Navigate to your API Management service in the Azure portal",
            "In the left-hand menu, select Network",
            "Select Private endpoint connections > + Add endpoint",
        ),
        not_in_text={"API Management services": "The list of services, which a reader finds by its name."},
    ),
    ComparedPath(
        "Azure portal › API Management services › {apim} › Subscriptions › Add subscription",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/api-management/api-management-howto-create-subscriptions.md",
            "0aa2b14aec0e5cae30883a8e96f8eafafc88767f",
            "Select Subscriptions in the menu on the left",
            "Select Add subscription",
        ),
        not_in_text={"API Management services": "The list of services, which a reader finds by its name."},
    ),
]

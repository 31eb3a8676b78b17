"""Settings, APIs, named values and subscriptions of API Management services."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.judging import RG, doc, gap
from tests.assessments.controls.listed_cases import in_inventory, rows_of

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

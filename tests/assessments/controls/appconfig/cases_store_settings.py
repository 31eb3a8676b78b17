"""Settings of App Configuration stores."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.judging import RG, doc
from tests.assessments.controls.listed_cases import connection, in_inventory, rows_of

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

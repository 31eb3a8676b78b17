"""Basic and free SKUs."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.defender.documents import VM, resource
from tests.assessments.controls.judging import RG, SUB, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

PLAN, ADDRESS = "Microsoft.Web/serverfarms", "Microsoft.Network/publicIPAddresses"
GATEWAY = f"{RG}/providers/Microsoft.Network/virtualNetworkGateways/one"
CACHE = f"{RG}/providers/Microsoft.Cache/redis/one"
STANDARD = {**resource(ADDRESS), "sku": {"name": "Standard", "tier": "Regional"}}


def estate(*skus: Any, tags: Any = None) -> dict[str, Any]:
    """App Service plans with these SKUs, beside a public address with the SKU Standard."""
    plans = [
        {**resource(PLAN, f"plan{index}"), "sku": sku, "tags": tags or {}} for index, sku in enumerate(skus)
    ]
    return {"resources": {SUB: [STANDARD, *plans]}}


def gateway(sku: Any) -> dict[str, Any]:
    listed = resource("Microsoft.Network/virtualNetworkGateways")
    return {
        "resources": {SUB: [listed]},
        "vpn_gateways": {GATEWAY: [doc(GATEWAY, {"gatewayType": "Vpn", "sku": sku}, type=listed["type"])]},
    }


def cache(sku: Any) -> dict[str, Any]:
    listed = resource("Microsoft.Cache/Redis")
    return {
        "resources": {SUB: [listed]},
        "redis_caches": [doc(CACHE, {"sku": sku}, type=listed["type"])],
    }


BASIC = {"name": "B1", "tier": "Basic"}
CASES = rows(
    "platform-production-sku",
    ("no low SKU", estate({"name": "P1v3", "tier": "PremiumV3"}), {SUB: "pass"}),
    ("Basic", estate(BASIC), {SUB: "manual"}, {"no_remark": "tag"}),
    ("name alone", estate({"name": "Basic"}), {SUB: "manual"}),
    ("with a number", estate({"name": "Free_F1"}), {SUB: "manual"}),
    ("Consumption", estate({"name": "FC1", "tier": "FlexConsumption"}), {SUB: "manual"}),
    ("the consumption plan of functions", estate({"name": "Y1", "tier": "Dynamic"}), {SUB: "manual"}),
    ("BasicPlus is another word", estate({"name": "Basics"}), {SUB: "pass"}),
    ("for tests", estate(BASIC, tags={"Environment": "Test "}), {SUB: "pass"}, {"remark": "tag: 1"}),
    ("for production", estate(BASIC, tags={"environment": "prod"}), {SUB: "manual"}),
    (
        "another tag",
        estate(BASIC, tags={"stage": "qa"}),
        {SUB: "pass"},
        {"params": {"test_tags": "stage", "test_values": "qa;dev"}},
    ),
    ("gateway", gateway({"name": "Basic", "tier": "Basic"}), {SUB: "manual"}),
    ("larger gateway", gateway({"name": "VpnGw1AZ", "tier": "VpnGw1AZ"}), {SUB: "pass"}),
    ("cache", cache({"name": "Basic", "family": "C", "capacity": 0}), {SUB: "manual"}),
    ("SKU is text", estate("Basic"), {SUB: "unknown"}),
    ("SKU without a name", estate({"capacity": 1}), {SUB: "unknown"}),
    ("name is a number", estate({"name": 1, "tier": "Basic"}), {SUB: "unknown"}),
    ("size alone", estate({"name": "B2"}), {SUB: "manual"}),
    ("free SKU of AI services, without a tier", estate({"name": "F0"}), {SUB: "manual"}),
    ("tags are text", estate(BASIC, tags="dev"), {SUB: "unknown"}),
    ("one is enough", estate({"name": 1}, BASIC), {SUB: "manual"}),
    ("nothing with a SKU", {"resources": {SUB: [VM]}}, {SUB: "not_applicable"}),
    ("inventory forbidden", {}, {SUB: "unknown"}, {"gaps": [gap("resources")]}),
    (
        "gateway forbidden",
        {"resources": gateway({})["resources"]},
        {SUB: "unknown"},
        {"gaps": [gap("vpn_gateways", GATEWAY)]},
    ),
)
ABSENCE_PASSES = [("platform-production-sku", r"(properties\.)?sku", "many kinds of resources have no SKU")]
IMPOSSIBLE = {"platform-production-sku": {"fail": "a person judges which resources are in production"}}
OFFICIAL_VERDICTS = """
platform-production-sku pass: unit
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › App Services › the app › App Service plan › Scale up",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/app-service/manage-scale-up.md",
            "017ae900bd3747c05bb1767d0344d692be3c68e0",
            "In the left pane of your App Service app page, under App Service plan, select Scale up",
        ),
    ),
]

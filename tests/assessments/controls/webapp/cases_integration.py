"""Virtual networks and secrets of apps."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.judging import RG, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile
from tests.assessments.controls.webapp.apps import ID, NO_LIST, NONE, RESOURCES, app, one

FUNCTION = "functionapp,linux"
PLAN = f"{RG}/providers/Microsoft.Web/serverfarms/plan"
SUBNET = f"{RG}/providers/Microsoft.Network/virtualNetworks/hub/subnets/apps"
FARM = {"id": PLAN, "name": "plan", "type": "Microsoft.Web/serverFarms"}
ENVIRONMENT = {"hostingEnvironmentProfile": {"id": f"{RG}/providers/Microsoft.Web/hostingEnvironments/ase"}}


def in_plan(tier: Any, kind: str = FUNCTION, plan: str = PLAN, **properties: Any) -> dict[str, Any]:
    """An app in a plan of this tier."""
    docs = one(app(kind=kind, serverFarmId=plan, **properties))
    return docs | {
        "resources": [*RESOURCES[:1], FARM],
        "web_plans": [doc(PLAN.replace("serverfarms", "serverFarms"), sku={"name": "x", "tier": tier})],
    }


def references(*statuses: Any) -> dict[str, Any]:
    held = [
        doc(f"{ID}/config/configreferences/appsettings/SECRET_{number}", {"status": status})
        for number, status in enumerate(statuses)
    ]
    return one(app(), web_references={ID: held})


CASES = [
    *rows(
        "webapp-vnet",
        ("connected", in_plan("ElasticPremium", virtualNetworkSubnetId=SUBNET), {ID: "pass"}),
        *(
            (
                f"connected, {name}",
                in_plan("Standard", virtualNetworkSubnetId=SUBNET, **more),
                {ID: "pass"},
                found,
            )
            for name, more, found in (
                ("all traffic", {"outboundVnetRouting": {"allTraffic": True}}, {"no_remark": "Traffic"}),
                (
                    "private traffic only",
                    {"outboundVnetRouting": {"allTraffic": False}},
                    {"remark": "Traffic"},
                ),
                (
                    "traffic of the application",
                    {"outboundVnetRouting": {"allTraffic": False, "applicationTraffic": True}},
                    {"no_remark": "Traffic"},
                ),
                ("the older property", {"vnetRouteAllEnabled": False}, {"remark": "Traffic"}),
            )
        ),
        ("not connected", in_plan("ElasticPremium"), {ID: "fail"}),
        ("null", in_plan("PremiumV3", virtualNetworkSubnetId=None), {ID: "fail"}),
        ("Consumption", in_plan("Dynamic"), {ID: "not_applicable"}),
        ("on Container Apps", in_plan("Standard", "functionapp,azurecontainerapps"), {ID: "not_applicable"}),
        ("in an environment", in_plan("Isolated", **ENVIRONMENT), {ID: "not_applicable"}),
        ("a new tier", in_plan("Moon"), {ID: "unknown"}),
        ("no tier", in_plan(None), {ID: "unknown"}),
        ("the plan is not listed", in_plan("Standard", plan=f"{PLAN}2"), {ID: "unknown"}),
        ("no subnet", in_plan("Standard", virtualNetworkSubnetId="hub"), {ID: "unknown"}),
        ("a number", in_plan("Standard", virtualNetworkSubnetId=1), {ID: "unknown"}),
        ("a web app", in_plan("Standard", "app"), "not_applicable"),
        (
            "a web app, which the parameter includes",
            in_plan("Standard", "app"),
            {ID: "fail"},
            {"params": {"include_web_apps": True}},
        ),
        (
            "plans forbidden",
            one(app(kind=FUNCTION, serverFarmId=PLAN)),
            {ID: "unknown"},
            {"gaps": [gap("web_plans")]},
        ),
        NO_LIST,
        NONE,
    ),
    *rows(
        "webapp-keyvault-references",
        ("resolved", references("Resolved", "resolved"), {ID: "manual"}),
        ("just set", references("Initialized"), {ID: "manual"}),
        ("none", references(), {ID: "manual"}),
        ("not resolved", references("Resolved", "SecretNotFound"), {ID: "fail"}),
        ("a new status", references("Lost"), {ID: "unknown"}),
        ("no status", references(None), {ID: "unknown"}),
        ("forbidden", one(app()), {ID: "unknown"}, {"gaps": [gap("web_references", ID)]}),
        NO_LIST,
        NONE,
    ),
]

IMPOSSIBLE = {"webapp-keyvault-references": {"pass": "only a person knows which settings have secrets"}}
OFFICIAL_VERDICTS = """
webapp-keyvault-references manual: staging
webapp-keyvault-references unknown: sitef6141  # the example has no status
webapp-vnet not_applicable: unit
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › App Services › {app} › Settings › Environment variables",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/app-service/configure-common.md",
            "e659e3a2cde9f50c4ae7284f9be9ddb9054db5e2",
            "search for and select App Services",
        ),
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/app-service/app-service-ip-restrictions.md",
            "01506d48ecb5b473a5525997b89e772006030831",
            "On the service menu, select Settings > Networking",
        ),
        not_in_text={
            "Environment variables": (
                "the portal's page of app settings, which was the tab Application settings of Configuration "
                "before: "
                "https://learn.microsoft.com/training/modules/configure-web-app-settings/2-configure-application-settings"
            ),
        },
        page="https://learn.microsoft.com/azure/app-service/app-service-key-vault-references",
    ),
    ComparedPath(
        "Azure portal › App Services › {app} › Networking › VNet integration › Add VNet",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/app-service/configure-common.md",
            "e659e3a2cde9f50c4ae7284f9be9ddb9054db5e2",
            "search for and select App Services",
        ),
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/app-service/configure-vnet-integration-enable.md",
            "12754776ff693d800463a01e850a029da070dbd2",
            "Go to the Networking UI in the App Service portal",
            "Under Outbound Traffic, select VNet integration",
            "Select Add VNet",
        ),
    ),
]

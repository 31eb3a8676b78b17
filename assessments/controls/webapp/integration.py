"""Controls of how apps reach other services: through virtual networks, and with secrets.

Properties: Azure/azure-rest-api-specs, web/resource-manager/Microsoft.Web/AppService/stable/2025-05-01/openapi.json
(Site, AppServicePlan, ApiKVReference)
"""

from __future__ import annotations

from typing import Final

from assessments.controls.context import Context
from assessments.controls.declare import Answer, Parameter
from assessments.controls.references import Partly, References
from assessments.controls.settings import SettingControl, declare_settings
from assessments.controls.verdict import Severity, Verdict, failed, manual, not_applicable, passed
from assessments.controls.webapp._apps import (
    APP,
    LEARN,
    NO_APPS,
    NO_FUNCTION_APPS,
    PORTAL,
    SITE,
    SLOT,
    TYPE,
    of_app,
)
from assessments.estate.collections.webapp import WEB_PLANS, WEB_REFERENCES, WEB_SITES, WEB_SLOTS
from assessments.estate.ids import name_of
from assessments.estate.services.web_apps import is_function_app, is_on_container_apps
from assessments.estate.view import View
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.variables import Variable

# Tiers of App Service plans. Apps in a plan of `_TIERS_WITHOUT` cannot use a virtual network. Apps in a plan of
# `_TIERS_WITH` can. Sources:
# https://learn.microsoft.com/azure/app-service/overview-vnet-integration and
# https://learn.microsoft.com/azure/azure-functions/functions-networking-options
_TIERS_WITHOUT: Final = frozenset({"dynamic", "free", "shared"})
_TIERS_WITH: Final = frozenset(
    {"basic", "standard", "premium", "premiumv2", "premiumv3", "premium0v3", "premiummv3", "premiumv4", "premium0v4",
     "premiummv4", "elasticpremium", "flexconsumption", "workflowstandard"}
)  # fmt: skip
_STATUSES: Final = frozenset(
    {"initialized", "resolved", "invalidsyntax", "msinotenabled", "vaultnotfound", "secretnotfound",
     "secretversionnotfound", "accesstokeyvaultdenied", "otherreasons", "fetchtimedout", "unauthorizedclient"}
)  # fmt: skip


def _bypasses(properties: View) -> bool:
    """Return whether only traffic to private addresses goes through the virtual network. Older versions of the API have
    `vnetRouteAllEnabled` in place of `outboundVnetRouting`.
    """
    routed = [properties.raw(f"outboundVnetRouting.{name}") for name in ("allTraffic", "applicationTraffic")]
    if routed == [None, None]:
        return properties.raw("vnetRouteAllEnabled") is False
    return routed[0] is False and routed[1] is not True


def _vnet(app: View, ctx: Context) -> Verdict:
    properties = app.object("properties")
    if subnet := properties.text("virtualNetworkSubnetId", default=""):
        if "/subnets/" not in subnet.casefold():
            raise properties.unreadable("virtualNetworkSubnetId", "not an id")
        return passed(
            "The app reaches other services through a virtual network",
            remarks=["Traffic to public addresses does not go through the virtual network"]
            if _bypasses(properties)
            else [],
            subnet=subnet,
        )
    if is_on_container_apps(app):
        return not_applicable(
            "The environment of the container app decides which virtual network the app uses", subnet=None
        )
    if properties.object("hostingEnvironmentProfile", default={}).text("id", default=""):
        return not_applicable("The App Service Environment of the app is in a virtual network", subnet=None)
    plan_id = properties.text("serverFarmId")
    ctx.require_complete(WEB_PLANS)
    plan = ctx.find(WEB_PLANS, plan_id)
    if plan is None:
        raise properties.unlisted("serverFarmId", "plan", plan_id)
    tier = plan.text("sku.tier")
    if plan.choice("sku.tier", _TIERS_WITHOUT | _TIERS_WITH) in _TIERS_WITHOUT:
        return not_applicable("Apps in this plan cannot use a virtual network", subnet=None, planTier=tier)
    return failed("The app reaches other services without a virtual network", subnet=None, planTier=tier)


def _references(app: View, ctx: Context) -> Verdict:
    broken = []
    references = ctx.documents_at(WEB_REFERENCES, app.id)
    for reference in references:
        status = reference.object("properties").choice("status", _STATUSES)
        if status not in ("resolved", "initialized"):
            broken.append(name_of(reference.id))
    if broken:
        return failed("A reference to a key vault cannot be resolved", brokenReferences=sorted(broken))
    return manual(
        "Attest that the settings of the app contain secrets only as references to a key vault",
        vaultReferences=len(references),
    )


CONTROLS = declare_settings(
    __name__,
    WEB_SITES,
    SettingControl(
        "webapp-vnet",
        title="Function apps reach other services through a virtual network",
        problem="Function app without a virtual network",
        expected="The app is connected to a subnet",
        judged="`virtualNetworkSubnetId` of each function app and its deployment slots; with `include_web_apps`, also"
        " of web apps. Apps in a plan that offers no virtual networks are not applicable, nor are apps in an App"
        " Service Environment or on Container Apps.",
        why="Without a virtual network, services that the app uses must stay open to public networks.",
        severity=Severity.LOW,
        labels={"planTier": "Tier of the plan"},
        judge=of_app(_vnet),
        needs=(WEB_PLANS,),
        also=(WEB_SLOTS,),
        where=lambda app, ctx: bool(ctx.params["include_web_apps"]) or is_function_app(app),
        subject_type=TYPE,
        empty_reason=NO_FUNCTION_APPS,
        parameters=(Parameter("include_web_apps", False, "Judge web apps as well"),),
        references=References(mcsb="NS-1* NS-2*", nist="SC-7*"),
        fix=Fix(
            advice("First create an empty subnet for the app, in a virtual network of the same region."),
            command(
                "az webapp vnet-integration add --resource-group {group} --name {site} --vnet {vnet} --subnet {subnet}"
                " --subscription {subscription}",
                "Connect the app to the subnet:",
                kinds=("microsoft.web/sites",),
            ),
            command(
                "az webapp vnet-integration add --resource-group {group} --name {site} --slot {slot} --vnet {vnet}"
                " --subnet {subnet} --subscription {subscription}",
                "Connect the deployment slot to the subnet:",
                kinds=("microsoft.web/sites/slots",),
            ),
            portal=f"{PORTAL} Networking › VNet integration › Add VNet",
            portal_source=f"{LEARN}/configure-vnet-integration-enable",
            # `effects` says “All connections”, because the command also sets `outboundVnetRouting.applicationTraffic`
            # (azure-cli 2.91.0, `_add_vnet_integration`).
            # https://learn.microsoft.com/azure/app-service/overview-vnet-integration
            effects="The app restarts. All connections that it opens then go through the network, whose routes,"
            " security groups and DNS servers apply. The app can no longer use port 25.",
            variables=[
                APP,
                SITE,
                SLOT,
                Variable("vnet", "Name of the virtual network", "vnet-hub"),
                Variable("subnet", "Name of the empty subnet for the app", "apps"),
            ],
        ),
    ),
    SettingControl(
        "webapp-keyvault-references",
        title="Apps keep secrets in key vaults",
        problem="Secrets of an app outside of key vaults",
        expected="Each setting with a secret is a reference to a key vault, and somebody attests this once a year",
        judged="The references to key vaults among the settings of each web app, function app and deployment slot. A"
        " reference that cannot be resolved fails. Otherwise, the control needs an attestation, because Surety reads no"
        " other settings.",
        why="A secret in the settings is visible to everybody who may read them, and is rarely changed.",
        severity=Severity.LOW,
        labels={
            "brokenReferences": "References that cannot be resolved",
            "vaultReferences": "References to key vaults",
        },
        judge=_references,
        needs=(WEB_REFERENCES,),
        also=(WEB_SLOTS,),
        subject_type=TYPE,
        empty_reason=NO_APPS,
        is_manual=True,
        answer=Answer(days=365),
        references=References(
            c2="9.11",
            c3="9.11",
            mcsb="IM-8*",
            nist="IA-5*",
            partly=(
                Partly(
                    "c2 c3",
                    "The control only checks that references to key vaults can be resolved; a person must attest that"
                    " all secrets are such references",
                ),
            ),
        ),
        fix=Fix(
            advice("Give the identity of the app the role Key Vault Secrets User at the vault."),
            command(
                "az webapp config appsettings set --resource-group {group} --name {site} --settings {setting}"
                " --subscription {subscription}",
                "Set each secret of the app as a reference:",
                kinds=("microsoft.web/sites",),
            ),
            command(
                "az webapp config appsettings set --resource-group {group} --name {site} --slot {slot}"
                " --settings {setting} --subscription {subscription}",
                "Set each secret of the deployment slot as a reference:",
                kinds=("microsoft.web/sites/slots",),
            ),
            portal=f"{PORTAL} Settings › Environment variables",
            portal_source=f"{LEARN}/app-service-key-vault-references",
            effects="The app restarts.",
            variables=[
                APP,
                SITE,
                SLOT,
                Variable(
                    "setting",
                    "Name of the setting, an equals sign, and the reference",
                    "DB_KEY=@Microsoft.KeyVault(VaultName=kv-shop;SecretName=db-key)",
                ),
            ],
        ),
    ),
)

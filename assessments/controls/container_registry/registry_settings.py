"""Controls of the network, sign-in and keys of container registries.

Properties: containerregistry/resource-manager/Microsoft.ContainerRegistry/Registry/stable/2025-11-01
(RegistryProperties). What each SKU offers: https://learn.microsoft.com/azure/container-registry/container-registry-skus
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from assessments.controls.context import Context
from assessments.controls.declare import Parameter
from assessments.controls.references import References
from assessments.controls.settings import Remark, SettingControl, declare_settings
from assessments.controls.shared.rules import (
    ACCEPT_FIREWALL,
    ACCEPT_PERIMETER,
    ONLY_PRIVATE_ENDPOINT_VARIABLES,
    PRIVATE_ENDPOINT_COST,
    PRIVATE_ENDPOINT_EFFECTS,
    private_endpoint,
    private_endpoint_steps,
    public_access_limited,
)
from assessments.controls.verdict import Outcome, Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.container_registry import CONTAINER_REGISTRIES
from assessments.estate.view import View
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.variables import EXAMPLE_GUID, Variable, segment

_UPDATE: Final = "az acr update --resource-group {group} --name {registry}"
_SUBSCRIPTION: Final = " --subscription {subscription}"
_PORTAL: Final = "Azure portal › Container registries › {registry} › Settings ›"
_LEARN: Final = "https://learn.microsoft.com/azure/container-registry"
REGISTRY: Final = Variable(
    "registry", "Name of the container registry", "acrshop", "the container registry", segment("registries")
)
_PREMIUM_COST: Final = "Premium costs more than Basic and Standard."
# The first version of the API that shows whether anonymous pull is on.
_SHOWS_ANONYMOUS_PULL: Final = "2025-11-01"
DEMAND_KEY: Final = Parameter(
    "demand_cmk",
    False,
    "Require a customer-managed key; by default, the control does not apply",
    label="Require customer-managed keys",
)

_NEEDS_PREMIUM: Final = "Only the SKU Premium can limit or switch off public network access"
_OPEN_TO_TASKS: Final = "Tasks of the registry bypass the firewall"


def _sku(registry: View) -> str:
    return registry.choice("sku.name", {"classic", "basic", "standard", "premium"})


def _is_premium(registry: View, ctx: Context) -> bool:
    return str(registry.raw("sku.name")).casefold() == "premium"


_LIMITED: Final = public_access_limited(
    failed("Public network access is on, because the setting is absent", publicNetworkAccess=None),
    "networkRuleSet",
)


def _network(registry: View, ctx: Context) -> Verdict:
    verdict = _LIMITED(registry, ctx)
    if verdict.outcome is Outcome.FAIL and not _is_premium(registry, ctx):
        return replace(verdict, remarks=(*verdict.remarks, _NEEDS_PREMIUM))
    if (
        verdict.outcome is Outcome.PASS
        and registry.raw("properties.networkRuleBypassAllowedForTasks") is True
    ):
        return replace(verdict, remarks=(*verdict.remarks, _OPEN_TO_TASKS))
    return verdict


def _endpoint(registry: View, ctx: Context) -> Verdict:
    if _sku(registry) != "premium":
        return failed(
            "The registry has no private endpoint, because only the SKU Premium offers private endpoints",
            skuName=registry.raw("sku.name"),
        )
    return private_endpoint(registry, ctx)


def _anonymous_pull(registry: View, ctx: Context) -> Verdict:
    if _sku(registry) == "basic":
        return not_applicable("The SKU Basic has no anonymous pull", skuName=registry.raw("sku.name"))
    properties = registry.object("properties")
    setting = properties.raw("anonymousPullEnabled")
    shows = registry.document.api_version[:10] >= _SHOWS_ANONYMOUS_PULL
    if setting is None and not shows:
        raise properties.unreadable("anonymousPullEnabled", "absent")
    if properties.flag("anonymousPullEnabled", default=False):
        return failed("Anybody can pull images without signing in", anonymousPullEnabled=setting)
    return passed("Pulling images needs a sign-in", anonymousPullEnabled=setting)


def _own_key(registry: View, ctx: Context) -> Verdict:
    if not ctx.params[DEMAND_KEY.name]:
        return not_applicable("A customer-managed key is not required")
    if _sku(registry) != "premium":
        return not_applicable(
            "Only the SKU Premium has customer-managed keys", skuName=registry.raw("sku.name")
        )
    encryption = registry.object("properties").object("encryption", default={})
    status = encryption.raw("status")
    if encryption.choice("status", {"enabled", "disabled"}, default="disabled") == "enabled":
        return passed("A customer-managed key encrypts the registry", keyStatus=status)
    return failed("A Microsoft-managed key encrypts the registry", keyStatus=status)


CONTROLS = declare_settings(
    __name__,
    CONTAINER_REGISTRIES,
    SettingControl(
        "registry-pna",
        title="Container registries are not open to the Internet",
        problem="Container registry open to the Internet",
        expected="Public network access is off, or a firewall lets only listed networks in",
        judged="`publicNetworkAccess` of each container registry; absent counts as on. SecuredByPerimeter passes with a"
        " remark, or fails if `accept_perimeter` is off. A registry with public network"
        " access passes if its firewall (`networkRuleSet`) denies by default and allows fewer than 2^24 addresses"
        " together, unless `accept_firewall` is off. Registries of the SKUs Basic and Standard have no firewall.",
        why="Everybody on the Internet can try stolen passwords and tokens at an open registry.",
        severity=Severity.HIGH,
        judge=_network,
        parameters=(ACCEPT_PERIMETER, ACCEPT_FIREWALL),
        references=References(mcsb="NS-2", nist="AC-4 SC-7 SC-7(3)"),
        fix=Fix(
            command(
                f"{_UPDATE} --sku Premium{_SUBSCRIPTION}",
                "Only Premium registries can limit which networks reach them.",
                when=lambda facts: _NEEDS_PREMIUM in facts.remarks,
            ),
            command(
                f"{_UPDATE} --public-network-enabled false{_SUBSCRIPTION}",
                "First create a private endpoint for every network that needs the registry: see the control"
                " registry-pe.",
            ),
            portal=f"{_PORTAL} Networking › Public access › Public network access: Disabled",
            portal_source=f"{_LEARN}/container-registry-private-endpoints",
            effects="Clients that do not use a private endpoint lose access at once, including pipelines. The command"
            " az acr build no longer works either.",
            cost=_PREMIUM_COST,
            variables=[REGISTRY],
        ),
    ),
    SettingControl(
        "registry-pe",
        title="Container registries have a private endpoint",
        problem="Container registry without a private endpoint",
        expected="At least one private endpoint is approved",
        judged="`privateEndpointConnections` of each container registry. Only the SKU Premium has private endpoints, so"
        " the other SKUs fail.",
        why="Without a private endpoint, images travel over public addresses, and the registry must stay public.",
        severity=Severity.MEDIUM,
        judge=_endpoint,
        references=References(mcsb="NS-2", nist="AC-4 AC-17 AC-17(1) SC-7 SC-7(3)"),
        fix=Fix(
            command(
                f"{_UPDATE} --sku Premium{_SUBSCRIPTION}",
                "Only Premium registries have private endpoints.",
                when=lambda facts: bool(facts.text("skuName")),
            ),
            *private_endpoint_steps("registry", is_only=True),
            portal=f"{_PORTAL} Networking › Private access › Create a private endpoint connection",
            portal_source=f"{_LEARN}/container-registry-private-endpoints",
            cost=f"{_PREMIUM_COST} {PRIVATE_ENDPOINT_COST}",
            effects=PRIVATE_ENDPOINT_EFFECTS,
            variables=[REGISTRY, *ONLY_PRIVATE_ENDPOINT_VARIABLES],
        ),
    ),
    SettingControl(
        "registry-admin",
        title="The admin user of container registries is off",
        problem="Container registry with an admin user",
        expected="The admin user is off",
        judged="`adminUserEnabled` of each container registry. Absent counts as off, which is the default. Repository"
        " tokens, another way to sign in, are not checked.",
        why="Everybody who knows a password of the admin user shares this account. The account can push images, and"
        " nothing shows who uses it.",
        severity=Severity.HIGH,
        labels={"adminUserEnabled": "Admin user"},
        setting="properties.adminUserEnabled",
        values={
            False: passed("The admin user is off"),
            True: failed("The admin user is on"),
        },
        absent=passed("The admin user is off, which is the default"),
        remarks=(
            Remark(
                "Surety does not check for repository tokens, which also work without Microsoft Entra ID",
                lambda registry, _: registry.raw("properties.adminUserEnabled") is not True,
            ),
        ),
        references=References(mcsb2="IM-1", nist="AC-2* IA-2*"),
        fix=Fix(
            advice(
                "First let all clients of the registry sign in with Microsoft Entra ID, also pipelines and clusters."
            ),
            command(f"{_UPDATE} --admin-enabled false{_SUBSCRIPTION}"),
            portal=f"{_PORTAL} Access keys › Admin user",
            portal_source=f"{_LEARN}/container-registry-authentication",
            effects="Clients that still use the admin user can no longer pull or push images.",
            variables=[REGISTRY],
        ),
    ),
    SettingControl(
        "registry-anonymous-pull",
        title="Container registries require a sign-in to pull images",
        problem="Container registry with anonymous pull",
        expected="Anonymous pull is off",
        judged="`anonymousPullEnabled` of each container registry of the SKU Standard or Premium. Absent counts as off,"
        " except in clouds whose API does not show the setting yet: there, the verdict is unknown. For a registry that"
        " is meant for the public, request an exception.",
        why="Images often contain source code and secrets. With anonymous pull, anybody can read them.",
        severity=Severity.HIGH,
        labels={"anonymousPullEnabled": "Anonymous pull"},
        judge=_anonymous_pull,
        references=References(mcsb2="IM-1*", nist="AC-3*"),
        fix=Fix(
            command(
                f"{_UPDATE} --anonymous-pull-enabled false{_SUBSCRIPTION}",
                "Microsoft documents only the command, not a setting in the portal.",
            ),
            portal="Azure portal › Container registries › {registry}",
            portal_source=f"{_LEARN}/anonymous-pull-access",
            effects="Clients that do not sign in can no longer pull images.",
            variables=[REGISTRY],
        ),
    ),
    SettingControl(
        "registry-cmk",
        title="A customer-managed key encrypts container registries",
        problem="Container registry encrypted with a Microsoft-managed key",
        expected="A customer-managed key encrypts the registry",
        judged="`encryption.status` of each container registry of the SKU Premium, if `demand_cmk` is on; absent counts"
        " as off. By default, customer-managed keys are not required.",
        why="Only with a key of your own can you end Azure’s access to the images and see who uses the key.",
        severity=Severity.LOW,
        labels={"keyStatus": "Customer-managed key"},
        judge=_own_key,
        parameters=(DEMAND_KEY,),
        references=References(mcsb="DP-5", nist="SC-12"),
        fix=Fix(
            command(
                "az acr create --resource-group {group} --name {new_registry} --sku Premium --identity {identity}"
                f" --key-encryption-key {{key_id}}{_SUBSCRIPTION}",
                "The key can be set only when a registry is created. Create a new registry, whose identity may use the"
                " key, and import the images.",
            ),
            portal="Azure portal › Create a resource › Containers › Container Registry › Encryption ›"
            " Customer-managed key",
            portal_source=f"{_LEARN}/tutorial-enable-customer-managed-keys",
            effects="If the key is lost or blocked, images can no longer be pulled.",
            cost="Both registries are billed until the old one is deleted.",
            variables=[
                REGISTRY,
                Variable("new_registry", "Name of the new registry", "acrshop2"),
                Variable(
                    "identity",
                    "Full id of a managed identity that may use the key",
                    f"/subscriptions/{EXAMPLE_GUID}/resourceGroups/rg-shop/providers/Microsoft.ManagedIdentity/"
                    "userAssignedIdentities/id-acr",
                ),
                Variable("key_id", "Identifier of the key", "https://kv-shop.vault.azure.net/keys/acr"),
            ],
        ),
    ),
)

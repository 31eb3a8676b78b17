"""Controls of the roles, deletion and network of key vaults.

Properties: keyvault/resource-manager/Microsoft.KeyVault/KeyVault/stable/2026-02-01/openapi.json (VaultProperties,
ManagedHsmProperties). The descriptions of the properties say what an absent value means.
"""

from __future__ import annotations

from typing import Final

from assessments.controls.context import Context
from assessments.controls.declare import Answer, per_scope
from assessments.controls.docstrings import Doc
from assessments.controls.keyvault._variables import HSM, HSMS, VAULT, VAULTS
from assessments.controls.references import Partly, References, Setting
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
from assessments.controls.verdict import Severity, Verdict, failed, manual, not_applicable, passed
from assessments.estate.collections.keyvault import KEY_VAULTS, MANAGED_HSMS
from assessments.estate.view import View
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.variables import EXAMPLE_GUID, Variable

_UPDATE: Final = "az keyvault update --resource-group {group} --name {vault}"
_SUBSCRIPTION: Final = " --subscription {subscription}"
_PORTAL: Final = "Azure portal › Key vaults › {vault} ›"
_LEARN: Final = "https://learn.microsoft.com/azure/key-vault"
_LONGEST: Final = 90
"""The longest time, in days, for which deleted vaults, keys and secrets can be kept."""


def _has_access_policies(vault: View, ctx: Context) -> bool:
    properties = vault.object("properties")
    return bool(
        properties.flag("enableRbacAuthorization", default=False)
        and properties.items("accessPolicies", default=[])
    )


def _purge_protection(vault: View, ctx: Context) -> Verdict:
    properties = vault.object("properties")
    observed = {
        name: properties.raw(name)
        for name in ("enableSoftDelete", "enablePurgeProtection", "softDeleteRetentionInDays")
    }
    if not properties.flag("enableSoftDelete", default=True):
        return failed("Soft delete is off, so deleted keys and secrets cannot be restored", **observed)
    # If a vault has no purge protection, Azure omits `enablePurgeProtection`, so absent means off. For managed HSMs,
    # Microsoft does not document the meaning of an absent property, and the default of new HSMs is true. So for managed
    # HSMs, an absent property makes the verdict unknown.
    is_vault = vault.collection == KEY_VAULTS.name
    is_on = (
        properties.flag("enablePurgeProtection", default=False)
        if is_vault
        else properties.flag("enablePurgeProtection")
    )
    if not is_on:
        return failed("Deleted keys and secrets can be destroyed at once", **observed)
    days = properties.number("softDeleteRetentionInDays", default=_LONGEST)
    return passed(
        "Deleted keys and secrets cannot be destroyed before their retention ends",
        remarks=["The retention of deleted keys and secrets is shorter than 90 days, and cannot be changed"]
        if days < _LONGEST
        else [],
        **observed,
    )


CONTROLS = declare_settings(
    __name__,
    KEY_VAULTS,
    SettingControl(
        "keyvault-rbac",
        title="Azure roles grant access to the content of key vaults",
        problem="Key vault grants access with its own access policies",
        expected="Azure roles grant access to keys, secrets and certificates",
        judged="`enableRbacAuthorization` of each key vault. If the property is absent, the vault uses access policies."
        " Access policies that are left in a vault with roles have no effect; the finding then gets a remark.",
        why="Anyone who may change a vault with access policies can grant themselves access to all of its content."
        " Roles"
        " can be limited to one secret, given for a limited time and reviewed in one place.",
        severity=Severity.MEDIUM,
        setting="properties.enableRbacAuthorization",
        values={
            True: passed("Azure roles grant access"),
            False: failed("The access policies of the vault grant access"),
        },
        absent=failed("The access policies of the vault grant access, because the setting is absent"),
        remarks=(Remark("The vault still has access policies, which have no effect", _has_access_policies),),
        references=References(
            c2="8.6", c3="3.3.6", c4="9.3.6", c5="8.3.6", c6="8.3.6", mcsb="PA-7", nist="AC-6* AC-3*"
        ),
        fix=Fix(
            command(
                "az role assignment create --assignee {principal_id} --role {data_role} --scope {id}",
                "First give a role to everybody and everything that uses the vault.",
            ),
            command(
                f"{_UPDATE} --enable-rbac-authorization true{_SUBSCRIPTION}",
                "Then let roles grant access.",
            ),
            portal=f"{_PORTAL} Settings › Access configuration › Azure role-based access control",
            portal_source=f"{_LEARN}/general/rbac-guide",
            effects="All access policies lose their effect at once. Users and apps without a role lose access.",
            variables=[
                VAULT,
                Variable("principal_id", "Object id of the user, group or application", EXAMPLE_GUID),
                Variable("data_role", "Role for the content of the vault", "Key Vault Secrets User"),
            ],
        ),
    ),
    SettingControl(
        "keyvault-purge-protection",
        title="Deleted keys and secrets cannot be destroyed at once",
        problem="Key vault without purge protection",
        expected="Soft delete and purge protection are on",
        judged="`enableSoftDelete` and `enablePurgeProtection` of each key vault and managed HSM. Soft delete counts as"
        " on if it is absent, which is the default. Purge protection of a vault counts as off if it is absent, because"
        " Azure leaves it out then; for a managed HSM, the verdict is then unknown. A retention"
        " (`softDeleteRetentionInDays`) shorter than 90 days adds a remark.",
        why="Data that was encrypted with a destroyed key is lost. With purge protection, not even an attacker with"
        " administrative rights can destroy a key at once.",
        severity=Severity.HIGH,
        labels={"enableSoftDelete": "Soft delete"},
        judge=_purge_protection,
        also=(MANAGED_HSMS,),
        subject_type="Microsoft.KeyVault/vaults",
        empty_reason="No key vaults or managed HSMs",
        references=References(
            c2="8.5", c3="3.3.5", c4="9.3.5", c5="8.3.5", c6="8.3.5", mcsb="DP-8", nist="CP-9"
        ),
        fix=Fix(
            command(
                f"{_UPDATE} --enable-purge-protection true{_SUBSCRIPTION}",
                kinds=VAULTS,
            ),
            command(
                "az keyvault update-hsm --resource-group {group} --hsm-name {hsm} --enable-purge-protection true"
                f"{_SUBSCRIPTION}",
                kinds=HSMS,
            ),
            portal=f"{_PORTAL} Settings › Properties › Purge protection",
            portal_source=f"{_LEARN}/general/key-vault-recovery",
            # https://learn.microsoft.com/azure/key-vault/managed-hsm/soft-delete-overview
            cost="Azure bills a deleted managed HSM until it is purged. With purge protection, this takes until the"
            " retention ends, up to 90 days.",
            effects="Purge protection cannot be switched off again. The names of a deleted vault, and of its deleted"
            " keys and secrets, stay taken until the retention ends.",
            variables=[VAULT, HSM],
        ),
    ),
    SettingControl(
        "keyvault-pna",
        title="Key vaults are not open to the Internet",
        problem="Key vault reachable from public networks",
        expected="Public network access is off, or a firewall or perimeter limits it",
        judged="`publicNetworkAccess` and `networkAcls` of each key vault. Disabled passes. SecuredByPerimeter passes"
        " with a remark, or fails if `accept_perimeter` is off. With Enabled, the default action of the firewall must"
        " be Deny, and its IP rules together must allow fewer than 2^24 addresses; if `accept_firewall` is off, this"
        " fails too. If `publicNetworkAccess` is absent, it counts as Enabled, and without `networkAcls` the firewall"
        " is off. Trusted Microsoft services pass the firewall unless `bypass` is None; they are not judged.",
        why="If every network can reach the vault, a stolen credential is enough to read its secrets.",
        severity=Severity.HIGH,
        judge=public_access_limited(
            failed("Public network access is on, because the setting is absent", publicNetworkAccess=None),
            "networkAcls",
        ),
        parameters=(ACCEPT_PERIMETER, ACCEPT_FIREWALL),
        references=References(
            c4="9.3.7",
            c5="8.3.7",
            c6="8.3.7",
            mcsb="NS-2 DP-8",
            nist="AC-4 SC-7 SC-7(3)",
            partly=(
                Partly(
                    "c4 c5 c6",
                    "The requirement asks for disabled network access; the control also accepts a firewall, unless"
                    " its parameters refuse this",
                    unless=(Setting("accept_firewall", equal=False),),
                ),
                Partly(
                    "c4 c5 c6",
                    "The requirement asks for disabled network access; the control also accepts a network security"
                    " perimeter, unless its parameters refuse this",
                    unless=(Setting("accept_perimeter", equal=False),),
                ),
            ),
        ),
        fix=Fix(
            advice("First create a private endpoint for every network that needs the vault."),
            command(f"{_UPDATE} --public-network-access Disabled{_SUBSCRIPTION}"),
            portal=f"{_PORTAL} Settings › Networking › Firewalls and virtual networks › Disable public access",
            portal_source=f"{_LEARN}/general/how-to-azure-key-vault-network-security",
            effects="Only clients that use a private endpoint, and trusted Microsoft services, can still reach the"
            " vault.",
            variables=[VAULT],
        ),
    ),
    SettingControl(
        "keyvault-pe",
        title="Key vaults are used over a private endpoint",
        problem="Key vault without a private endpoint",
        expected="At least one private endpoint is approved",
        judged="`privateEndpointConnections` of each key vault. Passes if one connection is approved and usable."
        " Connections that are pending, rejected or disconnected do not count.",
        why="Without a private endpoint, clients reach the service at a public address, where attackers"
        " can try stolen credentials.",
        severity=Severity.MEDIUM,
        judge=private_endpoint,
        references=References(
            c2="8.7",
            c3="3.3.7",
            c4="9.3.8",
            c5="8.3.8",
            c6="8.3.8",
            mcsb="NS-2 DP-8",
            nist="AC-4 AC-17 AC-17(1) SC-7 SC-7(3)",
        ),
        fix=Fix(
            *private_endpoint_steps("vault", is_only=True),
            portal=f"{_PORTAL} Settings › Networking › Private endpoint connections › Create",
            portal_source=f"{_LEARN}/general/private-link-service",
            cost=PRIVATE_ENDPOINT_COST,
            effects=PRIVATE_ENDPOINT_EFFECTS,
            variables=[VAULT, *ONLY_PRIVATE_ENDPOINT_VARIABLES],
        ),
    ),
)


def _hsm_required(ctx: Context) -> Verdict:
    vaults, hsms = ctx.documents(KEY_VAULTS), ctx.documents(MANAGED_HSMS)
    if not vaults and not hsms:
        return not_applicable("No key vaults or managed HSMs")
    premium = [
        vault.name
        for vault in vaults
        if vault.choice("properties.sku.name", {"standard", "premium"}) == "premium"
    ]
    return manual(
        "Attest that a managed HSM is used wherever an obligation requires one",
        managedHsms=sorted(hsm.name for hsm in hsms),
        premiumVaults=sorted(premium),
    )


HSM_REQUIRED = per_scope(
    needs=(KEY_VAULTS, MANAGED_HSMS),
    slug="keyvault-hsm-required",
    doc=Doc(
        title="Managed HSMs are used where they are required",
        problem="Use of managed HSMs not considered",
        expected="Somebody has considered which keys need a managed HSM, and attests it once a year",
        judged="Needs an attestation for each subscription with key vaults or managed HSMs. The finding names the"
        " managed HSMs, and the vaults of the premium tier, which can protect keys with a shared HSM.",
        why="Some laws and contracts require that keys are kept in a hardware security module that no other customer"
        " uses.",
    ),
    fix=Fix(
        advice(
            "Find out which obligations apply to the keys, and create a managed HSM for those that need one."
        ),
        portal="Azure portal › Managed HSM Pools › Create",
        portal_source=f"{_LEARN}/managed-hsm/quick-create-portal",
        cost="Azure bills a managed HSM by the hour.",
    ),
    severity=Severity.LOW,
    labels={"premiumVaults": "Premium key vaults"},
    references=References(
        c4="9.3.10",
        c5="8.3.10",
        c6="8.3.10",
        nist="SC-12*",
        partly=(
            Partly(
                "c4 c5 c6",
                "A person attests that the requirement is met; the control only lists the managed HSMs",
            ),
        ),
    ),
    is_manual=True,
    answer=Answer(days=365),
)(_hsm_required)

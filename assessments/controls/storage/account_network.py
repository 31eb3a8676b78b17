"""Controls of the firewall, public access, private endpoints and TLS of storage accounts.

Properties: storage/resource-manager/Microsoft.Storage/stable/2025-06-01/storage.json (StorageAccountProperties). The
descriptions of the properties say what an absent value means.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.references import Partly, References, Setting
from assessments.controls.settings import Remark, SettingControl, declare_settings
from assessments.controls.shared.managed import (
    MANAGED_CAN_BE_LEFT_OUT,
    MANAGED_GROUPS,
    judges_managed,
    unless_managed,
)
from assessments.controls.shared.perimeters import (
    FIX_PERIMETER,
    PERIMETER_VARIABLES,
    PublicAccess,
    join_verdicts,
    judge_perimeter,
    read_public_access,
)
from assessments.controls.shared.rules import (
    ACCEPT_PERIMETER,
    PRIVATE_ENDPOINT_COST,
    PRIVATE_ENDPOINT_EFFECTS,
    private_endpoint,
    private_endpoint_steps,
    private_endpoint_variables,
    public_access_off,
)
from assessments.controls.storage._accounts import (
    ALLOW_SUBNET,
    AUDITING_STOPS,
    CLIENT_SUBNET,
    LEARN,
    PORTAL,
    SUBSCRIPTION,
    UPDATE,
    opens_by_own_rules,
)
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.estate.collections.resources import MANAGED_RESOURCE_GROUPS
from assessments.estate.collections.storage import STORAGE_ACCOUNTS, STORAGE_PERIMETERS
from assessments.estate.ranges import INTERNET_IPV4, INTERNET_IPV6
from assessments.estate.services.storage import network_closed
from assessments.estate.services.storage_rules import rules_for_the_internet
from assessments.estate.view import View
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.variables import Variable

_NETWORKING: Final = f"{PORTAL} Security + networking › Networking"
_UNREAD: Final = "Could not check whether a network security perimeter decides which networks get in"
_BYPASSES: Final = frozenset({"none", "logging", "metrics", "azureservices"})


def _default_deny(account: View, ctx: Context) -> Verdict:
    is_closed = network_closed(account)
    try:
        access = read_public_access(account, STORAGE_PERIMETERS, ctx, is_closed=is_closed)
    except CollectionUnavailable:
        setting = account.text("properties.publicNetworkAccess", default="")
        if setting.casefold() == "securedbyperimeter":
            raise
        verdict = _closed(setting) if is_closed else _by_own_rules(account, ctx)
        return replace(verdict, remarks=(*verdict.remarks, _UNREAD))
    by_perimeter = _by_perimeter(access)
    if access.by_own_rules:
        return join_verdicts(by_perimeter, lambda: _by_own_rules(account, ctx))
    return by_perimeter or _closed(str(access.value))


def _closed(setting: str) -> Verdict:
    """Return a pass for an account whose `publicNetworkAccess` is Disabled or SecuredByPerimeter. Call
    this only if no perimeter is known that could let public networks in. `setting` is the value of the property as
    Azure spells it.
    """
    if setting.casefold() == "disabled":
        return passed(
            "The public endpoint is closed, so the rules of the firewall do not matter",
            publicNetworkAccess=setting,
        )
    return passed(
        "Only a network security perimeter could let public networks in, and the account belongs to none",
        publicNetworkAccess=setting,
    )


def _by_perimeter(access: PublicAccess) -> Verdict | None:
    limits = {4: INTERNET_IPV4, 6: INTERNET_IPV6}
    return judge_perimeter(access, lambda perimeter: perimeter.rules_for_the_internet(limits), what="account")


def _by_own_rules(account: View, ctx: Context) -> Verdict:
    # If the account has no `networkAcls`, the firewall is off, because `defaultAction` is Allow by default.
    acls = account.object("properties").object("networkAcls", default={"defaultAction": "Allow"})
    action = acls.text("defaultAction")
    if acls.choice("defaultAction", {"allow", "deny"}) == "allow":
        return failed("The firewall lets every network in", defaultAction=action)
    if rules := rules_for_the_internet(acls):
        return failed("The rules of the firewall let the Internet in", defaultAction=action, rules=rules)
    foreign = _lets_another_directory_in(acls, ctx)
    return passed(
        "The firewall refuses networks that it does not list",
        remarks=["A rule of the firewall lets resources of another directory in"] if foreign else [],
        defaultAction=action,
    )


def _lets_another_directory_in(acls: View, ctx: Context) -> bool:
    own = ctx.estate.directory_id.casefold()
    directories = [
        rule.text("tenantId", default="") for rule in acls.items("resourceAccessRules", default=[])
    ]
    return bool(own) and any(directory.casefold() not in ("", own) for directory in directories)


def _trusted_services(account: View, ctx: Context) -> Verdict:
    acls = account.object("properties").object("networkAcls", default={})
    bypass = acls.text("bypass", default="AzureServices")
    entries = {entry.strip().casefold() for entry in bypass.split(",")}
    if not entries <= _BYPASSES:
        raise acls.unknown_value("bypass", bypass)
    observed = None if acls.raw("bypass") is None else sorted(entry.strip() for entry in bypass.split(","))
    if "azureservices" not in entries:
        return failed("Trusted Microsoft services do not pass the firewall", bypass=observed)
    return passed(
        "Trusted Microsoft services pass the firewall",
        remarks=_limits_of_trust(account, ctx),
        bypass=observed,
    )


def _limits_of_trust(account: View, ctx: Context) -> list[str]:
    """Return a remark if the firewall's exceptions for trusted services have no effect, because a network security
    perimeter decides about access or because the firewall is off.
    """
    access = str(account.raw("properties.publicNetworkAccess")).casefold()
    modes = {
        str(one.raw("properties.resourceAssociation.accessMode")).casefold()
        for one in ctx.partial_at(STORAGE_PERIMETERS, account.id)[0]
    }
    # https://learn.microsoft.com/azure/private-link/network-security-perimeter-transition (trusted access)
    if access == "securedbyperimeter" or modes == {"enforced"}:
        return ["A network security perimeter decides about public networks, and can refuse trusted services"]
    action = str(account.raw("properties.networkAcls.defaultAction") or "Allow").casefold()
    if access != "disabled" and action == "allow":
        return ["The firewall of the account is off, so every service gets in"]
    return []


def _accepts_old_tls(account: View, ctx: Context) -> bool:
    version = account.raw("properties.minimumTlsVersion")
    return str(version or "TLS1_0").casefold() in ("tls1_0", "tls1_1")


CONTROLS = declare_settings(
    __name__,
    STORAGE_ACCOUNTS,
    SettingControl(
        "storage-default-deny",
        title="Storage firewalls refuse networks that they do not list",
        problem="Storage firewall lets every network in",
        expected="Public network access is off, or the firewall refuses networks without a rule",
        judged="`publicNetworkAccess` and `networkAcls` of each storage account. Passes if public network access is"
        " off. Otherwise the default action must be Deny, and the IP rules together must allow fewer than 2^24 IPv4"
        " addresses and fewer than 2^96 IPv6 addresses. An account without network rules fails. If an enforced network"
        " security perimeter replaces these rules, or public network access is left to a perimeter, the same limits"
        " apply to the inbound access rules of the perimeter; rules for service tags need an attestation. A rule for"
        " resources of another directory adds a remark."
        f" {MANAGED_CAN_BE_LEFT_OUT}",
        why="If every network can reach the account, one leaked access key or shared access signature is enough to"
        " read its data.",
        severity=Severity.HIGH,
        unless=(unless_managed,),
        judge=_default_deny,
        needs=(MANAGED_RESOURCE_GROUPS, STORAGE_PERIMETERS),
        parameters=(MANAGED_GROUPS,),
        references=References(
            c2="3.8",
            c3="4.7",
            c4="2.2.1.2 10.3.2.3",
            c5="9.3.2.3",
            c6="9.3.2.3",
            mcsb="NS-2",
            nist="AC-4 AC-17 AC-17(1) SC-7 SC-7(3)",
            partly=(
                Partly(
                    "c4:2.2.1.2",
                    "The control judges only storage accounts; the requirement covers other services too",
                ),
                judges_managed("c2 c3 c4 c5 c6"),
            ),
        ),
        fix=Fix(
            command(
                "az storage account network-rule add --resource-group {group} --account-name {account}"
                f" --ip-address {{allowed}}{SUBSCRIPTION}",
                "First allow each network that needs the account.",
                when=opens_by_own_rules,
            ),
            ALLOW_SUBNET,
            command(
                f"{UPDATE} --default-action Deny{SUBSCRIPTION}",
                "Then refuse all other networks.",
                when=opens_by_own_rules,
            ),
            advice(
                "Then remove the IP rules that the finding names: Azure portal › Storage accounts › the account ›"
                " Security + networking › Networking › Manage.",
                when=lambda facts: bool(facts.texts("rules")),
            ),
            FIX_PERIMETER,
            portal=f"{_NETWORKING} › Manage › Enable › Enabled from selected networks",
            portal_source=f"{LEARN}/common/storage-network-security-set-default-access",
            effects=f"Every network that is not allowed loses access to all services of the account.{AUDITING_STOPS}",
            variables=[
                CLIENT_SUBNET,
                Variable("allowed", "Public address or network that needs the account", "203.0.113.0/24"),
                *PERIMETER_VARIABLES,
            ],
        ),
    ),
    SettingControl(
        "storage-pna-disabled",
        title="Public network access of storage accounts is off",
        problem="Storage account reachable from public networks",
        expected="Public network access is off, or a network security perimeter decides about access",
        judged="`publicNetworkAccess` of each storage account. Disabled passes. SecuredByPerimeter passes with a"
        " remark, unless `accept_perimeter` is off. If the property is absent, it counts as on."
        f" {MANAGED_CAN_BE_LEFT_OUT}",
        why="An account with a public endpoint can be reached from the Internet, for example with a stolen key.",
        severity=Severity.HIGH,
        unless=(unless_managed,),
        judge=public_access_off(
            failed("Public network access is on, because the setting is absent", publicNetworkAccess=None)
        ),
        needs=(MANAGED_RESOURCE_GROUPS,),
        parameters=(ACCEPT_PERIMETER, MANAGED_GROUPS),
        references=References(
            c3="4.6",
            c4="2.2.1.1 10.3.2.2",
            c5="9.3.2.2",
            c6="9.3.2.2",
            mcsb="NS-2*",
            mcsb2="NS-2",
            nist="AC-4* SC-7*",
            partly=(
                Partly(
                    "c4:2.2.1.1",
                    "The control judges only storage accounts; the requirement covers other services too",
                ),
                Partly(
                    "c3 c4:10.3.2.2 c5 c6",
                    "The requirement asks for disabled network access; the control also accepts a network security"
                    " perimeter, unless its parameters refuse this",
                    unless=(Setting("accept_perimeter", equal=False),),
                ),
                judges_managed("c3 c4 c5 c6"),
            ),
        ),
        fix=Fix(
            advice(
                "First create a private endpoint for each service that is used in the account, such as blobs or files."
            ),
            command(f"{UPDATE} --public-network-access Disabled{SUBSCRIPTION}"),
            portal=f"{_NETWORKING} › Manage › Disable",
            portal_source=f"{LEARN}/common/storage-network-security-set-default-access",
            effects=f"Only clients that use a private endpoint can still reach the account.{AUDITING_STOPS}",
        ),
    ),
    SettingControl(
        "storage-private-endpoint",
        title="Storage accounts are used over a private endpoint",
        problem="Storage account without a private endpoint",
        expected="At least one private endpoint is approved",
        judged="`privateEndpointConnections` of each storage account. Passes if one connection is approved and"
        " usable. Connections that are pending, rejected or disconnected do not count. Which service of the account"
        " the private endpoint serves is not checked."
        f" {MANAGED_CAN_BE_LEFT_OUT}",
        why="Without a private endpoint, clients reach the service at a public address, where attackers"
        " can try stolen credentials.",
        severity=Severity.MEDIUM,
        unless=(unless_managed,),
        judge=private_endpoint,
        needs=(MANAGED_RESOURCE_GROUPS,),
        parameters=(MANAGED_GROUPS,),
        references=References(
            c2="3.10",
            c3="4.9",
            c4="2.2.2.1 10.3.2.1",
            c5="9.3.2.1",
            c6="9.3.2.1",
            mcsb="NS-2",
            nist="AC-4 AC-17 AC-17(1) SC-7 SC-7(3)",
            partly=(
                Partly(
                    "c4:2.2.2.1",
                    "The control judges only storage accounts; the requirement covers other services too",
                ),
                judges_managed("c2 c3 c4 c5 c6"),
            ),
        ),
        fix=Fix(
            *private_endpoint_steps("blob, file, queue, table, dfs and web"),
            portal=f"{_NETWORKING} › Private endpoints › Create private endpoint",
            portal_source=f"{LEARN}/common/storage-private-endpoints",
            cost=PRIVATE_ENDPOINT_COST,
            effects=PRIVATE_ENDPOINT_EFFECTS,
            variables=private_endpoint_variables("blob"),
        ),
    ),
    SettingControl(
        "storage-trusted-services",
        title="Trusted Microsoft services pass the storage firewall",
        problem="Trusted Microsoft services blocked by the storage firewall",
        expected="The exceptions of the firewall include trusted Microsoft services",
        judged="`networkAcls.bypass` of each storage account. If the property is absent, the services are"
        " allowed, which is the default. If the firewall is off, or a network security perimeter replaces it, the"
        " verdict is the same, with a remark.",
        why="Backup, monitoring and other services of Azure stop when the firewall blocks them.",
        severity=Severity.LOW,
        labels={"bypass": "Exceptions of the firewall"},
        judge=_trusted_services,
        optional=(STORAGE_PERIMETERS,),
        references=References(
            c2="3.9", c3="4.8", c4="10.3.5", c5="9.3.5", c6="9.3.5", mcsb="NS-2*", nist="SC-7*"
        ),
        fix=Fix(
            command(
                f"{UPDATE} --bypass AzureServices Logging Metrics{SUBSCRIPTION}",
                "The command replaces all exceptions of the firewall. Leave out Logging and Metrics if nobody reads"
                " logs or metrics of the account from other networks.",
            ),
            portal=f"{_NETWORKING} › View › Exceptions",
            portal_source=f"{LEARN}/common/storage-network-security-manage-exceptions",
            effects="Trusted Microsoft services get access to the account if their identity has the necessary rights.",
        ),
    ),
    SettingControl(
        "storage-min-tls",
        title="Storage accounts require TLS 1.2",
        problem="Storage account accepts old versions of TLS",
        expected="The minimum version is TLS 1.2 or newer",
        judged="`minimumTlsVersion` of each storage account. If the property is absent, it counts as TLS 1.0, as the"
        " API documents.",
        why="TLS 1.0 and 1.1 have known weaknesses, with which attackers can decrypt or change the traffic.",
        severity=Severity.HIGH,
        setting="properties.minimumTlsVersion",
        values={
            "TLS1_2": passed("Connections need TLS 1.2 or newer"),
            "TLS1_3": passed("Connections need TLS 1.3"),
            "TLS1_1": failed("The minimum version is TLS 1.1"),
            "TLS1_0": failed("The minimum version is TLS 1.0"),
        },
        absent=failed("No minimum version is set, which counts as TLS 1.0"),
        remarks=(
            Remark(
                "Since 3 February 2026, Azure Storage itself refuses versions before TLS 1.2",
                _accepts_old_tls,
            ),
        ),
        references=References(
            c2="3.15",
            c3="4.15",
            c4="10.3.7",
            c5="9.3.6",
            c6="9.3.6",
            mcsb="DP-3*",
            mcsb2="DP-3",
            nist="SC-8* SC-8(1)*",
        ),
        fix=Fix(
            command(f"{UPDATE} --min-tls-version TLS1_2{SUBSCRIPTION}"),
            portal=f"{PORTAL} Settings › Configuration › Minimum TLS version",
            portal_source=f"{LEARN}/common/transport-layer-security-configure-minimum-version",
            effects="Clients that know only TLS 1.0 or 1.1 can no longer connect.",
        ),
    ),
)

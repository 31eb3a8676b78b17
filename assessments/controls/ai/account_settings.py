"""Controls of the network, keys and encryption of Azure AI services accounts, such as Azure OpenAI.

Properties: cognitiveservices/resource-manager/Microsoft.CognitiveServices/CognitiveServices/stable/2025-06-01/
cognitiveservices.json (AccountProperties). Firewall:
https://learn.microsoft.com/azure/ai-services/cognitive-services-virtual-networks
"""

from __future__ import annotations

from typing import Final

from assessments.controls.context import Context
from assessments.controls.declare import Parameter, SubjectRule
from assessments.controls.references import Partly, References, Setting
from assessments.controls.settings import SettingControl, declare_settings
from assessments.controls.shared.details import of_details
from assessments.controls.shared.rules import (
    ACCEPT_FIREWALL,
    ACCEPT_PERIMETER,
    ONLY_PRIVATE_ENDPOINT_VARIABLES,
    PRIVATE_ENDPOINT_COST,
    PRIVATE_ENDPOINT_EFFECTS,
    local_accounts_off,
    private_endpoint,
    private_endpoint_steps,
    public_access_limited,
)
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.ai import AI_ACCOUNTS, AI_DETAILS
from assessments.estate.services.ai_accounts import is_bing, is_free
from assessments.estate.view import View
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.variables import Variable, segment

_PORTAL: Final = "Azure portal › Azure AI services › {ai_account} › Resource Management ›"
_LEARN: Final = "https://learn.microsoft.com/azure/ai-services"
_NETWORKS: Final = f"{_LEARN}/cognitive-services-virtual-networks"
_NONE: Final = "No Azure AI services accounts"
_KEY_SOURCES: Final = frozenset({"microsoft.cognitiveservices", "microsoft.keyvault"})
ACCOUNT: Final = Variable(
    "ai_account", "Name of the Azure AI services account", "ai-shop", "the account", segment("accounts")
)
# Sources: the page `_NETWORKS` (“Virtual networks are supported only for resources with custom subdomain names”), and
# https://learn.microsoft.com/azure/ai-services/speech-service/speech-services-private-link
_SUBDOMAIN: Final = advice(
    "A private endpoint needs a custom subdomain of the account. If the account has none, set one first, and let"
    " clients use it in place of the endpoint of the region."
)
DEMAND_CMK: Final = Parameter(
    "demand_cmk",
    False,
    "Require customer-managed keys for the accounts",
    label="Require customer-managed keys",
)


def _unless_bing(rule: SubjectRule) -> SubjectRule:
    """Return a rule for the details of an account (AI_DETAILS), which are read separately for each account. An account
    for Bing is not applicable; `rule` judges all other accounts.
    """

    def judge(account: View, ctx: Context) -> Verdict:
        if is_bing(account):
            return not_applicable("Accounts for Bing do not have the settings that this control checks")
        return rule(account, ctx)

    return of_details(AI_DETAILS)(judge)


def _endpoint(account: View, ctx: Context) -> Verdict:
    if is_free(account):
        return not_applicable("The tier F0 has no private endpoints")
    return private_endpoint(account, ctx)


def _customer_key(account: View, ctx: Context) -> Verdict:
    if not ctx.params[DEMAND_CMK.name]:
        return not_applicable("Customer-managed keys are not required")
    if is_free(account):
        return not_applicable("The tier F0 has no customer-managed keys")
    encryption = account.object("properties").object("encryption", default={})
    setting = encryption.raw("keySource")
    source = encryption.choice("keySource", _KEY_SOURCES, default="Microsoft.CognitiveServices")
    if source == "microsoft.keyvault":
        return passed("The data is encrypted with a customer-managed key", keySource=setting)
    return failed("The data is encrypted with a Microsoft-managed key", keySource=setting)


CONTROLS = declare_settings(
    __name__,
    AI_ACCOUNTS,
    SettingControl(
        "ai-services-pna",
        title="Azure AI services are not open to the Internet",
        problem="Azure AI services account reachable from public networks",
        expected="Public network access is off, or a firewall or perimeter limits it",
        judged="`publicNetworkAccess` and `networkAcls` of each account, Azure OpenAI included. Disabled passes."
        " SecuredByPerimeter passes with a remark, or fails if `accept_perimeter` is off. With Enabled, the default"
        " action of the firewall must be Deny, and its IP rules together must allow fewer than 2^24 addresses; if"
        " `accept_firewall` is off, this fails too. If `publicNetworkAccess` is absent, it counts as Enabled, and"
        " without `networkAcls` the firewall is off. Accounts for Bing are not applicable.",
        why="If every network can reach the account, a stolen key is enough to use its models and data.",
        severity=Severity.HIGH,
        empty_reason=_NONE,
        judge=_unless_bing(
            public_access_limited(
                failed(
                    "Public network access is on, because the setting is absent", publicNetworkAccess=None
                ),
                "networkAcls",
            )
        ),
        needs=(AI_DETAILS,),
        parameters=(ACCEPT_PERIMETER, ACCEPT_FIREWALL),
        references=References(mcsb="NS-2", nist="AC-4 SC-7 SC-7(3)"),
        fix=Fix(
            _SUBDOMAIN,
            advice("First create a private endpoint for every network that needs the account."),
            command("az resource update --ids {id} --set properties.publicNetworkAccess=Disabled"),
            portal=f"{_PORTAL} Networking › Firewalls and virtual networks › Disabled",
            portal_source=_NETWORKS,
            effects="Only clients that use a private endpoint can still reach the account.",
            variables=[ACCOUNT],
        ),
    ),
    SettingControl(
        "ai-services-pe",
        title="Azure AI services are used over private endpoints",
        problem="Azure AI services account without a private endpoint",
        expected="A private endpoint is approved",
        judged="`privateEndpointConnections` of each account, Azure OpenAI included. Passes if one connection is"
        " approved and usable. Accounts of the tier F0 and accounts for Bing are not applicable.",
        why="Without a private endpoint, clients reach the account at a public address, where attackers"
        " can try stolen keys.",
        severity=Severity.MEDIUM,
        empty_reason=_NONE,
        judge=_unless_bing(_endpoint),
        needs=(AI_DETAILS,),
        references=References(mcsb="NS-2", nist="AC-4* AC-17* AC-17(1)* SC-7* SC-7(3)*"),
        fix=Fix(
            _SUBDOMAIN,
            *private_endpoint_steps("account", is_only=True),
            portal=f"{_PORTAL} Networking › Private endpoint connection",
            portal_source=_NETWORKS,
            cost=PRIVATE_ENDPOINT_COST,
            effects=PRIVATE_ENDPOINT_EFFECTS,
            variables=[ACCOUNT, *ONLY_PRIVATE_ENDPOINT_VARIABLES],
        ),
    ),
    SettingControl(
        "ai-services-local-auth",
        title="Azure AI services refuse keys",
        problem="Azure AI services account accepts keys",
        expected="Only accounts of Microsoft Entra ID are accepted",
        judged="`disableLocalAuth` of each account, Azure OpenAI included. If the property is absent, keys are"
        " accepted. Accounts for Bing are not applicable, because they work only with keys.",
        why="Anyone with a key can use the models at the customer's cost, and no log shows who it was.",
        severity=Severity.HIGH,
        empty_reason=_NONE,
        judge=_unless_bing(local_accounts_off()),
        needs=(AI_DETAILS,),
        references=References(mcsb="IM-1", nist="AC-2 AC-2(1) AC-2(7) AC-3 IA-2 IA-4"),
        fix=Fix(
            advice(
                "First give each client a role, and let the client sign in with Microsoft Entra ID. For this, the"
                " account needs a custom subdomain."
            ),
            command("az resource update --ids {id} --set properties.disableLocalAuth=true"),
            portal="Azure portal › Policy › Definitions › Foundry Tools resources should have key access disabled"
            " (disable local authentication)",
            portal_source=f"{_LEARN}/disable-local-auth",
            effects="Clients that use a key can no longer connect. It can take hours until the service refuses keys.",
            variables=[ACCOUNT],
        ),
    ),
    SettingControl(
        "ai-services-cmk",
        title="Azure AI services use customer-managed keys, if required",
        problem="Azure AI services account encrypted with Microsoft-managed keys",
        expected="A customer-managed key encrypts the account, if this is required",
        judged="`encryption.keySource` of each account, Azure OpenAI included, if `demand_cmk` is on. If the property"
        " is absent, Microsoft manages the key. Accounts of the tier F0 and accounts for Bing are not applicable.",
        why="Without a customer-managed key, the customer can neither revoke access to the data nor see"
        " who uses the key.",
        severity=Severity.LOW,
        empty_reason=_NONE,
        judge=_unless_bing(_customer_key),
        needs=(AI_DETAILS,),
        parameters=(DEMAND_CMK,),
        references=References(
            mcsb="DP-5",
            nist="SC-12",
            partly=(
                Partly(
                    "mcsb nist",
                    "Customer-managed keys are required only if the control’s parameters ask for them",
                    unless=(Setting("demand_cmk", equal=True),),
                ),
            ),
        ),
        fix=Fix(
            advice(
                "First give the identity of the account the role Key Vault Crypto User for the key. Then choose the key"
                " in the portal."
            ),
            portal=f"{_PORTAL} Encryption › Customer Managed Keys",
            portal_source=f"{_LEARN}/encryption/cognitive-services-encryption-keys-portal",
            cost="Azure bills the key and its operations.",
            effects="Without the key, the data can no longer be read. The vault needs soft delete and purge"
            " protection.",
            variables=[ACCOUNT],
        ),
    ),
)

"""Controls of the network, keys, identity and variables of Automation accounts.

Properties: account.json (AutomationAccountProperties) and variable.json in
automation/resource-manager/Microsoft.Automation/stable/2024-10-23. The descriptions in account.json state
the default values, which Azure uses for absent settings.
"""

from __future__ import annotations

from typing import Final

from assessments.controls.context import Context
from assessments.controls.declare import SubjectRule
from assessments.controls.references import References
from assessments.controls.settings import SettingControl, declare_settings
from assessments.controls.shared.rules import identity_verdicts, local_accounts_off
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.automation import (
    AUTOMATION_ACCOUNTS,
    AUTOMATION_SETTINGS,
    AUTOMATION_VARIABLES,
)
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.variables import Variable, segment

_PORTAL: Final = "Azure portal › Automation Accounts › {automation_account} ›"
_LEARN: Final = "https://learn.microsoft.com/azure/automation"
_NONE: Final = "No Automation account"
ACCOUNT: Final = Variable(
    "automation_account",
    "Name of the Automation account",
    "aa-shop",
    "the Automation account",
    segment("automationAccounts"),
)
_HAS_IDENTITY: Final = passed("The account has a managed identity")
_NO_IDENTITY: Final = failed("The account has no managed identity")
_IDENTITIES: Final = {
    str(kind).casefold(): verdict for kind, verdict in identity_verdicts(_HAS_IDENTITY, _NO_IDENTITY).items()
}


def _of_settings(rule: SubjectRule) -> SubjectRule:
    """Return a rule that calls `rule` with the settings of an account. The settings are read separately for each
    account, because the list of accounts does not contain the settings.
    """

    def judge(account: View, ctx: Context) -> Verdict:
        settings = ctx.single(AUTOMATION_SETTINGS, account.id)
        if settings is None:
            raise Unreadable(
                account.id, "properties", "absent", "Azure did not return the settings of the account"
            )
        return rule(settings, ctx)

    return judge


def _public_access(settings: View, ctx: Context) -> Verdict:
    properties = settings.object("properties")
    setting = properties.raw("publicNetworkAccess")
    if not properties.flag("publicNetworkAccess", default=True):
        return passed("Public network access is off", publicNetworkAccess=setting)
    if setting is None:
        return failed("Public network access is on, because the setting is absent", publicNetworkAccess=None)
    return failed("Public network access is on", publicNetworkAccess=setting)


def _identity(settings: View, ctx: Context) -> Verdict:
    settings.object("properties")
    identity = settings.object("identity", default={})
    kind = identity.choice("type", frozenset(_IDENTITIES), default="None")
    verdict = _IDENTITIES[kind]
    return Verdict(verdict.outcome, verdict.reason, {"identityType": identity.raw("type")})


def _variables(account: View, ctx: Context) -> Verdict:
    variables = ctx.documents_at(AUTOMATION_VARIABLES, account.id)
    if not variables:
        return not_applicable("The account has no variables")
    clear = sorted(one.name for one in variables if not one.flag("properties.isEncrypted"))
    if clear:
        return failed("Variables are not encrypted", variables=clear)
    return passed("All variables are encrypted", variables=[])


CONTROLS = declare_settings(
    __name__,
    AUTOMATION_ACCOUNTS,
    SettingControl(
        "automation-pna",
        title="Automation accounts refuse public networks",
        problem="Automation account reachable from public networks",
        expected="Public network access is off",
        judged="`publicNetworkAccess` of each Automation account. If the property is absent, it counts as on.",
        why="If every network can reach the account, a stolen webhook address is enough to start its runbooks.",
        severity=Severity.MEDIUM,
        empty_reason=_NONE,
        judge=_of_settings(_public_access),
        needs=(AUTOMATION_SETTINGS,),
        references=References(mcsb2="NS-2", nist="AC-4*"),
        fix=Fix(
            advice(
                "First create a private endpoint for every network that needs the account, and let hybrid workers in"
                " these networks run all runbooks."
            ),
            command("az resource update --ids {id} --set properties.publicNetworkAccess=false"),
            portal=f"{_PORTAL} Account Settings › Network Isolation › Public Network Access: No",
            portal_source=f"{_LEARN}/how-to/private-link-security",
            # https://learn.microsoft.com/azure/automation/how-to/private-link-security
            effects="Afterwards, only hybrid workers may run runbooks. By default, Azure itself runs them (cloud jobs),"
            " which Microsoft does not support without public network access. Webhooks, hybrid workers and State"
            " Configuration nodes without a private endpoint stop working. Alerts of Azure Monitor can no longer"
            " start runbooks through webhooks.",
            variables=[ACCOUNT],
        ),
    ),
    SettingControl(
        "automation-local-auth",
        title="Automation accounts refuse keys and certificates",
        problem="Automation account accepts keys and certificates",
        expected="Only accounts of Microsoft Entra ID are accepted",
        judged="`disableLocalAuth` of each Automation account. If the property is absent, keys are accepted.",
        why="A key does not show who uses it, does not expire, and Conditional Access does not apply to it.",
        severity=Severity.LOW,
        empty_reason=_NONE,
        judge=_of_settings(local_accounts_off()),
        needs=(AUTOMATION_SETTINGS,),
        references=References(mcsb="IM-1*", nist="IA-2*"),
        fix=Fix(
            advice(
                "First replace agent-based hybrid workers with extension-based ones, and stop using webhooks."
            ),
            command("az resource update --ids {id} --set properties.disableLocalAuth=true"),
            portal=f"{_PORTAL} Overview",
            portal_source=f"{_LEARN}/disable-local-authentication",
            effects="Webhooks, Automation State Configuration and agent-based hybrid workers stop working.",
            variables=[ACCOUNT],
        ),
    ),
    SettingControl(
        "automation-identity",
        title="Automation accounts have a managed identity",
        problem="Automation account without a managed identity",
        expected="The account has a managed identity",
        judged="`identity.type` of each Automation account. An account without identity fails. Whether runbooks use the"
        " identity is not checked.",
        why="An account without an identity needs passwords or certificates to reach other services.",
        severity=Severity.LOW,
        empty_reason=_NONE,
        judge=_of_settings(_identity),
        needs=(AUTOMATION_SETTINGS,),
        references=References(mcsb2="IM-3"),
        fix=Fix(
            command(
                "az rest --method patch --url {id} --url-parameters api-version=2024-10-23 --body {body}",
                bodies={"body": {"identity": {"type": "SystemAssigned"}}},
            ),
            advice("Then assign roles to the identity, and let runbooks sign in with it."),
            portal=f"{_PORTAL} Account Settings › Identity › System assigned › On",
            portal_source=f"{_LEARN}/enable-managed-identity-for-automation",
            effects="The identity has no rights until somebody assigns roles to it.",
            variables=[ACCOUNT],
        ),
    ),
    SettingControl(
        "automation-variables",
        title="Variables of Automation accounts are encrypted",
        problem="Automation account with unencrypted variables",
        expected="All variables are encrypted",
        judged="`isEncrypted` of all variables of each Automation account. The finding names the variables; Surety"
        " stores no values. An account without variables is not applicable.",
        why="Everybody who can read the account can read the values of variables that are not encrypted.",
        severity=Severity.MEDIUM,
        labels={"variables": "Variables without encryption"},
        empty_reason=_NONE,
        judge=_variables,
        needs=(AUTOMATION_VARIABLES,),
        references=References(mcsb="DP-4", nist="SC-28 SC-28(1)"),
        fix=Fix(
            advice(
                "Delete each variable that the finding names, and create it again as an encrypted variable. An"
                " existing variable cannot be encrypted."
            ),
            portal=f"{_PORTAL} Shared Resources › Variables › Add a variable",
            portal_source=f"{_LEARN}/shared-resources/variables",
            effects="The portal no longer shows the value. Runbooks can read it only with Get-AutomationVariable.",
            variables=[ACCOUNT],
        ),
    ),
)

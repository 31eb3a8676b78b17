"""Controls of the access keys of storage accounts.

Properties: storage/resource-manager/Microsoft.Storage/stable/2025-06-01/storage.json (StorageAccountProperties). The
descriptions of the properties say what an absent value means.
"""

from __future__ import annotations

from assessments.controls.context import Context
from assessments.controls.declare import Parameter
from assessments.controls.references import Partly, References, Setting
from assessments.controls.settings import SettingControl, declare_settings
from assessments.controls.shared.managed import (
    MANAGED_CAN_BE_LEFT_OUT,
    MANAGED_GROUPS,
    judges_managed,
    unless_managed,
)
from assessments.controls.storage._accounts import LEARN, PORTAL, SUBSCRIPTION, UPDATE, refusal_of_keys
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.resources import MANAGED_RESOURCE_GROUPS
from assessments.estate.collections.storage import STORAGE_ACCOUNTS
from assessments.estate.services.storage import services_refusing_keys, shared_key_allowed
from assessments.estate.view import View
from assessments.fixes.declare import Fix, advice, command


def _unless_keys_refused(account: View, ctx: Context) -> Verdict | None:
    if shared_key_allowed(account):
        return None
    return not_applicable("The account does not accept access keys", **refusal_of_keys(account))


def _by_services(account: View, ctx: Context) -> Verdict | None:
    """Judge by the settings with which each service of the account can refuse keys. Return None if these settings do
    not matter, because the setting of the account itself decides.
    """
    refusing = services_refusing_keys(account)
    if not shared_key_allowed(account):
        if account.raw("properties.allowSharedKeyAccess") is False:
            return None
        return passed("Every service of the account refuses access keys", **refusal_of_keys(account))
    if not refusing:
        return None
    return failed(
        "Only some services of the account refuse access keys",
        allowSharedKeyAccess=account.raw("properties.allowSharedKeyAccess"),
        servicesRefusingKeys=refusing,
    )


def _entra_default(account: View, ctx: Context) -> Verdict:
    properties = account.object("properties")
    setting = properties.raw("defaultToOAuthAuthentication")
    if properties.flag("defaultToOAuthAuthentication", default=False):
        return passed(
            "The Azure portal signs in with Microsoft Entra ID", defaultToOAuthAuthentication=setting
        )
    if not ctx.params["strict"] and not shared_key_allowed(account):
        return passed(
            "The account refuses access keys, so the Azure portal has to sign in with Microsoft Entra ID",
            defaultToOAuthAuthentication=setting,
            **refusal_of_keys(account),
        )
    return failed("The Azure portal uses the access keys by default", defaultToOAuthAuthentication=setting)


def _key_reminder(account: View, ctx: Context) -> Verdict:
    policy = account.object("properties").object("keyPolicy", default={})
    days = policy.number("keyExpirationPeriodInDays", default=0)
    observed = policy.raw("keyExpirationPeriodInDays")
    if days < 1:
        return failed("No reminder is set", keyExpirationPeriodInDays=observed)
    is_late = days > ctx.params["max_days"]
    return passed(
        "A reminder is set",
        remarks=["The reminder comes later than required"] if is_late else [],
        keyExpirationPeriodInDays=observed,
    )


CONTROLS = declare_settings(
    __name__,
    STORAGE_ACCOUNTS,
    SettingControl(
        "storage-no-shared-key",
        title="Storage accounts refuse access keys",
        problem="Storage account accepts access keys",
        expected="Access keys, and shared access signatures made with them, are refused",
        judged="`allowSharedKeyAccess` of each storage account. If the property is absent, it counts as on, as the"
        " API documents. An account also passes if each of its services refuses keys by a setting of its own"
        " (`allowSharedKeyAccessForServices`). If a service accepts keys that the account refuses, the verdict is"
        f" unknown. {MANAGED_CAN_BE_LEFT_OUT}",
        why="Anyone who has a key can read and change all data, and the logs do not show who used the key.",
        severity=Severity.MEDIUM,
        unless=(unless_managed, _by_services),
        setting="properties.allowSharedKeyAccess",
        needs=(MANAGED_RESOURCE_GROUPS,),
        parameters=(MANAGED_GROUPS,),
        values={
            False: passed("The account refuses access keys"),
            True: failed("The account accepts access keys"),
        },
        absent=failed("The account accepts access keys, because the setting is absent"),
        references=References(
            c4="10.3.1.3",
            c5="9.3.1.3",
            c6="9.3.1.3",
            mcsb="IM-1",
            nist="IA-2* AC-3*",
            partly=(judges_managed("c4 c5 c6"),),
        ),
        fix=Fix(
            advice("First let every application sign in with Microsoft Entra ID."),
            command(f"{UPDATE} --allow-shared-key-access false{SUBSCRIPTION}"),
            portal=f"{PORTAL} Settings › Configuration › Allow storage account key access › Disabled",
            portal_source=f"{LEARN}/common/shared-key-authorization-prevent",
            effects="Applications, mounted file shares, function apps and backups that use a key lose access. SQL"
            " auditing and flow logs that use a key stop without notice: first let them use a managed identity.",
        ),
    ),
    SettingControl(
        "storage-entra-default",
        title="The Azure portal signs in to storage with Entra ID by default",
        problem="Azure portal uses access keys of storage account by default",
        expected="The Azure portal signs in with Microsoft Entra ID by default",
        judged="`defaultToOAuthAuthentication` of each storage account. If the property is absent, it counts as off."
        " If it is off, but the"
        " account refuses access keys, the control passes, unless `strict` is on.",
        why="People who use access keys in the Azure portal can do more than their roles allow.",
        severity=Severity.LOW,
        labels={"defaultToOAuthAuthentication": "Portal signs in with Entra ID by default"},
        judge=_entra_default,
        parameters=(
            Parameter(
                "strict",
                False,
                "Also judge the setting of accounts that refuse access keys",
                label="Include accounts that refuse keys",
            ),
        ),
        references=References(
            c4="10.3.3.1",
            c5="9.3.3.1",
            c6="9.3.3.1",
            mcsb="IM-1*",
            nist="IA-2*",
            partly=(
                Partly(
                    "c4 c5 c6",
                    "The control also passes if the account refuses access keys, unless the control’s parameters"
                    " refuse this",
                    unless=(Setting("strict", equal=True),),
                ),
            ),
        ),
        fix=Fix(
            # azure-cli 2.91.0 has no option for this property, so the fix sends a request.
            command(
                "az rest --method patch --url {id} --url-parameters api-version=2023-05-01 --body {body}",
                bodies={"body": {"properties": {"defaultToOAuthAuthentication": True}}},
            ),
            portal=f"{PORTAL} Settings › Configuration › Default to Microsoft Entra authorization in the Azure portal"
            " › Enabled",
            portal_source=f"{LEARN}/files/authorize-data-operations-portal",
            effects="People without a role for the data see no data in the Azure portal until they switch to the access"
            " key.",
        ),
    ),
    SettingControl(
        "storage-key-reminder",
        title="Storage accounts have a reminder to rotate access keys",
        problem="Storage account without a reminder to rotate access keys",
        expected="A reminder is set",
        judged="`keyPolicy.keyExpirationPeriodInDays` of each storage account that accepts access keys. A reminder"
        " after more than `max_days` days adds a remark.",
        why="Without a reminder, people easily forget to rotate access keys.",
        severity=Severity.LOW,
        labels={"keyExpirationPeriodInDays": "Reminder to regenerate keys after"},
        unless=(_unless_keys_refused,),
        judge=_key_reminder,
        parameters=(
            Parameter(
                "max_days",
                90,
                "Maximum number of days between a rotation of the keys and the reminder",
                label="Days until the reminder",
                minimum=1,
                maximum=3650,
            ),
        ),
        references=References(
            c2="3.3", c3="4.3", c4="10.3.1.1", c5="9.3.1.1", c6="9.3.1.1", mcsb2="DP-6", nist="SC-12*"
        ),
        fix=Fix(
            command(
                f"{UPDATE} --key-exp-days 90{SUBSCRIPTION}",
                "If Azure shows no creation time of a key, it refuses a reminder until both keys were regenerated"
                " once.",
            ),
            portal=f"{PORTAL} Security + networking › Access keys › Set rotation reminder",
            portal_source=f"{LEARN}/common/storage-account-keys-manage",
            effects="The reminder alone changes nothing: people still have to regenerate the keys.",
        ),
    ),
)

"""Fixes of the security contact."""

from __future__ import annotations

from assessments.fixes.declare import Fix, command
from assessments.fixes.variables import Variable

FIX_PORTAL = "Azure portal › Microsoft Defender for Cloud › Environment settings › {subscription} › Email notifications"
FIX_PAGE = "https://learn.microsoft.com/azure/defender-for-cloud/configure-email-notifications"
# The second command replaces the whole contact, so it must contain all properties. A finding stores only some of these
# properties, so the person who runs the fix copies the current values. The command cannot set notifications about
# attack paths: https://learn.microsoft.com/cli/azure/security/contact#az-security-contact-create
FIX = Fix(
    command(
        "az security contact show --name default --subscription {subscription}",
        "Print the current settings. If there is no contact, Azure answers that it was not found.",
    ),
    command(
        "az security contact create --name default --emails {emails} --phone {phone}"
        " --alert-notifications {alerts} --notifications-by-role {roles} --subscription {subscription}",
        "This command replaces the addresses, the phone number, the minimal severity of alerts and the roles that"
        " receive them. Enter the current value of each setting that should stay. The command cannot set"
        " the notifications about attack paths: check them in the portal afterwards.",
        alone=True,
    ),
    portal=FIX_PORTAL,
    portal_source=FIX_PAGE,
    effects="The given addresses and roles receive alerts of the given severity and above.",
    variables=[
        Variable("emails", "Addresses that receive alerts, separated by semicolons", "security@example.com"),
        Variable("phone", "Phone number of the contact, with the country code", "+4930123456"),
        Variable(
            "alerts",
            "Alerts to send, as in alertNotifications of the current settings",
            '{"state": "On", "minimalSeverity": "Medium"}',
        ),
        Variable(
            "roles",
            "Roles that receive alerts, as in notificationsByRole of the current settings",
            '{"state": "On", "roles": ["Owner"]}',
        ),
    ],
)
# This fix sends requests with az rest, because the command for contacts in azure-cli 2.91.0 uses api-version
# 2020-01-01-preview, which has no notifications about attack paths.
ATTACK_PATH_FIX = Fix(
    command(
        "az rest --method get --url"
        " /subscriptions/{subscription}/providers/Microsoft.Security/securityContacts/default"
        " --url-parameters api-version=2023-12-01-preview",
        "Print the current settings. If there is no contact, Azure answers that it was not found.",
    ),
    command(
        "az rest --method put --url"
        " /subscriptions/{subscription}/providers/Microsoft.Security/securityContacts/default"
        " --url-parameters api-version=2023-12-01-preview --body {body}",
        "This command replaces all settings of the contact. Enter the current value of each setting that should stay.",
        bodies={
            "body": {
                "properties": {
                    "isEnabled": True,
                    "emails": "{emails}",
                    "phone": "{phone}",
                    "notificationsByRole": {"state": "On", "roles": ["Owner"]},
                    "notificationsSources": [
                        {"sourceType": "Alert", "minimalSeverity": "Medium"},
                        {"sourceType": "AttackPath", "minimalRiskLevel": "High"},
                    ],
                }
            }
        },
        alone=True,
    ),
    portal=FIX_PORTAL,
    portal_source=FIX_PAGE,
    effects="The given addresses and the owners receive alerts of the severity Medium and above, and attack paths of"
    " the level High and above.",
    variables=[
        Variable("emails", "Addresses that receive alerts, separated by semicolons", "security@example.com"),
        Variable("phone", "Phone number of the contact, with the country code", "+4930123456"),
    ],
)

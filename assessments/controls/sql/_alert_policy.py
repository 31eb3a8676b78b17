"""One fix for all controls that check the security alert policy of a SQL server.

The request of the fix replaces the whole policy. If each control had a fix of its own, the fix of one control would
undo the fixes of the other controls. https://learn.microsoft.com/rest/api/sql/server-security-alert-policies/create-or-update

Retirement of security alert policies:
https://learn.microsoft.com/azure/defender-for-cloud/migrate-classic-defender-for-sql-apis
"""

from __future__ import annotations

from assessments.fixes.declare import Fix, command
from assessments.fixes.variables import Variable

ALERT_POLICY = Fix(
    command(
        "az rest --method put --url {id}/securityAlertPolicies/Default --url-parameters api-version=2021-11-01"
        " --body {body}",
        "Switch on every type of alert, and send alerts to a contact and to the owners of the subscription.",
        bodies={
            "body": {
                "properties": {
                    "state": "Enabled",
                    "disabledAlerts": [],
                    "emailAddresses": ["{email}"],
                    "emailAccountAdmins": True,
                    "retentionDays": 0,
                }
            }
        },
    ),
    portal="Azure portal › SQL servers › {server} › Security › Microsoft Defender for Cloud › Configure",
    portal_source="https://learn.microsoft.com/azure/azure-sql/database/azure-defender-for-sql",
    cost="Microsoft Defender for Azure SQL is billed for each server.",
    effects="The request replaces the whole policy. If the policy has other addresses or a storage"
    " account for alerts, repeat them in the request. Microsoft retires security alert policies on 16 August 2027. Then"
    " only Defender for Cloud mails alerts: see the controls defender-contact-email and defender-contact-owner.",
    variables=[Variable("email", "Address that receives alerts", "security@example.com")],
)

"""The fix of what the security alert policy of a SQL server says, in one request.

A request replaces the whole policy, so it repeats every property. Three controls about one policy would otherwise undo
one another's fixes.
https://learn.microsoft.com/rest/api/sql/server-security-alert-policies/create-or-update
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
    portal="Azure portal › SQL servers › {server} › Microsoft Defender for Cloud › Configure",
    cost="Microsoft Defender for Azure SQL, which is billed for each server.",
    effects="The request replaces the whole policy. Repeat other addresses and a storage account for alerts if the"
    " server had them.",
    variables=[Variable("email", "Address that receives alerts", "security@example.com")],
)

"""Bodies of encryption settings and vulnerability assessment settings of SQL servers and managed instances.

The module `bodies` names the sources, and describes how the bodies were changed. The settings of the classic
vulnerability assessment are the example of 2018-06-01-preview, because no later example was found.
"""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.judging import doc
from tests.assessments.official.bodies import DATABASE, INSTANCE, OTHER_SERVER, SERVER, Bodies

_MANAGED = f"{INSTANCE}/databases/testdb1"
_KEY = {
    "serverKeyName": "someVault_someKey_01234567890123456789012345678901",
    "serverKeyType": "AzureKeyVault",
    "uri": "https://someVault.vault.azure.net/keys/someKey/01234567890123456789012345678901",
}


def _classic(resource: str) -> dict[str, Any]:
    return doc(
        f"{resource}/vulnerabilityAssessments/default",
        {
            "storageContainerPath": "https://myStorage.blob.core.windows.net/vulnerability-assessment/",
            "recurringScans": {
                "isEnabled": True,
                "emailSubscriptionAdmins": True,
                "emails": ["email1@mail.com", "email2@mail.com"],
            },
        },
    )


SUBSCRIPTION: Bodies = {
    "sql_database_encryption": [
        doc(
            f"{DATABASE}/transparentDataEncryption/current",
            {"state": "Enabled"},
            type="Microsoft.Sql/servers/databases/transparentDataEncryption",
        )
    ],
    "sql_encryption_protectors": [
        doc(
            f"{SERVER}/encryptionProtector/current",
            {**_KEY, "autoRotationEnabled": False},
            location="Japan East",
            kind="azurekeyvault",
            type="Microsoft.Sql/servers/encryptionProtector",
        )
    ],
    "sql_express_assessments": [
        doc(
            f"{SERVER}/sqlVulnerabilityAssessments/default",
            {"state": "Enabled"},
            type="Microsoft.Sql/servers/sqlVulnerabilityAssessments",
        )
    ],
    "sql_classic_assessments": [_classic(OTHER_SERVER)],
    "managed_databases": [
        doc(
            _MANAGED,
            {
                "collation": "SQL_Latin1_General_CP1_CI_AS",
                "creationDate": "2017-08-04T15:00:17.73Z",
                "defaultSecondaryLocation": "North Europe",
                "status": "Online",
            },
            location="southeastasia",
            type="Microsoft.Sql/managedInstances/databases",
        )
    ],
    # In the example, the setting has the id of the database.
    "managed_database_encryption": {
        _MANAGED: [
            {
                "id": _MANAGED,
                "name": "default",
                "type": "Microsoft.Sql/managedInstances/databases/transparentDataEncryption",
                "properties": {"state": "Enabled"},
            }
        ]
    },
    "managed_instance_protectors": [
        doc(
            f"{INSTANCE}/encryptionProtector/current",
            _KEY,
            kind="azurekeyvault",
            type="Microsoft.Sql/managedInstances/encryptionProtector",
        )
    ],
    "managed_instance_assessments": [_classic(INSTANCE)],
    "managed_instance_express": {
        INSTANCE: [
            doc(
                f"{INSTANCE}/providers/Microsoft.Security/sqlVulnerabilityAssessments/default",
                {"creationTime": "2022-04-03T04:41:33.937Z", "state": "Enabled"},
                type="Microsoft.Security/sqlVulnerabilityAssessments",
            )
        ]
    },
}

MAY_BE_ABSENT = {"managed_instance_assessments", "sql_classic_assessments", "sql_express_assessments"}

NOT_REQUESTED = {
    "managed_instance_express": "the classic configuration of the instance is on",
}

DEFINED = {
    "managed_instance_express": "properties.state",
}

"""Bodies of policies of the directory: consent, authentication methods, devices.

The module `bodies` names the sources, and describes how the bodies were changed.
"""

from __future__ import annotations

from tests.assessments.controls.judging import TENANT
from tests.assessments.official.bodies import Bodies

_LOW = {
    "permissionClassification": "low",
    "permissionType": "delegated",
    "resourceApplication": "any",
    "permissions": ["all"],
    "clientApplicationIds": ["all"],
    "clientApplicationPublisherIds": ["all"],
    "certifiedClientApplicationsOnly": False,
}
_ALL_USERS = {"targetType": "group", "id": "all_users", "isRegistrationRequired": False}


def _method(name: str, kind: str, state: str, *targets: object) -> dict[str, object]:
    return {
        "@odata.type": f"#microsoft.graph.{kind}AuthenticationMethodConfiguration",
        "id": name,
        "state": state,
        "includeTargets": list(targets),
    }


DIRECTORY: Bodies = {
    # In Microsoft's example, the policy has another id.
    "permission_grant_policies": {
        "just-user-read": [
            {
                "id": "just-user-read",
                "displayName": "Default User Low Risk Policy",
                "includes": [
                    {
                        **_LOW,
                        "id": "cb0c20dd-919d-40c5-ba6d-7ffb233b4b0b",
                        "clientApplicationTenantIds": [TENANT],
                        "clientApplicationsFromVerifiedPublisherOnly": False,
                    },
                    {
                        **_LOW,
                        "id": "8ce99f96-730c-4ebd-8397-07ee65942b97",
                        "clientApplicationTenantIds": ["all"],
                        "clientApplicationsFromVerifiedPublisherOnly": True,
                    },
                ],
            }
        ]
    },
    "device_registration_policy": [
        {
            "id": "deviceRegistrationPolicy",
            "displayName": "Device Registration Policy",
            "userDeviceQuota": 2,
            "multiFactorAuthConfiguration": "notRequired",
            "azureADRegistration": {"isAdminConfigurable": False},
            "azureADJoin": {"isAdminConfigurable": True},
            "localAdminPassword": {"isEnabled": False},
        }
    ],
    # The example has no `policyMigrationState`.
    "authentication_methods_policy": [
        {
            "id": "authenticationMethodsPolicy",
            "displayName": "Authentication Methods Policy",
            "lastModifiedDateTime": "2022-01-26T10:47:26.6044384Z",
            "policyVersion": "1.4",
            "registrationEnforcement": {
                "authenticationMethodsRegistrationCampaign": {
                    "snoozeDurationInDays": 1,
                    "state": "default",
                    "excludeTargets": [],
                    "includeTargets": [
                        {
                            "id": "all_users",
                            "targetType": "group",
                            "targetedAuthenticationMethod": "microsoftAuthenticator",
                        }
                    ],
                }
            },
            "authenticationMethodConfigurations": [
                _method("Fido2", "fido2", "disabled", _ALL_USERS),
                _method("MicrosoftAuthenticator", "microsoftAuthenticator", "disabled", _ALL_USERS),
                _method("Sms", "sms", "enabled", {**_ALL_USERS, "isUsableForSignIn": True}),
                _method("TemporaryAccessPass", "temporaryAccessPass", "disabled", _ALL_USERS),
                _method("Email", "email", "enabled"),
            ],
        }
    ],
}

DEFINED = {
    "permission_grant_policies": """
    id includes[].clientApplicationIds includes[].clientApplicationPublisherIds
    includes[].clientApplicationTenantIds includes[].clientApplicationsFromVerifiedPublisherOnly
    includes[].permissionClassification includes[].permissions""",
    "device_registration_policy": "id multiFactorAuthConfiguration",
    "authentication_methods_policy": """
    authenticationMethodConfigurations[].@odata.type authenticationMethodConfigurations[].id
    authenticationMethodConfigurations[].includeTargets[].id authenticationMethodConfigurations[].state
    id policyMigrationState registrationEnforcement.authenticationMethodsRegistrationCampaign.state""",
}

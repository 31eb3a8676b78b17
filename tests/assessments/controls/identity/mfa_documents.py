"""Graph documents about MFA."""

from __future__ import annotations

from typing import Any

from assessments.estate.gaps import Reason
from tests.assessments.controls.judging import gap

UNLICENSED = [gap("mfa_registrations", reason=Reason.LICENCE_MISSING)]

# The roles of accounts that synchronise a directory: Directory Synchronization Accounts and On Premises Directory Sync
# Account.
SYNCHRONISATION = "d29b2b05-8046-44ba-8758-1e26182fcf32"
NEWER_SYNCHRONISATION = "a92aed5d-d78a-4d16-b381-09adb37eb3b0"

DEFAULTS_ON = {"": [{"id": "sd", "isEnabled": True}]}

DEFAULTS_OFF = {"": [{"id": "sd", "isEnabled": False}]}


def external_mfa(state: Any = "enabled", targets: Any = ("all_users",)) -> dict[str, Any]:
    """Return a directory's authentication methods policy, with passkeys and a method of external MFA."""
    methods = [
        {
            "@odata.type": "#microsoft.graph.fido2AuthenticationMethodConfiguration",
            "id": "Fido2",
            "state": "enabled",
        },
        {
            "@odata.type": "#microsoft.graph.externalAuthenticationMethodConfiguration",
            "id": "b183b746-e7db-4fa2-bafc-69ecf18850dd",
            "state": state,
            "includeTargets": [{"targetType": "group", "id": target} for target in targets],
        },
    ]
    body = {"id": "authenticationMethodsPolicy", "authenticationMethodConfigurations": methods}
    return {"authentication_methods_policy": {"": [body]}}

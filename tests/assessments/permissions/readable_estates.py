"""Estates in which a service principal may read some of Microsoft Graph, and the permissions that it lacks."""

from __future__ import annotations

from typing import Any

import pytest

from assessments.controls.registry import catalogue
from sandbox.stores.registry import own_id
from tests.assessments.collect.azure import (
    CLIENT,
    DIRECTORY,
    guid,
)

SOME_GRAPH: list[dict[str, Any]] = [
    {"graph": path, "value": []}
    for path in ("users", "domains", "groups", "groupSettings", "servicePrincipals", "applications")
]
ONES = [
    {"graph": "policies/identitySecurityDefaultsEnforcementPolicy", "value": {"id": "a", "isEnabled": True}},
    {"graph": "policies/authorizationPolicy", "value": {"id": "authorizationPolicy"}},
    {"graph": "policies/authenticationMethodsPolicy", "value": {"id": "authenticationMethodsPolicy"}},
    {"graph": "policies/deviceRegistrationPolicy", "value": {"id": "deviceRegistrationPolicy"}},
    *(
        {"graph": path, "value": []}
        for path in (
            "identity/conditionalAccess/policies",
            "identity/conditionalAccess/namedLocations",
            "reports/authenticationMethods/userRegistrationDetails",
            "roleManagement/directory/roleAssignments",
            "roleManagement/directory/roleEligibilityScheduleInstances",
            "roleManagement/directory/roleDefinitions",
        )
    ),
]


def directory_role(name: str) -> tuple[dict[str, Any], ...]:
    """Return lines of an estate in which the service principal has this built-in directory role."""
    held = {
        "id": "one",
        "roleDefinitionId": guid(60),
        "principalId": own_id(DIRECTORY, CLIENT),
        "directoryScopeId": "/",
    }
    role = {"id": guid(60), "displayName": name, "isBuiltIn": True}
    return (
        {"graph": "roleManagement/directory/roleDefinitions", "value": [role]},
        {"graph": "roleManagement/directory/roleAssignments", "value": [held]},
    )


WITHOUT_APPLICATIONS = [
    "Policy.Read.All",
    "Policy.Read.DeviceConfiguration",
    "Policy.Read.PermissionGrant",
    "User.Read.All",
    "Domain.Read.All",
    "RoleManagement.Read.Directory",
    "AuditLog.Read.All",
    "GroupMember.Read.All",
    "GroupSettings.Read.All",
    "PrivilegedEligibilitySchedule.Read.AzureADGroup",
    "CrossTenantInformation.ReadBasic.All",
]
"""All permissions that controls need, except `Application.Read.All`."""


def without_applications(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove from the catalogue the only control that needs `Application.Read.All`."""
    left = {slug: each for slug, each in catalogue().items() if slug != "identity-app-cred-expiry"}
    monkeypatch.setattr("assessments.actions.credentials.preflight.catalogue", lambda: left)

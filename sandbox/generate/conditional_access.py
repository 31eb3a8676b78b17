"""Make policies of Conditional Access, as Microsoft Graph v1.0 returns them."""

from __future__ import annotations

from sandbox.generate.output import Json
from sandbox.generate.random_source import RandomSource


def access_policy(rng: RandomSource, name: str, state: str, users: Json, grant: Json) -> Json:
    """Return a policy for all applications. `users` and `grant` are its conditions on users and its grant controls."""
    return {
        "id": rng.guid(),
        "displayName": name,
        "createdDateTime": rng.graph_timestamp(100, 900),
        "modifiedDateTime": rng.graph_timestamp(1, 90),
        "state": state,
        "conditions": {
            "clientAppTypes": ["all"],
            "userRiskLevels": [],
            "signInRiskLevels": [],
            "servicePrincipalRiskLevels": [],
            "platforms": None,
            "locations": None,
            "devices": None,
            "applications": {
                "includeApplications": ["All"],
                "excludeApplications": [],
                "includeUserActions": [],
            },
            "users": users,
        },
        "grantControls": grant,
        "sessionControls": None,
    }


def grant_control(control: str) -> Json:
    """Return the grant controls of a policy that requires one control, such as `mfa`, or blocks access (`block`)."""
    return {
        "operator": "OR",
        "builtInControls": [control],
        "customAuthenticationFactors": [],
        "termsOfUse": [],
        "authenticationStrength": None,
    }

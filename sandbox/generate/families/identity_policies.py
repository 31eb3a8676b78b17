"""Generate policies of a directory on these topics: objects that users may create, consent to applications, Conditional
Access, trusted locations, sign-in methods, and devices that join the directory.

Expected verdicts: `DIRECTORY_CONTROLS`.
"""

from __future__ import annotations

from sandbox.generate.conditional_access import access_policy, grant_control
from sandbox.generate.directory.people import Directory
from sandbox.generate.output import Json, Output
from sandbox.generate.random_source import RandomSource

CONTROLS = ()
_SWITCHES = {
    "allowedToCreateApps": "identity-users-no-app-register",
    "allowedToCreateSecurityGroups": "identity-users-no-secgroup-create",
    "allowedToCreateTenants": "identity-users-no-tenant-create",
}
DIRECTORY_CONTROLS = (
    *_SWITCHES.values(),
    "identity-users-no-m365-groups",
    "identity-no-user-consent",
    "identity-consent-verified-only",
    "identity-ca-mfa-arm",
    "identity-ca-mfa-portals",
    "identity-ca-geo",
    "identity-ca-device-code",
    "identity-ca-risky-signin",
    "identity-named-locations",
    "identity-device-join-mfa",
    "identity-auth-methods-strong",
)
_POLICIES = "identity/conditionalAccess/policies"
_LOCATIONS = "identity/conditionalAccess/namedLocations"
_TEAM = "ManagePermissionGrantsForOwnedResource.microsoft-dynamically-managed-permissions-for-team"
# Ways to require MFA (`sandbox.generate.policies`) that are not sufficient. With a way in _NOT_FOR_AZURE, some people
# can manage Azure without MFA. With a way in _NOT_FOR_PORTALS, some people can open an admin portal without MFA.
_NOT_FOR_AZURE = (
    *("none", "report only", "off", "one user", "platforms excluded", "administrators only"),
    *("country excluded", "half of IPv4 excluded"),
)
_NOT_FOR_PORTALS = (*_NOT_FOR_AZURE, "Azure management only")
# Ways to require MFA except at a named location, which `sandbox.generate.policies` writes: {way: whether the control
# identity-named-locations passes}.
_WITH_LOCATIONS = {"office excluded": True, "country excluded": True, "half of IPv4 excluded": False}


def change_permissions(out: Output, rng: RandomSource, directory: Directory, permissions: Json) -> None:
    """Add the permissions of ordinary users to `permissions`. Also write the policies for consent, and the expected
    verdicts.
    """
    for key, control in _SWITCHES.items():
        permissions[key] = rng.often_faulty()
        _expect(out, directory, control, permissions[key])
    form = rng.pick(("low", "legacy", "narrow", "wide")) if rng.often_faulty() else "none"
    name = {"low": "microsoft-user-default-low", "legacy": "microsoft-user-default-legacy"}.get(
        form, f"own-{form}"
    )
    own = (
        []
        if form == "none"
        else [f"{rng.pick(('managePermissionGrantsForSelf', 'ManagePermissionGrantsForSelf'))}.{name}"]
    )
    permissions["permissionGrantPoliciesAssigned"] = [*own, *([_TEAM] if rng.chance(0.5) else [])]
    out.graph(
        "policies/permissionGrantPolicies",
        [
            _consent_policy(rng, "microsoft-user-default-low", verified=True),
            *([_consent_policy(rng, name, verified=form == "narrow")] if form in ("narrow", "wide") else []),
        ],
    )
    _expect(out, directory, "identity-no-user-consent", bool(own))
    _expect(out, directory, "identity-consent-verified-only", form in ("legacy", "wide"))


def _consent_policy(rng: RandomSource, name: str, *, verified: bool) -> Json:
    conditions = {
        "id": rng.guid(),
        "permissionClassification": "low",
        "permissionType": "delegated",
        "resourceApplication": "any",
        "permissions": ["all"],
        "clientApplicationIds": ["all"],
        "clientApplicationTenantIds": ["all"],
        "clientApplicationPublisherIds": ["all"],
        "clientApplicationsFromVerifiedPublisherOnly": verified,
    }
    return {"id": name, "displayName": name, "description": name, "includes": [conditions]}


def write_directory(out: Output, rng: RandomSource, directory: Directory) -> None:
    """Write the policies of the directory, and the expected verdicts."""
    _groups(out, rng, directory)
    form = directory.mfa_form
    for control, forms in (("arm", _NOT_FOR_AZURE), ("portals", _NOT_FOR_PORTALS)):
        _expect(out, directory, f"identity-ca-mfa-{control}", form in forms)
    defaults = form == "defaults"
    policies: list[Json] = []
    country = rng.guid()
    for control, conditions, block in (
        ("identity-ca-geo", {"locations": rng.pick(_locations(country))}, True),
        ("identity-ca-device-code", {"authenticationFlows": {"transferMethods": "deviceCodeFlow"}}, True),
        ("identity-ca-risky-signin", {"signInRiskLevels": ["high", "medium"]}, False),
    ):
        missing = rng.often_faulty()
        if not defaults and not missing:
            policies.append(_policy(rng, control, block, conditions))
        if control == "identity-ca-risky-signin":
            _expect(out, directory, control, missing and not defaults)
        else:
            _expect(out, directory, control, missing or defaults)
    without_mfa, by_policy = rng.often_faulty(), rng.chance(0.5) and not defaults
    if by_policy and not without_mfa:
        action = {
            "includeApplications": [],
            "excludeApplications": [],
            "includeUserActions": ["urn:user:registerdevice"],
        }
        policies.append(_policy(rng, "identity-device-join-mfa", False, {"applications": action}))
    _devices(out, required=not without_mfa and not by_policy)
    _expect(out, directory, "identity-device-join-mfa", without_mfa)
    if policies:
        out.graph(_POLICIES, policies)
    _named_locations(out, rng, directory, country)
    _methods(out, rng, directory)


def _expect(out: Output, directory: Directory, control: str, fails: bool) -> None:
    out.verdict(control, directory.subject(), "fail" if fails else "pass")


def _groups(out: Output, rng: RandomSource, directory: Directory) -> None:
    everybody = rng.often_faulty()
    if not everybody:
        group = rng.pick(("", directory.operators_group))
        values = {"EnableGroupCreation": rng.pick(("false", "False")), "GroupCreationAllowedGroupId": group}
    elif rng.chance(0.5):
        values = {"EnableGroupCreation": "true", "GroupCreationAllowedGroupId": ""}
    else:
        values = {}
    if values:
        settings = {
            "id": rng.guid(),
            "displayName": "Group.Unified",
            "templateId": "62375ab9-6b52-47ed-826b-58e47e0e304b",
            "values": [{"name": name, "value": value} for name, value in values.items()],
        }
        out.graph("groupSettings", [settings])
    _expect(out, directory, "identity-users-no-m365-groups", everybody)


def _locations(country: str) -> tuple[Json, ...]:
    return (
        {"includeLocations": [country], "excludeLocations": []},
        {"includeLocations": ["All"], "excludeLocations": [country]},
    )


def _policy(rng: RandomSource, name: str, block: bool, conditions: Json) -> Json:
    everybody = {
        "includeUsers": ["All"],
        "excludeUsers": [],
        "includeGroups": [],
        "excludeGroups": [],
        "includeRoles": [],
        "excludeRoles": [],
    }
    grant = grant_control("block" if block else "mfa")
    policy = access_policy(rng, name.removeprefix("identity-"), "enabled", everybody, grant)
    policy["conditions"] |= conditions
    return policy


def _named_locations(out: Output, rng: RandomSource, directory: Directory, country: str) -> None:
    missing, form = rng.often_faulty(), directory.mfa_form
    locations: list[Json] = [
        {
            "@odata.type": "#microsoft.graph.countryNamedLocation",
            "id": country,
            "displayName": "Countries without business",
            "countriesAndRegions": ["AQ"],
            "includeUnknownCountriesAndRegions": False,
        }
    ]
    if form not in _WITH_LOCATIONS and not missing:
        locations.append(
            {
                "@odata.type": "#microsoft.graph.ipNamedLocation",
                "id": rng.guid(),
                "displayName": "Headquarters",
                "isTrusted": True,
                "ipRanges": [
                    {"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": "203.0.113.0/24"}
                ],
            }
        )
    out.graph(_LOCATIONS, locations)
    if form == "defaults":
        out.verdict("identity-named-locations", directory.subject(), "not_applicable")
    else:
        _expect(out, directory, "identity-named-locations", not _WITH_LOCATIONS.get(form, not missing))


def _methods(out: Output, rng: RandomSource, directory: Directory) -> None:
    weak, without_strong = rng.often_faulty(), rng.faulty()
    everybody = [{"targetType": "group", "id": "all_users", "isRegistrationRequired": False}]
    states = {
        "Fido2": not without_strong,
        "MicrosoftAuthenticator": not without_strong and rng.chance(0.7),
        "Sms": weak,
        "Voice": weak and rng.chance(0.5),
        "TemporaryAccessPass": True,
    }
    out.graph(
        "policies/authenticationMethodsPolicy",
        {
            "id": "authenticationMethodsPolicy",
            "displayName": "Authentication Methods Policy",
            "policyVersion": "1.5",
            "policyMigrationState": rng.pick(("migrationComplete", "migrationInProgress")),
            "registrationEnforcement": {
                "authenticationMethodsRegistrationCampaign": {
                    "snoozeDurationInDays": 1,
                    "state": rng.pick(("default", "enabled", "disabled")),
                }
            },
            "authenticationMethodConfigurations": [
                {
                    "@odata.type": f"#microsoft.graph.{name[0].lower()}{name[1:]}AuthenticationMethodConfiguration",
                    "id": name,
                    "state": "enabled" if on else "disabled",
                    "includeTargets": everybody,
                }
                for name, on in states.items()
            ],
        },
    )
    _expect(out, directory, "identity-auth-methods-strong", weak or without_strong)


def _devices(out: Output, *, required: bool) -> None:
    out.graph(
        "policies/deviceRegistrationPolicy",
        {
            "id": "deviceRegistrationPolicy",
            "displayName": "Device Registration Policy",
            "userDeviceQuota": 50,
            "multiFactorAuthConfiguration": "required" if required else "notRequired",
            "azureADRegistration": {"isAdminConfigurable": False},
            "azureADJoin": {"isAdminConfigurable": True},
            "localAdminPassword": {"isEnabled": False},
        },
    )

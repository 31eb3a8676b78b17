"""Generate settings of a directory in Microsoft Graph v1.0.

Expected verdicts: identity-mfa-enforced, identity-password-policy, identity-guests-limited,
identity-guests-cannot-invite, identity-adfs-onprem-audit.
"""

from __future__ import annotations

import copy
import uuid

from sandbox.generate.conditional_access import access_policy, grant_control
from sandbox.generate.directory.people import Directory
from sandbox.generate.families.identity_policies import change_permissions
from sandbox.generate.output import Json, Output
from sandbox.generate.random_source import RandomSource

_MEMBER_RIGHTS = "a0b1b346-4d3e-4e8b-98f8-753987be4970"
_GUEST_RIGHTS = ("2af84b1e-32c8-42b7-82bc-daa82404023b", "10dae51f-b6af-4016-8d66-8c2a99b929b3")
_RULES_TEMPLATE = "5cf42378-d67d-4f36-ba46-e8b86229381d"
# Ways to require MFA that are sufficient for identity-mfa-enforced to pass. The control accepts a policy that excludes
# up to two users.
_SUFFICIENT = (
    "defaults",
    "all",
    "all but one",
    "strength",
    "device",
    "small group excluded",
    "nested group excluded",
    "empty group excluded",
    "modern clients, others blocked",
    "office excluded",
)
_INSUFFICIENT = (
    "none",
    "report only",
    "off",
    "one user",
    "large group excluded",
    "large nested group excluded",
    "modern clients",
    "platforms excluded",
    "half of IPv4 excluded",
    "country excluded",
)
# Rare ways to require MFA. _TOGETHER: several policies that cover everybody only in combination.
# _PARTIAL: policies that cover only a part of the users or applications.
_TOGETHER = ("administrators apart", "Azure management apart")
_PARTIAL = ("administrators only", "Azure management only")
_ADMINISTRATORS = "62e90394-69f5-4237-9190-012177145e10"
# The application that stands for the management of Azure:
# https://learn.microsoft.com/entra/identity/conditional-access/concept-conditional-access-cloud-apps
_AZURE_MANAGEMENT = "797f4846-ba00-4fd7-ba43-dac1f8f63013"
# {way to require MFA: the networks of the location that the policy excludes}
_EXCLUDED_NETWORKS = {
    "office excluded": ("203.0.113.0/24", "2001:db8:12::/48"),
    # A /9 is the largest network that the Entra admin center accepts.
    "half of IPv4 excluded": tuple(
        f"{first}.{second}.0.0/9" for first in range(1, 127) for second in (0, 128)
    ),
}
# {way to require MFA: (number of excluded users, whether they are members of a group inside the excluded group)}
_EXCLUDED_MEMBERS = {
    "small group excluded": (2, False),
    "nested group excluded": (2, True),
    "empty group excluded": (0, False),
    "large group excluded": (3, False),
    "large nested group excluded": (3, True),
}


def write_policies(out: Output, rng: RandomSource, directory: Directory) -> None:
    """Write the policies of the directory.

    Call this before writing the users, because this function may switch off strong passwords for one user.
    """
    _mfa(out, rng, directory)
    _guests(out, rng, directory)
    federated = rng.chance(0.3)
    _domains(out, rng, directory, federated)
    _passwords(out, rng, directory, federated)


def _mfa(out: Output, rng: RandomSource, directory: Directory) -> None:
    wrong = rng.faulty()
    form = rng.pick(_INSUFFICIENT if wrong else _SUFFICIENT)
    rare = rng.branch("rare policy")
    if rare.rare():
        form = rare.pick(_PARTIAL if wrong else _TOGETHER)
    # While security defaults are on, no policy of Conditional Access can be enabled, so some controls always fail.
    # Therefore, sometimes replace security defaults by a policy for all users.
    if form == "defaults" and not rng.branch("security defaults").often_faulty():
        form = "all"
    directory.mfa_form = form
    out.graph(
        "policies/identitySecurityDefaultsEnforcementPolicy",
        {
            "id": "00000000-0000-0000-0000-000000000005",
            "displayName": "Security Defaults",
            "isEnabled": form == "defaults",
        },
    )
    path = "identity/conditionalAccess/policies"
    if form in ("defaults", "none"):
        out.graph(path, [])
    else:
        state = {"report only": "enabledForReportingButNotEnforced", "off": "disabled"}.get(form, "enabled")
        some = directory.members[0].id
        users: Json = {
            "includeUsers": [some] if form == "one user" else ["All"],
            "excludeUsers": [some] if form == "all but one" else [],
            "includeGroups": [],
            "excludeGroups": _excluded_groups(out, directory, form),
            "includeRoles": [],
            "excludeRoles": [],
            "includeGuestsOrExternalUsers": None,
            "excludeGuestsOrExternalUsers": None,
        }
        grant = grant_control("mfa")
        if form == "strength":
            grant["builtInControls"] = []
            grant["authenticationStrength"] = {
                "id": "00000000-0000-0000-0000-000000000004",
                "displayName": "Phishing-resistant MFA",
                "policyType": "builtIn",
                "requirementsSatisfied": "mfa",
            }
        elif form == "device":
            grant["builtInControls"] = ["mfa", "compliantDevice"]
        rules = [access_policy(rng, "Require MFA for everybody", state, users, grant)]
        if form in _PARTIAL or form in _TOGETHER:
            rules = _divided(rules[0], rare, form)
        conditions = rules[0]["conditions"]
        if form.startswith("modern clients"):
            conditions["clientAppTypes"] = ["browser", "mobileAppsAndDesktopClients"]
        elif form == "platforms excluded":
            conditions["platforms"] = {"includePlatforms": ["all"], "excludePlatforms": ["linux", "macOS"]}
        elif form in _EXCLUDED_NETWORKS or form == "country excluded":
            excluded = _excluded_location(out, rng, form)
            conditions["locations"] = {"includeLocations": ["All"], "excludeLocations": [excluded]}
        if form == "modern clients, others blocked" or (form != "modern clients" and rng.chance(0.5)):
            rules.append(_block_legacy(rng))
        out.graph(path, rules)
    out.verdict("identity-mfa-enforced", directory.subject(), "fail" if wrong else "pass")


def _divided(everybody: Json, rng: RandomSource, form: str) -> list[Json]:
    """Return two policies that together cover everybody. One policy covers a part of the users or applications, and the
    other policy covers the rest.

    If the form is in `_PARTIAL`, return only the first policy, so that the rest is not covered.
    """
    part: Json = copy.deepcopy(everybody)
    part |= {"id": rng.guid(), "displayName": f"Require MFA: {form}"}
    if form.startswith("administrators"):
        part["conditions"]["users"] |= {"includeUsers": [], "includeRoles": [_ADMINISTRATORS]}
        everybody["conditions"]["users"]["excludeRoles"] = [_ADMINISTRATORS]
    else:
        part["conditions"]["applications"]["includeApplications"] = [_AZURE_MANAGEMENT]
        everybody["conditions"]["applications"]["excludeApplications"] = [_AZURE_MANAGEMENT]
    return [part] if form in _PARTIAL else [everybody, part]


def _excluded_groups(out: Output, directory: Directory, form: str) -> list[str]:
    """Write the group that a policy of this form excludes, with its members. Return a list with the group's id.

    The list is empty if the form excludes no group.
    """
    if form not in _EXCLUDED_MEMBERS:
        return []
    number, nested = _EXCLUDED_MEMBERS[form]
    group, inner = (str(uuid.uuid5(uuid.UUID(directory.guid), name)) for name in ("excluded", "nested"))
    for identifier, name in ((group, "mfa-exceptions"), (inner, "mfa-exceptions-of-a-team")):
        if identifier == group or nested:
            out.graph(
                "groups",
                {
                    "id": identifier,
                    "displayName": name,
                    "securityEnabled": True,
                    "mailEnabled": False,
                    "groupTypes": [],
                    "visibility": None,
                },
            )
    # The list of transitive members contains the groups inside the group, and the members of these groups.
    members: list[Json] = [{"@odata.type": "#microsoft.graph.group", "id": inner}] if nested else []
    members += [
        {"@odata.type": "#microsoft.graph.user", "id": person.id, "userPrincipalName": person.upn}
        for person in directory.members[:number]
    ]
    out.graph(f"groups/{group}/transitiveMembers", members)
    return [group]


def _excluded_location(out: Output, rng: RandomSource, form: str) -> str:
    """Write the named locations. Return the id of the location that a policy of this form excludes, or
    `AllTrusted` for all trusted locations.
    """
    home: Json = {
        "@odata.type": "#microsoft.graph.countryNamedLocation",
        "id": rng.guid(),
        "displayName": "Home",
        "countriesAndRegions": ["AT", "DE"],
        "includeUnknownCountriesAndRegions": False,
        "countryLookupMethod": "clientIpAddress",
    }
    office: Json = {
        "@odata.type": "#microsoft.graph.ipNamedLocation",
        "id": rng.guid(),
        "displayName": "Office",
        "isTrusted": True,
        "ipRanges": [
            {
                "@odata.type": f"#microsoft.graph.iPv{6 if ':' in network else 4}CidrRange",
                "cidrAddress": network,
            }
            for network in _EXCLUDED_NETWORKS.get(form, ("203.0.113.0/24",))
        ],
    }
    out.graph("identity/conditionalAccess/namedLocations", [home, office])
    return str(home["id"]) if form == "country excluded" else "AllTrusted"


def _block_legacy(rng: RandomSource) -> Json:
    """Return a policy that blocks legacy sign-in for all users. By itself, it does not require MFA."""
    kinds = ("Users", "Groups", "Roles")
    users: Json = {f"{verb}{kind}": [] for verb in ("include", "exclude") for kind in kinds}
    users["includeUsers"] = ["All"]
    policy = access_policy(rng, "Block legacy sign-in", "enabled", users, grant_control("block"))
    policy["conditions"]["clientAppTypes"] = ["exchangeActiveSync", "other"]
    return policy


def _guests(out: Output, rng: RandomSource, directory: Directory) -> None:
    like_members, anyone = rng.faulty(), rng.faulty()
    invites = (
        "everyone"
        if anyone
        else rng.pick(("adminsGuestInvitersAndAllMembers", "adminsAndGuestInviters", "none"))
    )
    permissions: Json = {
        "allowedToCreateApps": rng.chance(0.5),
        "allowedToCreateSecurityGroups": rng.chance(0.5),
        "allowedToCreateTenants": rng.chance(0.5),
        "allowedToReadOtherUsers": True,
    }
    change_permissions(out, rng.branch("user permissions"), directory, permissions)
    out.graph(
        "policies/authorizationPolicy",
        {
            "id": "authorizationPolicy",
            "displayName": "Authorization Policy",
            "allowInvitesFrom": invites,
            "guestUserRoleId": _MEMBER_RIGHTS if like_members else rng.pick(_GUEST_RIGHTS),
            "allowedToSignUpEmailBasedSubscriptions": True,
            "allowedToUseSSPR": True,
            "allowEmailVerifiedUsersToJoinOrganization": False,
            "blockMsolPowerShell": False,
            "defaultUserRolePermissions": permissions,
        },
    )
    out.verdict("identity-guests-limited", directory.subject(), "fail" if like_members else "pass")
    out.verdict("identity-guests-cannot-invite", directory.subject(), "fail" if anyone else "pass")


def _domains(out: Output, rng: RandomSource, directory: Directory, federated: bool) -> None:
    for name, initial in ((directory.initial_domain, True), (directory.mail_domain, False)):
        kind = "Federated" if federated and not initial else "Managed"
        out.graph(
            "domains",
            {
                "id": name,
                "authenticationType": kind,
                "isVerified": True,
                "isInitial": initial,
                "isDefault": not initial,
                "isAdminManaged": True,
                "isRoot": True,
                "passwordValidityPeriodInDays": 2147483647,
                "passwordNotificationWindowInDays": 14,
                "supportedServices": [],
            },
        )
    if federated:
        host = f"sts.{directory.mail_domain}"
        out.graph(
            f"domains/{directory.mail_domain}/federationConfiguration",
            [
                {
                    "@odata.type": "#microsoft.graph.internalDomainFederation",
                    "id": rng.guid(),
                    "displayName": directory.mail_domain,
                    "issuerUri": f"http://{host}/adfs/services/trust",
                    "passiveSignInUri": f"https://{host}/adfs/ls/",
                    "preferredAuthenticationProtocol": "wsFed",
                    "federatedIdpMfaBehavior": "rejectMfaByFederatedIdp",
                }
            ],
        )
    out.graph(
        "organization",
        [
            {
                "id": directory.guid,
                "displayName": directory.mail_domain.split(".")[0],
                "onPremisesSyncEnabled": True if federated or directory.synchronisers else None,
            }
        ],
    )
    verdict = "manual" if federated else "not_applicable"
    out.verdict("identity-adfs-onprem-audit", directory.subject(), verdict)


def _passwords(out: Output, rng: RandomSource, directory: Directory, federated: bool) -> None:
    # A federated directory gets no fault, because the verdict on a federated directory with a fault cannot be
    # predicted.
    wrong = not federated and rng.faulty()
    form = rng.pick(("weak user", "threshold", "duration")) if wrong else rng.pick(("default", "set"))
    if form == "weak user":
        directory.members[1].weak_password = True
    if form in ("default", "weak user"):
        out.graph("groupSettings", [])
    else:
        values = {
            "BannedPasswordCheckOnPremisesMode": "Enforce",
            "EnableBannedPasswordCheckOnPremises": "True",
            "EnableBannedPasswordCheck": "True",
            "LockoutDurationInSeconds": "30" if form == "duration" else "60",
            "LockoutThreshold": "25" if form == "threshold" else "10",
            "BannedPasswordList": "contoso\tspring2026",
        }
        out.graph(
            "groupSettings",
            [
                {
                    "id": rng.guid(),
                    "displayName": "Password Rule Settings",
                    "templateId": _RULES_TEMPLATE,
                    "values": [{"name": n, "value": v} for n, v in values.items()],
                }
            ],
        )
    on_premises = federated or bool(directory.synchronisers)
    verdict = "fail" if wrong else "manual" if on_premises else "pass"
    out.verdict("identity-password-policy", directory.subject(), verdict)

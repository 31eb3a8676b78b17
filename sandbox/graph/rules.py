"""Define the permissions and default properties of Microsoft Graph's paths, as data.

The permissions come from the table "Permissions" on each method's page under https://learn.microsoft.com/graph/api,
least privileged first. A request needs one of the permissions of its rule. The first rule that matches a path applies.
The lines of an estate file can name other permissions for single paths.
"""

import json
import re
from typing import NamedTuple


class Rule(NamedTuple):
    """The permissions for paths that match a pattern.

    A client needs one of the permissions. A client without any of them gets the status 403 with `code` and `message`.
    """

    pattern: re.Pattern[str]
    permissions: tuple[str, ...]
    code: str
    message: str


_DENIED = ("Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
_SCOPES = (
    "AccessDenied",
    "You cannot perform the requested operation, required scopes are missing in the token.",
)
_ROLES = ("UnauthorizedAccessException", "Attempted to perform an unauthorized operation.")
_REPORTS = (
    "Authentication_MSGraphPermissionMissing",
    "Calling principal does not have required MSGraph permissions AuditLog.Read.All.",
)
_ALL = ("Directory.Read.All", "Directory.ReadWrite.All")


def _rule(pattern: str, permissions: tuple[str, ...], error: tuple[str, str]) -> Rule:
    return Rule(re.compile(pattern), permissions, *error)


def _pim_rule(pattern: str, *permissions: str) -> Rule:
    """Return the rule of a path of Privileged Identity Management. Errors of such paths are JSON inside an
    `UnknownError`.

    Recorded answers: https://github.com/kayasax/EasyPIM/issues/37 and
    https://github.com/microsoftgraph/microsoft-graph-docs/issues/22292
    """
    text = f"Authorization failed due to missing permission scope {','.join(permissions)}."
    inner = {"errorCode": "PermissionScopeNotGranted", "message": text, "instanceAnnotations": []}
    return _rule(pattern, permissions, ("UnknownError", json.dumps(inner)))


# {collection: permissions to read its objects}. With any permission in this dict, an application can request
# objects of every type by id. But the answer has names only for objects of types that the application may read.
TYPE_PERMISSIONS = {
    "users": ("User.Read.All", "User.ReadWrite.All", "User.ReadBasic.All", *_ALL),
    "groups": ("GroupMember.Read.All", "Group.Read.All", "Group.ReadWrite.All", *_ALL),
    "serviceprincipals": ("Application.Read.All", "Application.ReadWrite.All", *_ALL),
    "applications": ("Application.Read.All", "Application.ReadWrite.All", *_ALL),
    "devices": ("Device.Read.All", *_ALL),
}

RULES = (
    _rule(
        r"directoryobjects/getbyids",
        tuple(dict.fromkeys(name for names in TYPE_PERMISSIONS.values() for name in names)),
        _DENIED,
    ),
    _rule(
        r"policies/crosstenantaccesspolicy.*",
        ("Policy.Read.All", "CrossTenantInformation.ReadBasic.All", "Policy.ReadWrite.CrossTenantAccess"),
        _SCOPES,
    ),
    _rule(r"tenantrelationships/findtenantinformation.*", ("CrossTenantInformation.ReadBasic.All",), _SCOPES),
    _rule(
        r"policies/rolemanagementpolic.*",
        ("RoleManagementPolicy.Read.Directory", "RoleManagement.Read.Directory", "RoleManagement.Read.All"),
        _ROLES,
    ),
    _rule(r"policies/authorizationpolicy.*", ("Policy.Read.All", "Policy.ReadWrite.Authorization"), _SCOPES),
    _rule(
        r"policies/permissiongrantpolicies.*",
        ("Policy.Read.PermissionGrant", "Policy.ReadWrite.PermissionGrant"),
        _SCOPES,
    ),
    _rule(
        r"policies/deviceregistrationpolicy",
        ("Policy.Read.DeviceConfiguration", "Policy.ReadWrite.DeviceConfiguration"),
        _SCOPES,
    ),
    _rule(r"policies/.*", ("Policy.Read.All",), _SCOPES),
    _rule(
        r"identity/conditionalaccess.*",
        ("Policy.Read.ConditionalAccess", "Policy.Read.All", "Policy.ReadWrite.ConditionalAccess"),
        _SCOPES,
    ),
    _rule(r"reports/authenticationmethods.*", ("AuditLog.Read.All",), _REPORTS),
    _rule(r"auditlogs/.*", ("AuditLog.Read.All",), _REPORTS),
    _rule(r"reports/.*", ("AuditLog.Read.All", "Reports.Read.All"), _REPORTS),
    _pim_rule(
        r"rolemanagement/directory/roleeligibility.*",
        "RoleEligibilitySchedule.Read.Directory",
        "RoleManagement.Read.Directory",
        "RoleManagement.Read.All",
        "RoleEligibilitySchedule.ReadWrite.Directory",
        "RoleManagement.ReadWrite.Directory",
    ),
    _pim_rule(
        r"rolemanagement/directory/roleassignmentschedule.*",
        "RoleAssignmentSchedule.Read.Directory",
        "RoleManagement.Read.Directory",
        "RoleManagement.Read.All",
        "RoleAssignmentSchedule.ReadWrite.Directory",
        "RoleManagement.ReadWrite.Directory",
    ),
    _rule(
        r"(rolemanagement|directoryroles|directoryroletemplates).*",
        (
            "RoleManagement.Read.Directory",
            "RoleManagement.Read.All",
            "RoleManagement.ReadWrite.Directory",
            *_ALL,
        ),
        _ROLES,
    ),
    _rule(
        r"users/[^/]+/authentication.*",
        ("UserAuthenticationMethod.Read.All", "UserAuthenticationMethod.ReadWrite.All"),
        _DENIED,
    ),
    _rule(r"users.*", ("User.Read.All", "User.ReadWrite.All", "User.ReadBasic.All", *_ALL), _DENIED),
    _rule(
        r"groups(/.*)?",
        ("GroupMember.Read.All", "Group.Read.All", "Group.ReadWrite.All", "GroupMember.ReadWrite.All", *_ALL),
        _DENIED,
    ),
    # Microsoft's API reference names Domain.Read.All and Domain.ReadWrite.All only for reading a single federation
    # configuration. The sandbox accepts these permissions for listing the configurations too.
    _rule(
        r"domains/[^/]+/federationconfiguration.*",
        (
            "Domain-InternalFederation.Read.All",
            "Domain-InternalFederation.ReadWrite.All",
            "Domain.Read.All",
            "Domain.ReadWrite.All",
        ),
        _DENIED,
    ),
    _rule(r"domains.*", ("Domain.Read.All", "Domain.ReadWrite.All", *_ALL), _DENIED),
    _rule(r"groupsettings.*", ("GroupSettings.Read.All", "GroupSettings.ReadWrite.All", *_ALL), _DENIED),
    _rule(r"organization.*", ("Organization.Read.All", "Organization.ReadWrite.All", *_ALL), _DENIED),
    _rule(
        r"(applications|serviceprincipals|oauth2permissiongrants).*",
        ("Application.Read.All", "Application.ReadWrite.All", *_ALL),
        _DENIED,
    ),
    _rule(
        r"identitygovernance/accessreviews.*", ("AccessReview.Read.All", "AccessReview.ReadWrite.All"), _ROLES
    ),
    _pim_rule(
        r"identitygovernance/privilegedaccess/group/eligibilityschedule.*",
        "PrivilegedEligibilitySchedule.Read.AzureADGroup",
        "PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup",
    ),
    _rule(r"devices.*", ("Device.Read.All", *_ALL), _DENIED),
    _rule(r".*", _ALL, _DENIED),
)

# {list that exists in every directory: properties}. The $filter of a request for the list must contain one of these
# properties.
# https://learn.microsoft.com/graph/api/privilegedaccessgroup-list-eligibilityscheduleinstances
FILTERED_LISTS = {
    "identitygovernance/privilegedaccess/group/eligibilityscheduleinstances": ("groupId", "principalId")
}

# Graph lists the members of groups with hidden membership only for clients with this permission. For other clients, the
# list is empty.
# https://learn.microsoft.com/graph/api/group-list-transitivemembers and
# https://github.com/microsoftgraph/msgraph-sdk-dotnet/issues/1255
HIDDEN_MEMBERS = "Member.Read.Hidden"
MEMBER_LISTS = re.compile(r"(groups/[^/]+)/(transitivemembers|members)")

# {property: the additional permission that a client needs to read the property}
EXTRA_PERMISSIONS = {"signinactivity": "AuditLog.Read.All"}

# Properties of users that Graph returns if a request has no $select:
# https://learn.microsoft.com/graph/api/resources/user ("Properties").
_USER = (
    "id",
    "businessPhones",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
)
DEFAULT_SELECT = ((re.compile(r"users(/[^/]+)?"), _USER),)

# Three page sizes: the size if $top is not given, the maximum of $top, and the maximum of $top in requests with
# signInActivity (https://learn.microsoft.com/graph/api/user-list).
DEFAULT_PAGE, MAX_PAGE, MAX_PAGE_WITH_ACTIVITY = 100, 999, 500

# {navigation property in $expand: (collections that may contain the related object, property that holds the id of the
# related object)}
EXPANSIONS = {
    "principal": (("users", "groups", "serviceprincipals"), "principalId"),
    "roledefinition": (("rolemanagement/directory/roledefinitions",), "roleDefinitionId"),
}
ODATA_TYPES = {
    "users": "#microsoft.graph.user",
    "groups": "#microsoft.graph.group",
    "serviceprincipals": "#microsoft.graph.servicePrincipal",
    "applications": "#microsoft.graph.application",
    "devices": "#microsoft.graph.device",
}

# Source: https://learn.microsoft.com/graph/api/directoryobject-getbyids
GET_BY_IDS, MAX_IDS = "directoryobjects/getbyids", 1000


def has_own_rule(path: str) -> bool:
    """Return whether the rule for the path (`rule_for`) is not the last one, which matches all paths."""
    return rule_for(path) is not RULES[-1]


def rule_for(path: str) -> Rule:
    """Return the rule for a path. The path must be in lower case and without the API version."""
    return next(rule for rule in RULES if rule.pattern.fullmatch(path))

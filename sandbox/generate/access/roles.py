"""Generate role definitions and assignments of a subscription.

Format: Microsoft.Authorization 2022-04-01. The expected verdicts are those of the controls identity-custom-roles-* and,
for classic administrators, of identity-mfa-azure-writers. The module also marks the people who can change resources,
because `expect_people_verdicts` in `sandbox.generate.directory.graph_objects` needs these marks.
"""

from __future__ import annotations

from sandbox.generate.access.operations import control_plane_operations
from sandbox.generate.directory.people import Directory
from sandbox.generate.output import Json
from sandbox.generate.subscription import Subscription

_DEFINITIONS = "Microsoft.Authorization/roleDefinitions"
OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
ACCESS_ADMIN = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"
VM_CONTRIBUTOR = "9980e02c-c2be-4d73-94e8-173b1dc7cf3c"
BLOB_READER = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"

# {id of a built-in role: (name, actions, notActions, dataActions)}
BUILT_IN: dict[str, tuple[str, list[str], list[str], list[str]]] = {
    OWNER: ("Owner", ["*"], [], []),
    CONTRIBUTOR: (
        "Contributor",
        ["*"],
        [
            "Microsoft.Authorization/*/Delete",
            "Microsoft.Authorization/*/Write",
            "Microsoft.Authorization/elevateAccess/Action",
            "Microsoft.Blueprint/blueprintAssignments/write",
            "Microsoft.Blueprint/blueprintAssignments/delete",
            "Microsoft.Compute/galleries/share/action",
        ],
        [],
    ),
    READER: ("Reader", ["*/read"], [], []),
    ACCESS_ADMIN: (
        "User Access Administrator",
        ["*/read", "Microsoft.Authorization/*", "Microsoft.Support/*"],
        [],
        [],
    ),
    VM_CONTRIBUTOR: (
        "Virtual Machine Contributor",
        [
            "Microsoft.Compute/virtualMachines/*",
            "Microsoft.Compute/disks/read",
            "Microsoft.Compute/disks/write",
            "Microsoft.Network/networkInterfaces/*",
            "Microsoft.Resources/subscriptions/resourceGroups/read",
        ],
        [],
        [],
    ),
    BLOB_READER: (
        "Storage Blob Data Reader",
        [
            "Microsoft.Storage/storageAccounts/blobServices/containers/read",
            "Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action",
        ],
        [],
        ["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"],
    ),
}

_ALL_PROBES = [
    "Microsoft.Authorization/roleAssignments/*",
    "Microsoft.Authorization/roleDefinitions/*",
    "Microsoft.Authorization/elevateAccess/action",
    "Microsoft.Resources/subscriptions/write",
]
# (actions, notActions, dataActions, whether the role is assigned at a resource group only)
_Custom = tuple[list[str], list[str], list[str], bool]
_ADMINISTRATIVE: tuple[_Custom, ...] = (
    (["*"], [], [], False),
    (["*/write"], [], [], False),
    (["*/read", "*/delete"], [], [], False),
    (["Microsoft.Authorization/*"], [], [], False),
    (["microsoft.authorization/ROLEASSIGNMENTS/write"], [], [], False),
    (["Microsoft.Resources/subscriptions/*"], [], [], False),
    (["*"], ["Microsoft.Authorization/roleAssignments/*"], [], False),
    (["Microsoft.Storage/storageAccounts/read"], [], ["*"], False),
)
# Custom roles with the same permissions as built-in roles: Reader, and Virtual Machine Contributor with expanded
# wildcards.
_TWINS: tuple[_Custom, ...] = (
    (["*/read"], [], [], False),
    (
        [
            *control_plane_operations("Microsoft.Compute", "virtualMachines/"),
            *control_plane_operations("Microsoft.Network", "networkInterfaces/"),
            "Microsoft.Compute/disks/read",
            "Microsoft.Compute/disks/write",
            "Microsoft.Resources/subscriptions/resourceGroups/read",
        ],
        [],
        [],
        False,
    ),
)
_MODEST: tuple[_Custom, ...] = (
    (
        ["Microsoft.Compute/virtualMachines/read", "Microsoft.Compute/virtualMachines/restart/action"],
        [],
        [],
        False,
    ),
    (["Microsoft.ContainerRegistry/registries/push/write"], [], [], False),
    (
        ["Microsoft.Network/*/read", "Microsoft.Network/networkSecurityGroups/securityRules/write"],
        [],
        [],
        False,
    ),
    (["*"], _ALL_PROBES, [], False),
    (["Microsoft.Authorization/roleAssignments/write"], [], [], True),
)


def define(sub: Subscription, name: str, kind: str, title: str, permission: Json, scopes: list[str]) -> str:
    """Write the definition of a role and return its id."""
    properties: Json = {
        "roleName": title,
        "type": kind,
        "description": title,
        "assignableScopes": scopes,
        "permissions": [permission],
        "createdOn": sub.rng.arm_timestamp(300, 900),
        "updatedOn": sub.rng.arm_timestamp(10, 290),
        "createdBy": None,
        "updatedBy": None,
    }
    return sub.write(None, _DEFINITIONS, name, properties)


def permission_of(actions: list[str], minus: list[str], data: list[str]) -> Json:
    return {"actions": actions, "notActions": minus, "dataActions": data, "notDataActions": []}


def write_roles(sub: Subscription, directory: Directory) -> None:
    """Write the role definitions and the role assignments of a subscription."""
    rng = sub.rng
    for name, (title, actions, minus, data) in BUILT_IN.items():
        define(sub, name, "BuiltInRole", title, permission_of(actions, minus, data), ["/"])
    for _ in range(rng.pick((0, 1, 2, 3))):
        _custom(sub)
    # A service principal for deployments. It needs no MFA, because it is not a user.
    assign(sub, rng.guid(), "ServicePrincipal", CONTRIBUTOR)
    with sub.branch("deleted user"):
        if sub.rng.rare():
            # The assignment of a deleted user remains. The directory does not list the user, so the MFA state is
            # unknown.
            deleted = sub.rng.guid()
            assign(sub, deleted, "User", CONTRIBUTOR)
            user = f"{directory.subject()}/users/{deleted}"
            sub.out.verdict("identity-mfa-azure-writers", user, "unknown")
    with sub.branch("foreign group"):
        if sub.rng.rare():
            _foreign_group(sub, directory)
    with sub.branch("classic administrators"):
        if sub.rng.rare():
            _classic_administrators(sub)
    members = directory.active_members
    for _ in range(rng.randrange(2, 6)):
        role = rng.pick((OWNER, CONTRIBUTOR, CONTRIBUTOR, VM_CONTRIBUTOR, READER))
        person = rng.pick(members)
        assign(sub, person.id, "User", role)
        if role != READER:
            person.writes_azure = True
    assign(sub, directory.operators_group, "Group", CONTRIBUTOR)
    for person in directory.operators:
        person.writes_azure = True
    guests = [g for g in directory.guests if g.enabled and g.mfa_capable]
    if guests and rng.chance(0.4):
        guest = rng.pick(guests)
        strong = rng.faulty()
        assign(sub, guest.id, "User", rng.pick((OWNER, ACCESS_ADMIN)) if strong else CONTRIBUTOR)
        guest.writes_azure = True
        guest.owns_azure = guest.owns_azure or strong


def _foreign_group(sub: Subscription, directory: Directory) -> None:
    """Write a role assignment for a group of another directory. The members of this group are unknown.

    Format: https://learn.microsoft.com/rest/api/authorization/role-assignments/list-for-scope (`principalType`)
    """
    role = sub.rng.pick((CONTRIBUTOR, VM_CONTRIBUTOR, READER))
    assign(sub, sub.rng.guid(), "ForeignGroup", role)
    if role != READER:
        directory.foreign_writers = True


def _classic_administrators(sub: Subscription) -> None:
    """Write the classic administrators of the subscription.

    One of them is the administrator of the subscription's billing account. As a random fault, another administrator has
    the role CoAdministrator, which Azure has retired.

    Format: Microsoft.Authorization/classicAdministrators 2015-07-01.
    """
    remaining = sub.rng.faulty()
    roles = ["ServiceAdministrator;AccountAdministrator"]
    if remaining:
        roles.append("CoAdministrator")
    for number, role in enumerate(roles, 1):
        identifier = sub.write(
            None,
            "Microsoft.Authorization/classicAdministrators",
            f"{sub.rng.getrandbits(64):016X}",
            {"emailAddress": f"admin{number}@{sub.mail_domain}", "role": role},
        )
        if role == "CoAdministrator":
            sub.out.verdict("identity-mfa-azure-writers", identifier, "fail")


def _custom(sub: Subscription) -> None:
    rng = sub.rng
    administrative = rng.faulty()
    twin = not administrative and rng.faulty()
    if twin:
        chosen: _Custom = rng.pick(_TWINS)
    else:
        chosen = rng.pick(_ADMINISTRATIVE if administrative else _MODEST)
    actions, minus, data, at_group = chosen
    name = rng.guid()
    scope = sub.id
    if at_group:
        group, _, _ = sub.group("identity")
        scope = f"{sub.id}/resourceGroups/{group}"
    title = f"{sub.display_name} operator {sub.next_number('role')}"
    role = define(sub, name, "CustomRole", title, permission_of(actions, minus, data), [scope])
    assign(sub, rng.guid(), "ServicePrincipal", name, scope)
    sub.expect_failure_if("identity-custom-roles-admin", role, administrative)
    # identity-lock-role needs a role that permits changing resource locks and is not administrative. Of all generated
    # custom roles, only the role with all actions except `_ALL_PROBES` is such a role.
    sub.has_lock_role = sub.has_lock_role or minus == _ALL_PROBES
    same_as_owner = actions == ["*"] and not minus
    sub.expect("identity-custom-roles-review", role, "fail" if twin or same_as_owner else "manual")


def assign(sub: Subscription, principal: str, kind: str, role: str, scope: str | None = None) -> None:
    """Write an active assignment of a role. By default, its scope is the subscription."""
    rng = sub.rng
    place = scope or sub.id
    if role == OWNER and place == sub.id:
        sub.owners.add(principal)
    moment = rng.arm_timestamp(100, 900)
    name = rng.guid()
    sub.out.document(
        {
            "id": f"{place}/providers/Microsoft.Authorization/roleAssignments/{name}",
            "type": "Microsoft.Authorization/roleAssignments",
            "name": name,
            "properties": {
                "roleDefinitionId": f"{sub.id}/providers/{_DEFINITIONS}/{role}",
                "principalId": principal,
                "principalType": kind,
                "scope": place,
                "condition": None,
                "conditionVersion": None,
                "createdOn": moment,
                "updatedOn": moment,
                "createdBy": rng.guid(),
                "updatedBy": rng.guid(),
            },
        }
    )

"""Generate role assignments of owners, of a disabled user and of people who sign in to machines, and a custom role for
resource locks.

Expected verdicts of assessments/controls/identity/global_admin_count.py, owners.py, user_roles.py, lock_role.py and
reviews.py.
"""

from __future__ import annotations

from sandbox.generate.access.roles import ACCESS_ADMIN, OWNER, READER, assign, define, permission_of
from sandbox.generate.directory.people import DIRECTORY_ROLES, Directory
from sandbox.generate.output import Json, Output
from sandbox.generate.random_source import RandomSource
from sandbox.generate.subscription import Subscription

CONTROLS = ()
DIRECTORY_CONTROLS = (
    "identity-global-admin-count",
    "identity-uaa-root",
    "identity-disabled-users-azure-roles",
    "identity-vm-login-mfa",
    "identity-admin-daily-use",
    "identity-tenant-creator-review",
    "identity-role-assignments-review",
)
_WITHOUT_API = ("identity-mfa-remember-devices", "identity-sspr-settings", "identity-portal-restrictions")
_VM_LOGIN = "1c0163c0-47e6-4577-8991-ea5c82e286e4"
_LOCKS = [
    "Microsoft.Authorization/locks/read",
    "Microsoft.Authorization/locks/write",
    "Microsoft.Authorization/locks/delete",
]


def write_directory(out: Output, rng: RandomSource, directory: Directory) -> None:
    """Write the expected verdicts on the directory's roles.

    As a random fault, write a role assignment at the root scope `/`.
    """
    scope = directory.subject()
    role = next(iter(DIRECTORY_ROLES))
    admins = [m for m in directory.active_members if role in m.active_roles + m.eligible_roles]
    out.verdict("identity-global-admin-count", scope, "pass" if 2 <= len(admins) <= 4 else "fail")
    elevated = rng.often_faulty()
    if elevated:
        person = rng.pick(directory.active_members)
        person.writes_azure = True
        name, moment = rng.guid(), rng.arm_timestamp(10, 400)
        properties: Json = {
            "roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{ACCESS_ADMIN}",
            "principalId": person.id,
            "principalType": "User",
            "scope": "/",
            "condition": None,
            "conditionVersion": None,
            "createdOn": moment,
            "updatedOn": moment,
            "createdBy": "",
            "updatedBy": person.id,
        }
        kind = "Microsoft.Authorization/roleAssignments"
        out.document(
            {"id": f"/providers/{kind}/{name}", "type": kind, "name": name, "properties": properties}
        )
    out.verdict("identity-uaa-root", scope, "fail" if elevated else "pass")
    out.verdict("identity-tenant-creator-review", scope, "pass")
    out.verdict("identity-admin-daily-use", scope, "unknown" if directory.nested else "manual")
    for control in _WITHOUT_API:
        out.verdict(control, scope, "manual")


def write(sub: Subscription) -> None:
    """Write role assignments for owners, a disabled user and people who sign in to machines.

    Also write a custom role for resource locks.
    """
    if sub.people is not None:
        _owners(sub, sub.people)
        _blocked(sub, sub.people)
        _logins(sub, sub.people)
    _lock_role(sub)


def _owners(sub: Subscription, people: Directory) -> None:
    wanted = 4 if sub.rng.faulty() else 2
    for person in sub.rng.sample(people.active_members, min(8, len(people.active_members))):
        if len(sub.owners) >= wanted:
            break
        if person.id not in sub.owners:
            assign(sub, person.id, "User", OWNER)
            person.writes_azure = True
    sub.expect_failure_if("identity-owner-count", sub.id, not 2 <= len(sub.owners) <= 3)


def _blocked(sub: Subscription, people: Directory) -> None:
    blocked = [member for member in people.members if not member.enabled]
    if blocked and sub.rng.faulty():
        person = sub.rng.pick(blocked)
        person.blocked_with_role = True
        assign(sub, person.id, "User", READER)


def _logins(sub: Subscription, people: Directory) -> None:
    if sub.rng.chance(0.5):
        return
    permission = permission_of(
        ["Microsoft.Network/publicIPAddresses/read", "Microsoft.Compute/virtualMachines/*/read"],
        [],
        [
            "Microsoft.Compute/virtualMachines/login/action",
            "Microsoft.Compute/virtualMachines/loginAsAdmin/action",
        ],
    )
    define(sub, _VM_LOGIN, "BuiltInRole", "Virtual Machine Administrator Login", permission, ["/"])
    person = sub.rng.pick(people.active_members)
    person.signs_in_to_machines = True
    assign(sub, person.id, "User", _VM_LOGIN)


def _lock_role(sub: Subscription) -> None:
    missing = sub.rng.often_faulty()
    if not missing or sub.rng.chance(0.3):
        name = sub.rng.guid()
        title = f"{sub.display_name} locks"
        role = define(sub, name, "CustomRole", title, permission_of(_LOCKS, [], []), [sub.id])
        if not missing:
            assign(sub, sub.rng.guid(), "ServicePrincipal", name)
        sub.expect("identity-custom-roles-admin", role, "pass")
        sub.expect("identity-custom-roles-review", role, "manual")
    sub.expect_failure_if("identity-lock-role", sub.id, missing and not sub.has_lock_role)


def expect_directory(out: Output, directory: Directory, unusual: bool) -> None:
    """Write the expected verdicts on people with roles in Azure."""
    blocked = [person for person in directory.members if person.blocked_with_role]
    for person in blocked:
        out.verdict("identity-disabled-users-azure-roles", directory.subject(person), "fail")
    users = [person for person in directory.members if person.signs_in_to_machines]
    for person in users:
        verdict = "pass" if person.mfa_capable else "fail"
        out.verdict("identity-vm-login-mfa", directory.subject(person), verdict)
    if unusual:
        return
    scope = directory.subject()
    out.verdict("identity-role-assignments-review", scope, "manual")
    if not blocked:
        out.verdict("identity-disabled-users-azure-roles", scope, "pass")
    if not users:
        out.verdict("identity-vm-login-mfa", scope, "not_applicable")

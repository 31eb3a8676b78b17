"""Find out who has which role, from a directory's assignments and eligibilities, including members of groups.

If a role cannot be attributed to a user, for example because the members of a group were not read, the role is returned
as a problem. It is never dropped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import IntEnum

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import unknown_from
from assessments.controls.verdict import Judgement, unknown
from assessments.estate.collection import Collection
from assessments.estate.collections.access import ROLE_ASSIGNMENTS, ROLE_DEFINITIONS, ROLE_ELIGIBILITIES
from assessments.estate.collections.directory import (
    DIRECTORY_ROLE_ASSIGNMENTS,
    DIRECTORY_ROLE_ELIGIBILITIES,
    GROUP_ELIGIBILITIES,
    GROUP_MEMBERS,
    GROUP_VISIBILITY,
    USERS,
)
from assessments.estate.gap_texts import describe_gap
from assessments.estate.gaps import Gap, Reason
from assessments.estate.identity.roles import GRANTING_PROBES, changing_actions, granted, role_key
from assessments.estate.ids import fold
from assessments.estate.view import Unreadable, View

AZURE_ROLES = (
    ROLE_ASSIGNMENTS,
    ROLE_ELIGIBILITIES,
    ROLE_DEFINITIONS,
    GROUP_MEMBERS,
    GROUP_VISIBILITY,
    GROUP_ELIGIBILITIES,
    USERS,
)
DIRECTORY_ROLES = (
    DIRECTORY_ROLE_ASSIGNMENTS,
    DIRECTORY_ROLE_ELIGIBILITIES,
    GROUP_MEMBERS,
    GROUP_VISIBILITY,
    GROUP_ELIGIBILITIES,
    USERS,
)

# https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference
ORDINARY_ROLES = frozenset(
    {
        "a0b1b346-4d3e-4e8b-98f8-753987be4970",  # User
        "10dae51f-b6af-4016-8d66-8c2a99b929b3",  # Guest User
        "2af84b1e-32c8-42b7-82bc-daa82404023b",  # Restricted Guest User
        "88d8e3e3-8f55-4a1e-953a-9b9898b8876b",  # Directory Readers
    }
)
"""Directory roles without administrative rights."""

HIDDEN_MEMBERS = "Member.Read.Hidden"
"""The Graph permission to read hidden memberships. It is needed in addition to the permission to read members."""
_VISIBILITIES = frozenset({"private", "public", "hiddenmembership"})
"""Visibilities of groups. Security groups have no visibility. https://learn.microsoft.com/graph/api/resources/group"""

# https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference
SYNCHRONISATION_ROLES = frozenset(
    {
        "d29b2b05-8046-44ba-8758-1e26182fcf32",  # Directory Synchronization Accounts
        "a92aed5d-d78a-4d16-b381-09adb37eb3b0",  # On Premises Directory Sync Account
    }
)
"""The roles of the account that Entra Connect signs in with. This account cannot use MFA."""


APPLICATION_TYPES = frozenset({"serviceprincipal", "agentidentity", "agentidentityblueprintprincipal"})
"""The types of applications that can hold roles.

https://learn.microsoft.com/graph/api/resources/agentid-platform-overview
"""

# Types of group members that cannot use MFA, so the controls of MFA ignore them. A nested group can be ignored, because
# the API also lists its members. An `agentuser` is the account of an agent; all other types of agents are applications:
# https://learn.microsoft.com/entra/agent-id/agent-users
# https://learn.microsoft.com/graph/api/group-list-transitivemembers
WITHOUT_MFA = frozenset({*APPLICATION_TYPES, "group", "device", "application", "orgcontact", "agentuser"})

# The types of role holders that are users. Graph also lists the accounts of agents as users.
_USERS = frozenset({"user", "agentuser"})


class Level(IntEnum):
    """The level of rights that an Azure role gives. GRANT means that the role permits assigning roles, as Owner does.
    UNDECIDED means that the definition of the role could not be read.
    """

    READ = 0
    UNDECIDED = 1
    WRITE = 2
    GRANT = 3


@dataclass(frozen=True, slots=True)
class RoleGrant:
    """A role that a user holds directly or through `group`. `assignment` is the assignment's id."""

    assignment: str
    role: str
    scope: str
    eligible: bool
    group: str
    level: Level
    error: Unreadable | CollectionUnavailable | None = None

    def observed(self) -> dict[str, object]:
        """Return the grant as JSON for the observed value of a finding."""
        shown: dict[str, object] = {"assignment": self.assignment, "role": self.role, "scope": self.scope}
        if self.eligible:
            shown["eligible"] = True
        if self.group:
            shown["group"] = self.group
        return shown


@dataclass(slots=True)
class RoleHolders:
    """The users who hold roles, and the roles that could not be attributed to a user.

    `users` has the grants by user id in lower case. `problems` are judgements on the roles that could
    not be attributed.

    `elsewhere` are the judgements in `problems` on groups that are not in this directory. The members of such a group
    belong to other directories, so no account of this directory has a role through the group.
    """

    users: dict[str, list[RoleGrant]] = field(default_factory=dict)
    problems: list[Judgement] = field(default_factory=list)
    elsewhere: list[Judgement] = field(default_factory=list)

    @property
    def here(self) -> list[Judgement]:
        """The problems that may hide a role of an account of this directory."""
        return [one for one in self.problems if not any(one is other for other in self.elsewhere)]

    def ordered(self, user: str) -> list[RoleGrant]:
        """Return a user's grants in a stable order. If an assignment gives the user a role through several groups, the
        result has a grant for each group.
        """
        unique = {(fold(g.assignment), g.group): g for g in self.users.get(user, ())}
        return [unique[key] for key in sorted(unique)]


def user_subject(ctx: Context, user: str) -> str:
    """Return the subject of a judgement on a Graph user."""
    return f"{ctx.scope_id}/users/{user}"


def directory_roles(ctx: Context) -> RoleHolders:
    """Return who holds a directory role, active or eligible. The roles in ORDINARY_ROLES are ignored."""
    found = RoleHolders()
    for collection, eligible in ((DIRECTORY_ROLE_ASSIGNMENTS, False), (DIRECTORY_ROLE_ELIGIBILITIES, True)):
        for view in _documents(ctx, collection, found):
            try:
                role = role_key(view.text("roleDefinitionId"))
                principal = fold(view.text("principalId"))
                kind = _directory_kind(ctx, view, principal)
                scope = view.text("directoryScopeId", default="/")
            except Unreadable as error:
                found.problems.append(Judgement(ctx.scope_id, unknown_from(error), (view,)))
                continue
            reach = Level.READ if role in ORDINARY_ROLES else Level.GRANT
            if reach is Level.READ:
                continue
            grant = RoleGrant(view.id, role, scope, eligible, "", reach)
            _attribute(ctx, found, principal, kind, grant)
    return found


def azure_roles(ctx: Context, *, reading: bool = False) -> RoleHolders:
    """Return who holds an Azure role that can change resources (WRITE, GRANT), or an Azure role that is unreadable
    (UNDECIDED).

    If `reading` is true, also return who holds a role that only permits reading (READ).
    """
    found = RoleHolders()
    roles = AzureRoles(ctx)
    for collection, eligible in ((ROLE_ASSIGNMENTS, False), (ROLE_ELIGIBILITIES, True)):
        for view in _documents(ctx, collection, found):
            try:
                role = role_key(view.text("properties.roleDefinitionId"))
                principal = fold(view.text("properties.principalId"))
                kind = view.text("properties.principalType").casefold()
                scope = view.text("properties.scope")
            except Unreadable as error:
                found.problems.append(Judgement(ctx.scope_id, unknown_from(error), (view,)))
                continue
            level, problem = roles.level(role, view)
            if level is Level.READ and not reading:
                continue
            _attribute(
                ctx, found, principal, kind, RoleGrant(view.id, role, scope, eligible, "", level, problem)
            )
    return found


def _documents(ctx: Context, collection: Collection, found: RoleHolders) -> Iterator[View]:
    documents, gaps = ctx.partial(collection)
    eligibilities = collection in (ROLE_ELIGIBILITIES, DIRECTORY_ROLE_ELIGIBILITIES)
    for gap in gaps:
        # If the directory has no licence for Privileged Identity Management, nobody has eligible assignments.
        if not (eligibilities and gap.reason is Reason.LICENCE_MISSING):
            found.problems.append(Judgement(ctx.scope_id, unknown_from(CollectionUnavailable(gap))))
    yield from documents


def _directory_kind(ctx: Context, view: View, principal: str) -> str:
    # Read only the type of the principal. If the name were read too, the hash of the evidence would change with each
    # new name.
    kind = view.text("principal.@odata.type", default="")
    if kind:
        return kind.rpartition(".")[2].casefold()
    if principal in users_by_id(ctx):
        return "user"
    if ctx.estate.answer(GROUP_MEMBERS.name, principal) is not None:
        return "group"
    raise view.unreadable("principal", "absent")


def users_by_id(ctx: Context) -> dict[str, View]:
    """Return {id in lower case: user} of the users that were read."""
    return ctx.memo("users", lambda: {fold(view.id): view for view in ctx.estate.documents(USERS.name)})


def _attribute(ctx: Context, found: RoleHolders, principal: str, kind: str, grant: RoleGrant) -> None:
    if kind in _USERS:
        found.users.setdefault(principal, []).append(grant)
    elif kind == "group":
        _members(ctx, found, principal, grant)
    elif kind == "foreigngroup":
        text = "A group of another directory has a role; its members cannot be read"
        verdict = unknown(text, Reason.UNDECIDED, group=principal, grant=grant.observed())
        found.problems.append(Judgement(ctx.scope_id, verdict))
        found.elsewhere.append(found.problems[-1])
    elif kind not in {*APPLICATION_TYPES, "device"}:
        text = f"A principal of an unknown kind has a role ({kind or 'none'})"
        verdict = unknown(text, Reason.UNDECIDED, principal=principal, grant=grant.observed())
        found.problems.append(Judgement(ctx.scope_id, verdict))


def _members(ctx: Context, found: RoleHolders, group: str, grant: RoleGrant) -> None:
    inherited = RoleGrant(
        grant.assignment, grant.role, grant.scope, grant.eligible, group, grant.level, grant.error
    )
    try:
        members = ctx.documents_at(GROUP_MEMBERS, group)
    except CollectionUnavailable as error:
        found.problems.append(_group_problem(ctx, group, inherited, error.gap))
        if error.gap.reason is Reason.NOT_FOUND:
            found.elsewhere.append(found.problems[-1])
        return
    if not members and (hidden := _hidden_members(ctx, group, inherited)):
        found.problems.append(hidden)
    for member in members:
        try:
            kind = member.text("@odata.type").rpartition(".")[2].casefold()
            identifier = fold(member.text("id"))
        except Unreadable as error:
            found.problems.append(Judgement(ctx.scope_id, unknown_from(error), (member,)))
            continue
        if kind in _USERS:
            found.users.setdefault(identifier, []).append(inherited)
        elif kind not in WITHOUT_MFA:
            problem = member.unreadable("@odata.type", "not a known kind of member")
            found.problems.append(Judgement(ctx.scope_id, unknown_from(problem), (member,)))
    _eligible_members(ctx, found, group, replace(inherited, eligible=True))


def hides_members(group: View) -> bool:
    """Return whether a group hides its membership.

    According to the documentation of Graph, an answer contains `visibility` by default, and the value can be null. A
    group hides its membership only if `visibility` was set to `HiddenMembership` when the group was created. Null means
    that `visibility` was not set, so the group does not hide its membership. Microsoft does not document an answer
    without `visibility`, so Unreadable is raised for it.
    https://learn.microsoft.com/graph/api/resources/group (`visibility`)
    """
    visibility = group.choice("visibility", _VISIBILITIES, default="")
    if "visibility" not in group.body:
        raise group.unreadable("visibility", "absent")
    return visibility == "hiddenmembership"


def _hidden_members(ctx: Context, group: str, grant: RoleGrant) -> Judgement | None:
    """Return a problem if a group that appears to be empty may have members that the service principal cannot see.

    Only Microsoft 365 groups can hide their members. They can hold Azure roles, but not directory roles. They cannot be
    members of other groups, so no group inside `group` hides members.
    https://learn.microsoft.com/graph/api/resources/group (`visibility`)
    https://learn.microsoft.com/entra/fundamentals/how-to-manage-groups (nesting)
    """
    try:
        group_itself = ctx.single(GROUP_VISIBILITY, group)
        if group_itself is None or not hides_members(group_itself):
            return None
    except CollectionUnavailable as error:
        return _group_problem(ctx, group, grant, error.gap, "visibility")
    except Unreadable as error:
        return Judgement(ctx.scope_id, unknown_from(error))
    gap = Gap(GROUP_MEMBERS.name, group, Reason.FORBIDDEN, permission=HIDDEN_MEMBERS)
    text = (
        f"The membership of group {group}, which has a role, is hidden, and Surety sees no members. Grant the"
        f" permission {HIDDEN_MEMBERS}. If the permission is already granted, the group has no members: remove the"
        " role assignment of the group"
    )
    verdict = unknown(text, Reason.FORBIDDEN, gap=gap, group=group, grant=grant.observed())
    return Judgement(ctx.scope_id, verdict, (group_itself,))


def _eligible_members(ctx: Context, found: RoleHolders, group: str, grant: RoleGrant) -> None:
    """Attribute the grant to users who can activate membership or ownership of the group (PIM for Groups). Owners
    count, because the owner of a group can add themselves as a member.
    """
    try:
        eligible = ctx.documents_at(GROUP_ELIGIBILITIES, group)
    except CollectionUnavailable as error:
        # If the directory has no licence for Privileged Identity Management, groups have no eligible members.
        if error.gap.reason is not Reason.LICENCE_MISSING:
            found.problems.append(_group_problem(ctx, group, grant, error.gap, "eligible members"))
        return
    for entry in eligible:
        try:
            principal = fold(entry.text("principalId"))
            entry.text("groupId")
        except Unreadable as error:
            found.problems.append(Judgement(ctx.scope_id, unknown_from(error), (entry,)))
            continue
        if principal in users_by_id(ctx):
            found.users.setdefault(principal, []).append(grant)
        else:
            text = (
                "A principal that is not in the list of users is an eligible member or owner of a group with this role."
                " Check whether this principal is a group, and who can get the role through it"
            )
            verdict = unknown(text, Reason.UNDECIDED, principal=principal, grant=grant.observed())
            found.problems.append(Judgement(ctx.scope_id, verdict, (entry,)))


def _group_problem(ctx: Context, group: str, grant: RoleGrant, gap: Gap, what: str = "members") -> Judgement:
    if gap.reason is Reason.NOT_FOUND:
        # The group may belong to another directory. Then Surety cannot find the group, but the members of the group
        # still have the role.
        text = (
            "The group is not in this directory: it was deleted, or belongs to another directory. Remove the role"
            " assignment if nobody needs it"
        )
        verdict = unknown(text, Reason.UNDECIDED, grant=grant.observed())
        return Judgement(f"{ctx.scope_id}/groups/{group}", verdict)
    verdict = unknown_from(CollectionUnavailable(gap))
    cause = describe_gap(gap)
    text = (
        f"Group {group} has a role, but Surety could not read the {what} of this group:"
        f" {cause[0].lower()}{cause[1:]}"
    )
    observed = {"group": group, "grant": grant.observed()}
    return Judgement(ctx.scope_id, replace(verdict, reason=text, observed=observed))


def find_assignment(ctx: Context, collection: Collection, role: View) -> View | None:
    """Return a document of the collection that assigns the role or makes somebody eligible for it, or None. If there
    is no such document, but a document does not name its role, raise Unreadable.
    """
    index = ctx.memo(("assignments", collection.name), lambda: _assignments_by_role(ctx, collection))
    found = index.get(role_key(role.id))
    if found is None:
        if "" in index:
            raise index[""].unreadable("properties.roleDefinitionId", "absent")
        return None
    bound = found.bound(ctx.trace)
    bound.text("properties.roleDefinitionId")
    return bound


def _assignments_by_role(ctx: Context, collection: Collection) -> dict[str, View]:
    found: dict[str, View] = {}
    for document in ctx.estate.documents(collection.name):
        named = document.raw("properties.roleDefinitionId")
        found.setdefault(role_key(named) if isinstance(named, str) else "", document)
    return found


class AzureRoles:
    """The levels of Azure roles by GUID, read from the role definitions."""

    def __init__(self, ctx: Context) -> None:
        documents, gaps = ctx.partial(ROLE_DEFINITIONS)
        self._definitions = {role_key(view.id): view for view in documents}
        self._gap = gaps[0] if gaps else None
        self._levels: dict[str, tuple[Level, Unreadable | CollectionUnavailable | None]] = {}

    def level(self, role: str, assignment: View) -> tuple[Level, Unreadable | CollectionUnavailable | None]:
        """Return the level of a role. If the level is UNDECIDED, also return the error that left it undecided."""
        if role not in self._levels:
            self._levels[role] = self._judge(role, assignment)
        return self._levels[role]

    def _judge(self, role: str, assignment: View) -> tuple[Level, Unreadable | CollectionUnavailable | None]:
        definition = self._definitions.get(role)
        if definition is None:
            if self._gap is not None:
                return Level.UNDECIDED, CollectionUnavailable(self._gap)
            return Level.UNDECIDED, assignment.unlisted("properties.roleDefinitionId", "role", role)
        try:
            if granted(definition, GRANTING_PROBES)[0]:
                return Level.GRANT, None
            return (Level.WRITE if changing_actions(definition) else Level.READ), None
        except Unreadable as error:
            return Level.UNDECIDED, error

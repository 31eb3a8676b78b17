"""Controls of the people who can give access to subscriptions: users with elevated access, and owners."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Parameter, judge, judgements, per_scope
from assessments.controls.docstrings import Doc
from assessments.controls.references import Partly, References, Setting
from assessments.controls.shared.role_holders import (
    APPLICATION_TYPES,
    AZURE_ROLES,
    RoleGrant,
    RoleHolders,
    azure_roles,
    users_by_id,
)
from assessments.controls.verdict import Judgement, Severity, Verdict, failed, passed, unknown
from assessments.estate.collections.access import ROLE_ASSIGNMENTS
from assessments.estate.collections.directory import GROUP_MEMBERS, USERS
from assessments.estate.estate import UnitKind
from assessments.estate.gaps import Reason
from assessments.estate.identity.roles import role_key
from assessments.estate.ids import fold
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.role_assignments import ASSIGNMENT, PORTAL, PORTAL_SOURCE, remove_assignments
from assessments.fixes.variables import EXAMPLE_GUID, Variable

# https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
_OWNER: Final = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
_USER_ACCESS: Final = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"
_ROLE_ACCESS: Final = "f58310d9-a9f6-439a-9e8d-f62e7b41a168"
_GRANTING: Final = frozenset({_OWNER, _USER_ACCESS, _ROLE_ACCESS})
_ROOT: Final = "/"


def _uaa_root(ctx: Context) -> Verdict:
    documents, gaps = ctx.partial(ROLE_ASSIGNMENTS)
    found: list[dict[str, object]] = []
    first_error: Unreadable | None = None
    for view in documents:
        try:
            if view.text("properties.scope") != _ROOT:
                continue
            role = role_key(view.text("properties.roleDefinitionId"))
        except Unreadable as error:
            first_error = first_error or error
            continue
        if role in _GRANTING:
            found.append({"assignment": view.id, "role": role, "scope": _ROOT})
    if found:
        return failed("Somebody can assign roles in all subscriptions of the directory", assignments=found)
    # Azure lists the assignments at the root (`/`) in each subscription, so one complete list is enough for a verdict.
    if all(answer.gap is not None for answer in ctx.estate.answers(ROLE_ASSIGNMENTS.name)):
        if gaps:
            raise CollectionUnavailable(gaps[0])
        return unknown(
            "No subscription was read, so it is unknown whether anybody has elevated access to all subscriptions",
            Reason.NOT_COLLECTED,
        )
    if first_error is not None:
        raise first_error
    return passed("Nobody has elevated access to all subscriptions", assignments=[])


UAA_ROOT = per_scope(
    needs=(ROLE_ASSIGNMENTS,),
    unit=UnitKind.DIRECTORY,
    slug="identity-uaa-root",
    doc=Doc(
        "Nobody keeps elevated access to all subscriptions",
        "Elevated access to all subscriptions not removed",
        "Nobody has User Access Administrator, Owner or Role Based Access Control Administrator at the root (`/`)",
        "The role assignments whose scope is `/`. Azure lists them in each subscription, so one subscription that was"
        " read is enough. Fails for User Access Administrator, Owner and Role Based Access Control Administrator. The"
        " same roles at management groups and subscriptions are judged by other controls.",
        "A Global Administrator can give themselves this access in one click. The access stays after the task is"
        " done, and permits taking over every subscription.",
    ),
    fix=Fix(
        remove_assignments("Remove the assignment. For this, your own account needs elevated access."),
        advice(
            "Alternatively, let the person who has the access set “Access management for Azure resources” to No."
        ),
        portal="Azure portal › Microsoft Entra ID › Manage › Properties › Access management for Azure resources › No",
        portal_source="https://learn.microsoft.com/azure/role-based-access-control/elevate-access-global-admin",
        effects="The person can no longer see and assign roles in subscriptions where they have no other role.",
        variables=[ASSIGNMENT],
    ),
    severity=Severity.HIGH,
    references=References(c4="6.3.3", c5="5.3.3", c6="5.3.3", mcsb="PA-1*", nist="AC-6(7)*"),
)(_uaa_root)


def _owner_count(ctx: Context) -> Iterator[Judgement]:
    found = azure_roles(ctx)
    if not ctx.estate.subscriptions:
        # If Entra refused the sign-in, no subscription is listed, and the role assignments have a gap at the scope of
        # the directory.
        for gap in ctx.partial(ROLE_ASSIGNMENTS)[1]:
            raise CollectionUnavailable(gap)
    for guid in ctx.estate.subscriptions:
        subscription = f"/subscriptions/{guid}"
        yield judge(ctx, subscription, partial(_owners_of, ctx, found, subscription))


def _owners_of(ctx: Context, found: RoleHolders, subscription: str) -> Verdict:
    scope = fold(subscription)
    documents, gap = ctx.partial_at(ROLE_ASSIGNMENTS, subscription)
    owners = {
        user for user in found.users if any(_counts(ctx, grant, scope) for grant in found.ordered(user))
    }
    # `found` contains only users, so look for applications in all assignments. The properties that are read here become
    # evidence on this subscription.
    error: CollectionUnavailable | Unreadable | None = CollectionUnavailable(gap) if gap is not None else None
    for view in documents:
        try:
            if _is_owner(view, scope):
                owners |= _applications(ctx, view)
        except (CollectionUnavailable, Unreadable) as problem:
            error = error or problem
    missing = sorted(user for user in owners if user in found.users and user not in users_by_id(ctx))
    observed: dict[str, Any] = {"owners": sorted(owners - set(missing))}
    if len(owners) - len(missing) > ctx.params["max"]:
        is_complete = error is None and not missing and not _unattributed(ctx, found, scope)
        return failed(
            "The subscription has too many owners",
            remarks=[] if is_complete else ["Owners that Surety could not look up are not named"],
            **observed,
        )
    if error is not None:
        raise error
    if unattributed := _unattributed(ctx, found, scope):
        return unattributed[0].verdict
    if missing:
        ctx.require_complete(USERS)
        return unknown(
            "An owner is not in this directory: the account was deleted or belongs to another directory",
            Reason.UNDECIDED,
        )
    if len(owners) < ctx.params["min"]:
        return failed("The subscription has too few owners", **observed)
    return passed("The number of owners is right", **observed)


def _unattributed(ctx: Context, found: RoleHolders, scope: str) -> list[Judgement]:
    """Return the problems in `found` that may hide an owner of the subscription. An example is a role assignment to a
    group whose members could not be read.
    """
    return [one for one in found.problems if _concerns(ctx, one, scope)]


def _counts(ctx: Context, grant: RoleGrant, scope: str) -> bool:
    if grant.role != _OWNER:
        return False
    if fold(grant.scope) == scope:
        return not grant.eligible or bool(ctx.params["count_inherited"])
    is_above = not fold(grant.scope).startswith("/subscriptions/")
    return is_above and bool(ctx.params["count_inherited"])


def _is_owner(view: View, scope: str) -> bool:
    return (
        fold(view.text("properties.scope")) == scope
        and role_key(view.text("properties.roleDefinitionId")) == _OWNER
    )


def _applications(ctx: Context, assignment: View) -> set[str]:
    """Return the ids of the applications that an assignment makes owners of the subscription, directly or through a
    group.
    """
    kind, principal = (
        assignment.text("properties.principalType").casefold(),
        fold(assignment.text("properties.principalId")),
    )
    if kind == "serviceprincipal":
        return {principal}
    if kind != "group":
        return set()
    return {
        fold(member.text("id"))
        for member in ctx.documents_at(GROUP_MEMBERS, principal)
        if member.text("@odata.type").rpartition(".")[2].casefold() in APPLICATION_TYPES
    }


def _concerns(ctx: Context, problem: Judgement, scope: str) -> bool:
    """Return whether `problem`, from `RoleHolders.problems`, may hide an owner of the subscription."""
    grant = problem.verdict.observed.get("grant")
    if isinstance(grant, dict):
        where = fold(str(grant.get("scope")))
        is_above = not where.startswith("/subscriptions/") and bool(ctx.params["count_inherited"])
        return grant.get("role") == _OWNER and (where == scope or is_above)
    gap = problem.verdict.gap
    return gap is None or gap.collection != ROLE_ASSIGNMENTS.name


OWNER_COUNT = judgements(
    needs=AZURE_ROLES,
    slug="identity-owner-count",
    subject_type="Azure subscription",
    empty_reason="No subscription",
    doc=Doc(
        "Each subscription has two or three owners",
        "Subscription with too many or too few owners",
        "The subscription has {min:count} to {max:count} owners: people and applications with the role Owner",
        "The users and applications that have the role Owner on the subscription itself, directly or through a group."
        " Owners through a management group, and eligible ones (PIM), count only with `count_inherited`. If the"
        " members of an owning group cannot be read, or an owner is not in the directory, the verdict is unknown. But"
        " if the known owners alone are more than `max`, the control fails, and a remark says that the finding does not"
        " name all owners.",
        "Each owner can delete everything and give others access. With only one, nobody can manage the subscription if"
        " this account is lost.",
    ),
    fix=Fix(
        command(
            "az role assignment create --assignee-object-id {principal} --assignee-principal-type User --role Owner"
            " --scope {id}",
            "If there are too few owners, add one.",
        ),
        command(
            "az role assignment list --role Owner --scope {id} --query '[].id' --output tsv",
            "If there are too many owners, list the assignments.",
        ),
        command("az role assignment delete --ids {assignment}", "Then remove those that nobody needs."),
        portal=PORTAL,
        portal_source=PORTAL_SOURCE,
        effects="A former owner can no longer change the subscription, unless another role permits it.",
        variables=[ASSIGNMENT, Variable("principal", "Object id of the new owner", EXAMPLE_GUID)],
    ),
    severity=Severity.MEDIUM,
    references=References(
        c5="5.27",
        c6="5.7",
        mcsb="PA-1",
        nist="AC-2 AC-6 AC-6(7) AC-5",
        partly=(
            Partly(
                "c5 c6",
                "The requirement asks for two or three owners; the control’s parameters can permit another number",
                unless=(Setting("min", minimum=2), Setting("max", maximum=3)),
            ),
        ),
    ),
    parameters=(
        Parameter("min", 2, "Minimum number of owners", label="Minimum number", minimum=1),
        Parameter("max", 3, "Maximum number of owners", label="Maximum number", minimum=1),
        Parameter(
            "count_inherited",
            False,
            "Count owners through a management group, and eligible owners, too",
            label="Count inherited and eligible owners",
        ),
    ),
)(_owner_count)

CONTROLS = (UAA_ROOT, OWNER_COUNT)

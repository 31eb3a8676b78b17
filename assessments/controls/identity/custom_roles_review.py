"""identity-custom-roles-review."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from assessments.controls.context import Context
from assessments.controls.declare import Answer, References, per_subject
from assessments.controls.role_holders import find_assignment
from assessments.controls.verdict import Severity, Verdict, failed, manual
from assessments.estate.collections.access import (
    PROVIDER_OPERATIONS,
    ROLE_ASSIGNMENTS,
    ROLE_DEFINITIONS,
    ROLE_ELIGIBILITIES,
)
from assessments.estate.gaps import Reason
from assessments.estate.provider_operations import (
    Operations,
    Role,
    is_boundless,
    is_within,
    namespaces,
    operations_of,
)
from assessments.estate.roles import has_condition, is_custom, permissions_of
from assessments.estate.view import Unreadable, View

_UNUSED = timedelta(days=90)
_STALE = timedelta(days=365)
_MOST_NAMED = 3


@per_subject(
    ROLE_DEFINITIONS,
    problem="Custom role not reviewed, or equal to a built-in role",
    severity=Severity.LOW,
    expected="no custom role that equals a built-in one; every custom role attested within a year",
    needs=(ROLE_ASSIGNMENTS,),
    optional=(ROLE_ELIGIBILITIES, PROVIDER_OPERATIONS),
    references=References(mcsb="PA-7", nist="AC-6(7)"),
    where=lambda role, ctx: is_custom(role),
    empty_reason="no custom role",
    is_manual=True,
    answer=Answer(days=365),
)
def custom_roles_review(role: View, ctx: Context) -> Verdict:
    """Custom roles reviewed and replaceable ones replaced by built-ins.

    Judged: a custom role fails where a built-in role allows exactly the same, its wildcards written out
    with the operations that Azure lists for the providers that the role names. Every other one wants an
    attestation, once a year; its remarks help: a built-in role that allows all of it, nobody who has
    it in this subscription (and it was not changed for 90 days), no change for over a year. Where the
    operations cannot be read, roles are compared by their patterns alone, which is a remark.
    Why: Microsoft keeps built-in roles up to date; custom ones gather rights that nobody remembers.
    Fix: assign the built-in role instead, then az role definition delete --name ROLE
    """
    own = permissions_of(role)
    built_in = _built_in(ctx)
    known, remarks = _operations(own, ctx)
    wider = [(name, other) for name, other in built_in if own == other or is_within(own, other, known)]
    twins = sorted(name for name, other in wider if own == other or is_within(other, own, known))
    if twins:
        _cite(ctx, known)
        return failed(f"the built-in role {twins[0]} allows exactly the same", remarks=remarks, builtIn=twins)
    if wider:
        narrowest = sorted((is_boundless(other), name) for name, other in wider)
        names = ", ".join(name for _, name in narrowest[:_MOST_NAMED])
        remarks.append(f"a built-in role allows all of it: {names}")
    held, unread = _held(role, ctx)
    age = ctx.now - role.time("properties.updatedOn") if role.has("properties.updatedOn") else None
    if unread:
        remarks.append("whether anybody has the role could not be read")
    elif not held:
        lately = "" if age is None or age <= _UNUSED else "; it was last changed over 90 days ago"
        remarks.append(f"nobody has the role in this subscription{lately}")
    if age is not None and age > _STALE:
        remarks.append("unchanged for over a year")
    ctx.require_complete(ROLE_DEFINITIONS)  # a twin may be among those that could not be read
    return manual(
        "a person must attest that the role is still needed",
        remarks=remarks,
        assigned=held,
        within=sorted(name for name, _ in wider),
    )


def _held(role: View, ctx: Context) -> tuple[bool, bool]:
    """(whether somebody has the role, whether that could not be read); raises Unreadable."""
    if any(find_assignment(ctx, collection, role) for collection in (ROLE_ASSIGNMENTS, ROLE_ELIGIBILITIES)):
        return True, False
    eligible = ctx.first_gap(ROLE_ELIGIBILITIES)
    # Nothing can be eligible without the licence of Privileged Identity Management.
    unread = eligible is not None and eligible.reason is not Reason.LICENCE_MISSING
    return False, unread or ctx.first_gap(ROLE_ASSIGNMENTS) is not None


def _operations(role: Role, ctx: Context) -> tuple[Mapping[str, Operations], list[str]]:
    """Operations of the providers that a role names, as far as Azure told them, and a remark on the rest."""
    known = {name: found for name in namespaces(role) if (found := _operations_of(name, ctx)) is not None}
    missing = sorted(set(namespaces(role)) - known.keys())
    if not missing:
        return known, []
    more = f" and {len(missing) - _MOST_NAMED} more" if len(missing) > _MOST_NAMED else ""
    names = ", ".join(missing[:_MOST_NAMED]) + more
    return known, [f"compared by pattern only: the operations of {names} could not be read"]


def _operations_of(namespace: str, ctx: Context) -> Operations | None:
    return ctx.memo(("operations", namespace), lambda: _listed(ctx, namespace))


def _listed(ctx: Context, namespace: str) -> Operations | None:
    documents, gap = ctx.partial_at(PROVIDER_OPERATIONS, namespace)
    if gap is not None or not documents:
        return None
    try:
        found = operations_of(documents[0])
    except Unreadable:
        # Patterns are compared instead, and a remark says so.
        return None
    return found if found.control or found.data else None


def _cite(ctx: Context, known: Mapping[str, Operations]) -> None:
    """Make the operations evidence of this verdict."""
    for namespace in known:
        for document in ctx.partial_at(PROVIDER_OPERATIONS, namespace)[0]:
            document.raw("operations")
            document.raw("resourceTypes")


def _built_in(ctx: Context) -> list[tuple[str, Role]]:
    """Built-in roles' names and permissions; those of another form cannot be anybody's twin."""
    return ctx.memo("built-in roles", lambda: _read_built_in(ctx))


def _read_built_in(ctx: Context) -> list[tuple[str, Role]]:
    found = []
    for view in ctx.estate.documents(ROLE_DEFINITIONS.name):
        try:
            if not is_custom(view) and not has_condition(view):
                found.append((view.text("properties.roleName"), permissions_of(view)))
        except Unreadable:
            # An unreadable built-in role cannot be named as a duplicate.
            continue
    return found

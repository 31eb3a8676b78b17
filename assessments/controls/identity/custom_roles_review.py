"""identity-custom-roles-review."""

from __future__ import annotations

from datetime import timedelta

from assessments.controls.context import Context
from assessments.controls.declare import References, per_subject
from assessments.controls.holders import holder_of
from assessments.controls.verdict import Severity, Verdict, failed, manual
from assessments.estate.collections import ROLE_ASSIGNMENTS, ROLE_DEFINITIONS
from assessments.estate.roles import Permissions, is_custom, is_within_role, permissions_of
from assessments.estate.view import Unreadable, View

_STALE = timedelta(days=365)


@per_subject(
    ROLE_DEFINITIONS,
    severity=Severity.LOW,
    expected="no custom role that equals a built-in one; every custom role attested within a year",
    needs=(ROLE_ASSIGNMENTS,),
    references=References(mcsb="PA-7", nist="AC-6(7)"),
    where=lambda role, ctx: is_custom(role),
    nothing="no custom role",
    is_manual=True,
)
def custom_roles_review(role: View, ctx: Context) -> Verdict:
    """Custom roles reviewed and replaceable ones replaced by built-ins.

    Judged: a custom role fails where a built-in role allows exactly the same. Every other one wants an
    attestation, once a year; its remarks help: a built-in role that allows all of it, nobody who has
    it in this subscription, no change for over a year.
    Why: Microsoft keeps built-in roles up to date; custom ones gather rights that nobody remembers.
    Fix: assign the built-in role instead, then az role definition delete --name ROLE
    """
    own = permissions_of(role)
    built_in = _built_in(ctx)
    twins = sorted(name for name, permissions in built_in if permissions == own)
    if twins:
        return failed(f"the built-in role {twins[0]} allows exactly the same", builtIn=twins)
    remarks = []
    wider = sorted(name for name, permissions in built_in if is_within_role(own, permissions))
    if wider:
        remarks.append(f"a built-in role allows all of it: {', '.join(wider[:3])}")
    held = holder_of(ctx, ROLE_ASSIGNMENTS, role) is not None
    if not held and ctx.first_gap(ROLE_ASSIGNMENTS):
        remarks.append("whether anybody has the role could not be read")
    elif not held:
        remarks.append("nobody has the role in this subscription")
    unchanged = role.has("properties.updatedOn") and ctx.now - role.time("properties.updatedOn") > _STALE
    if unchanged:
        remarks.append("unchanged for over a year")
    ctx.complete(ROLE_DEFINITIONS)  # a twin may be among those that could not be read
    return manual(
        "a person must attest that the role is still needed", remarks=remarks, assigned=held, within=wider
    )


def _built_in(ctx: Context) -> list[tuple[str, frozenset[Permissions]]]:
    """Built-in roles' names and permissions; those of another form cannot be anybody's twin."""
    cache: list[tuple[str, frozenset[Permissions]]] | None = ctx.__dict__.get("_built_in_roles")
    if cache is None:
        cache = []
        for view in ctx.estate.documents(ROLE_DEFINITIONS.name):
            try:
                if not is_custom(view):
                    cache.append((view.text("properties.roleName"), permissions_of(view)))
            except Unreadable:
                # An unreadable built-in is no twin that could be named.
                continue
        ctx.__dict__["_built_in_roles"] = cache
    return cache

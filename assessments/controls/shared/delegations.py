"""Read a subscription's delegations (Azure Lighthouse): the rights that they give to principals of another
directory.

A delegation is a resource of the type `Microsoft.ManagedServices/registrationAssignments`. Azure lists it together with
its definition. The principals of a delegation are in the managing directory. So Surety can read neither the kind of
these principals nor how they sign in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import unknown_from
from assessments.controls.shared.role_holders import AzureRoles, Level
from assessments.controls.verdict import Judgement, Verdict
from assessments.estate.collections.access import REGISTRATION_ASSIGNMENTS
from assessments.estate.identity.roles import role_key
from assessments.estate.ids import fold
from assessments.estate.view import Unreadable, View


@dataclass(frozen=True, slots=True)
class DelegatedRight:
    """A role that a delegation gives to a principal of the managing directory. If the delegation limits the roles that
    the principal may assign, `assignable` contains these roles.
    """

    principal: str
    role: str
    level: Level
    eligible: bool
    assignable: tuple[str, ...]
    error: Unreadable | CollectionUnavailable | None = None

    def observed(self) -> dict[str, object]:
        """Return the right as JSON for the observed value of a finding."""
        shown: dict[str, object] = {"principal": self.principal, "role": self.role}
        if self.eligible:
            shown["eligible"] = True
        if self.assignable:
            shown["assignableRoles"] = list(self.assignable)
        return shown


@dataclass(frozen=True, slots=True)
class Delegation:
    """A delegation with all of its rights, and the managing directory."""

    directory: str
    rights: tuple[DelegatedRight, ...]

    @property
    def level(self) -> Level:
        """The highest level of the delegation's rights. UNDECIDED is lower than WRITE, so it is returned only if no
        right has the level WRITE or GRANT.
        """
        return max((right.level for right in self.rights), default=Level.READ)

    @property
    def error(self) -> Unreadable | CollectionUnavailable | None:
        """The first error that left the level of a right UNDECIDED, or None."""
        return next((right.error for right in self.rights if right.error is not None), None)

    def observed(self) -> dict[str, object]:
        """Return the delegation as JSON for the observed value of a finding."""
        return {
            "managedByTenantId": self.directory,
            "authorizations": [right.observed() for right in self.rights],
        }


def judge_delegations(ctx: Context, judge: Callable[[Delegation], Verdict]) -> Iterator[Judgement]:
    """Yield a judgement on each delegation, and an unknown judgement for each gap in the list of delegations."""
    documents, gaps = ctx.partial(REGISTRATION_ASSIGNMENTS)
    for gap in gaps:
        yield Judgement(ctx.scope_id, unknown_from(CollectionUnavailable(gap)))
    roles = AzureRoles(ctx) if documents else None
    for document in documents:
        view = document.bound(ctx.fresh_trace())
        observed: dict[str, object] = {}
        try:
            delegation = _delegation(view, roles)
            observed = delegation.observed()
            if delegation.level < Level.WRITE and (error := delegation.error) is not None:
                verdict = unknown_from(error)
            else:
                verdict = judge(delegation)
        except (CollectionUnavailable, Unreadable) as error:
            verdict = unknown_from(error)
        yield Judgement(view.id or ctx.scope_id, replace(verdict, observed=observed), (view,))


def _delegation(view: View, roles: AzureRoles | None) -> Delegation:
    definition = view.object("properties.registrationDefinition").object("properties")
    rights = [
        *_rights(view, definition.items("authorizations"), roles, eligible=False),
        *_rights(view, definition.items("eligibleAuthorizations", default=[]), roles, eligible=True),
    ]
    ordered = sorted(rights, key=lambda right: (right.principal, right.role, right.eligible))
    return Delegation(fold(definition.text("managedByTenantId")), tuple(ordered))


def _rights(
    view: View, authorizations: list[View], roles: AzureRoles | None, *, eligible: bool
) -> Iterator[DelegatedRight]:
    for authorization in authorizations:
        role = role_key(authorization.text("roleDefinitionId"))
        level, error = roles.level(role, view) if roles else (Level.UNDECIDED, None)
        # Eligible authorizations have no `delegatedRoleDefinitionIds`. Only permanent ones can have this property.
        delegated = [] if eligible else authorization.texts("delegatedRoleDefinitionIds", default=[])
        assignable = sorted(map(role_key, delegated))
        yield DelegatedRight(
            fold(authorization.text("principalId")), role, level, eligible, tuple(assignable), error
        )

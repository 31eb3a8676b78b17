"""Find resources that the customer cannot change: resources in a managed resource group, if a deny assignment forbids
changes there. Pure functions.

Source: https://learn.microsoft.com/azure/role-based-access-control/deny-assignments
"""

from __future__ import annotations

from assessments.estate.estate import Estate
from assessments.estate.gap_texts import describe_gap
from assessments.estate.identity.roles import covered
from assessments.estate.ids import fold, is_within, name_of, type_of
from assessments.estate.view import Unreadable, View

EVERYONE = "00000000-0000-0000-0000-000000000000"
"""The principal of deny assignments that apply to all principals."""


class ManagedGroups:
    """The managed resource groups of a unit, and the deny assignments that apply to them."""

    def __init__(self, estate: Estate) -> None:
        self._groups = [view for view in estate.documents("managed_resource_groups") if view.id]
        self._denials = estate.documents("deny_assignments") if self._groups else []
        gaps = estate.gaps_of("deny_assignments")
        self._unread = describe_gap(gaps[0]) if gaps else ""

    def remark(self, subject: str) -> str:
        """Return a remark if a deny assignment forbids changes of the resource with the id `subject`, or if Surety does
        not know whether a deny assignment forbids them. Otherwise, return an empty string.
        """
        group = next((view for view in self._groups if is_within(subject, view.id)), None)
        if group is None:
            return ""
        manager = str(group.raw("managedBy"))
        start = (
            f"The resource group {name_of(group.id)} is managed by {name_of(manager)} ({type_of(manager)})"
        )
        unread = self._unread
        for denial in self._denials:
            try:
                if _refuses(denial, subject):
                    return f"{start}; a deny assignment refuses changes"
            except Unreadable as error:
                unread = unread or error.reason
        return (
            f"{start}; it is not known whether a deny assignment refuses changes: {unread}" if unread else ""
        )


def _refuses(denial: View, subject: str) -> bool:
    """Return whether a deny assignment forbids all principals to change the resource, except the principals that the
    assignment excludes.
    """
    properties = denial.object("properties")
    scope = properties.text("scope")
    is_here = fold(scope) == fold(subject)
    if not is_here and (
        not is_within(subject, scope) or properties.flag("doNotApplyToChildScopes", default=False)
    ):
        return False
    if EVERYONE not in {fold(principal.text("id")) for principal in properties.items("principals")}:
        return False
    operation = f"{type_of(subject)}/write"
    return any(
        covered(operation, permission.texts("actions", default=[]))
        and not covered(operation, permission.texts("notActions", default=[]))
        for permission in properties.items("permissions")
    )

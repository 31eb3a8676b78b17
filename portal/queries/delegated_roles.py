"""The roles that customers have delegated with Azure Lighthouse, in the subscriptions that are read through Lighthouse.

The roles in a subscription are read from the findings of its last assessment (control
identity-guests-azure-permissions). The findings have the ids of the principals in the managing directory, but not their
names. So the roles are listed for each managing directory and not for each principal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from assessments.display.names import Names
from assessments.estate.collections.access import REGISTRATION_ASSIGNMENTS
from assessments.estate.gaps import Reason
from assessments.models import Finding, Unit
from assessments.presentation.finding_names import names_for_findings
from assessments.selectors import last_units
from tenants.models import Subscription, Tenant

# The maximum number of subscriptions that a report prints for a role. The report's attachment results.json lists
# all of them.
MAX_SCOPES: Final = 6
CONTROL: Final = "identity-guests-azure-permissions"


@dataclass(frozen=True, slots=True)
class DelegatedRolesFact:
    """A role that Azure Lighthouse delegates to principals of another directory.

    `role` is the name of the role. If the name cannot be read, `role` is the GUID of the role's definition. If
    `eligible` is set, the principals must activate the role before use. `principals` is the number of these principals.
    `units` are the names of the subscriptions.
    """

    managing_directory: str
    role: str
    eligible: bool
    principals: int
    units: tuple[str, ...]

    @property
    def more_units(self) -> int:
        """The number of subscriptions that the pages of a report leave out."""
        return max(0, len(self.units) - MAX_SCOPES)


@dataclass(frozen=True, slots=True)
class UnreadDelegationsFact:
    """Delegated subscriptions whose delegations could not be read, and the reason.

    `permission` is the missing permission.
    """

    reason: str
    permission: str
    units: tuple[str, ...]


class _Judged(Protocol):
    """The attributes of a finding that this module reads. Stored findings and the facts of reports have these
    attributes.
    """

    @property
    def control(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def observed(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class DelegatedAccess:
    """The known delegations of a customer's subscriptions. `not_read_yet` are names of subscriptions that no assessment
    has read through Azure Lighthouse.
    """

    roles: tuple[DelegatedRolesFact, ...]
    unread: tuple[UnreadDelegationsFact, ...]
    not_read_yet: tuple[str, ...]


def delegated_access(tenant: Tenant, subscriptions: Iterable[Subscription]) -> DelegatedAccess | None:
    """Return the facts that the last assessments found about the delegated subscriptions among `subscriptions`. Return
    None if no subscription is delegated.
    """
    names = {f"/subscriptions/{row.subscription_id}": str(row) for row in subscriptions if row.is_delegated}
    if not names:
        return None
    last = last_units(tenant.pk, names)
    units = [unit for unit in last.values() if unit.is_delegated]
    scopes = [unit.scope_id for unit in units]
    found = list(Finding.objects.filter(tenant=tenant, control=CONTROL, unit__in=scopes, gone_at=None))
    return DelegatedAccess(
        delegated_roles(units, found, names_for_findings(tenant, found)),
        unread_delegations(units),
        tuple(sorted(name for scope, name in names.items() if scope not in scopes)),
    )


def delegated_roles(
    units: Iterable[Unit], findings: Iterable[_Judged], names: Names
) -> tuple[DelegatedRolesFact, ...]:
    """Return the delegated roles that the findings of the control CONTROL state for these units (subscriptions).
    Findings of other controls are ignored.
    """
    places = {unit.scope_id: unit.name for unit in units}
    found: dict[tuple[str, str, bool], dict[str, set[str]]] = {}
    for finding in findings:
        if finding.control == CONTROL and finding.unit in places:
            directory = finding.observed.get("managedByTenantId")
            for right in finding.observed.get("authorizations", ()) if directory else ():
                key = (str(directory), _role(right, names), bool(right.get("eligible")))
                found.setdefault(key, {}).setdefault(finding.unit, set()).add(str(right["principal"]))
    return tuple(
        DelegatedRolesFact(
            directory,
            role,
            eligible,
            len(set().union(*by_unit.values())),
            tuple(sorted(places[unit] for unit in by_unit)),
        )
        for (directory, role, eligible), by_unit in sorted(found.items())
    )


def unread_delegations(units: Iterable[Unit]) -> tuple[UnreadDelegationsFact, ...]:
    """Return the units (subscriptions) whose delegations could not be read, grouped by the reason and the missing
    permission.
    """
    found: dict[tuple[str, str], set[str]] = {}
    for unit in units:
        for row in unit.gaps:
            if row["collection"] == REGISTRATION_ASSIGNMENTS.name:
                found.setdefault((Reason(row["reason"]).label, row["permission"]), set()).add(unit.name)
    return tuple(
        UnreadDelegationsFact(reason[0].upper() + reason[1:], permission, tuple(sorted(names)))
        for (reason, permission), names in sorted(found.items())
    )


def _role(right: Mapping[str, Any], names: Names) -> str:
    role = str(right["role"])
    name = names.get(role)
    return name.label if name is not None and name.is_known else role

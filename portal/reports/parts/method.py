"""The part “Method”, which says how and when the configuration was read, and with which service principals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext, gettext_noop

from assessments.estate.identity.principal_roles import from_plain
from assessments.models import Unit
from portal.queries.delegated_roles import (
    MAX_SCOPES,
    DelegatedRolesFact,
    UnreadDelegationsFact,
    delegated_roles,
    unread_delegations,
)
from portal.reports.facts.source import ReportSource
from portal.reports.facts.units import MAX_AGE
from portal.reports.parts import scope
from portal.reports.parts.part import Part, ReportFacts, in_schema
from tenants.models import ServicePrincipal, Tenant

_GRAPH: Final = "Microsoft Graph"
NAME_LEFT_OUT: Final = "(name left out)"
"""The text that replaces the name of a service principal in reports without names."""


@dataclass(frozen=True, slots=True)
class AzureRoleFact:
    """A role in Azure that a service principal has, with the ids of its scopes.

    `role` is the name of the role, or the GUID of its definition if the name is unknown or left out. If `through_group`
    is set, the role is assigned to a group of which the service principal is a member.
    """

    role: str
    scopes: tuple[str, ...]
    through_group: bool

    @property
    def more_scopes(self) -> int:
        """The number of scopes that the PDF's pages leave out."""
        return max(0, len(self.scopes) - MAX_SCOPES)


@dataclass(frozen=True, slots=True)
class UnreadRolesFact:
    """Roles of a service principal that could not be read, and the reason.

    `scopes` are the subscriptions whose roles could not be read. `scopes` is empty if no roles at all could be read.
    """

    reason: str
    permission: str
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Principal:
    """A service principal of the customer’s directories, without its secret.

    - `kind`: the kind of its credential
    - `state`: the result of its last sign-in, as text
    - `disabled_at`: since when it has been disabled, so that Surety does not use it; None if it is enabled
    - `roles_read_at`: when its roles were read, None if never
    - `application_permissions`: names such as “Policy.Read.All” for Microsoft Graph, “API: permission” for other APIs
    """

    client_id: str
    name: str
    directory: str
    directory_id: str
    cloud: str
    kind: str
    state: str
    roles_read_at: datetime | None = field(
        default=None, metadata=in_schema("The time when the roles were read; null if they were never read")
    )
    azure_roles: tuple[AzureRoleFact, ...] = field(
        default=(),
        metadata=in_schema(
            "The roles of the service principal in Azure, including roles that it has through groups"
        ),
    )
    azure_roles_unread: tuple[UnreadRolesFact, ...] = field(
        default=(), metadata=in_schema("The subscriptions for which the roles are unknown, and the reason")
    )
    application_permissions: tuple[str, ...] = field(
        default=(),
        metadata=in_schema(
            "The granted application permissions. Permissions without the name of an API are permissions"
            " of Microsoft Graph"
        ),
    )
    application_permissions_unread: UnreadRolesFact | None = field(
        default=None, metadata=in_schema("The reason why the permissions are unknown; null if they are known")
    )
    disabled_at: datetime | None = field(
        default=None,
        metadata=in_schema(
            "The time when the service principal was disabled. A disabled service principal is not used."
            " Null if it is enabled"
        ),
    )

    @property
    def shown_name(self) -> str:
        """The name of the service principal. If the name was left out or is empty, a text in the report's language says
        so.
        """
        if self.name == NAME_LEFT_OUT:
            return gettext("(name left out)")
        return self.name or gettext("(no name)")


@dataclass(frozen=True, slots=True)
class MethodFacts:
    """The facts of the part.

    - `requests`: number of API requests in all subscriptions and directories; `throttled`: number of requests that
      Azure throttled
    - `started_at`, `ended_at`: start and end of the report's assessment; some subscriptions and directories may have
      been read by earlier assessments
    - `delegated`: number of subscriptions that the organization's own service principal read (Azure Lighthouse)
    - `delegated_roles`: the roles that principals of another directory have in these subscriptions through Azure
      Lighthouse; `delegations_unread`: delegations that could not be read
    """

    principals: tuple[Principal, ...]
    delegated: int = field(metadata=in_schema("Subscriptions read through Azure Lighthouse"))
    requests: int
    throttled: int
    started_at: datetime | None
    ended_at: datetime | None
    delegated_roles: tuple[DelegatedRolesFact, ...] = field(
        default=(),
        metadata=in_schema(
            "The roles that principals of another directory have in the delegated subscriptions"
        ),
    )
    delegations_unread: tuple[UnreadDelegationsFact, ...] = ()


def _gather(source: ReportSource) -> MethodFacts:
    assessment = source.assessment
    delegated = [unit for unit in source.units if unit.is_delegated and unit.kind == Unit.Kind.SUBSCRIPTION]
    return MethodFacts(
        principals=tuple(_principals(source.tenant, without_names=source.report.without_names)),
        delegated=len(delegated),
        requests=sum(unit.requests for unit in source.units),
        throttled=sum(unit.throttled for unit in source.units),
        started_at=assessment.started_at,
        ended_at=assessment.ended_at,
        delegated_roles=delegated_roles(delegated, source.findings, source.names) if delegated else (),
        delegations_unread=unread_delegations(delegated),
    )


def _principals(tenant: Tenant, *, without_names: bool) -> list[Principal]:
    rows = ServicePrincipal.objects.filter(tenant=tenant).select_related("directory")
    return [
        Principal(
            client_id=row.client_id,
            name=NAME_LEFT_OUT if without_names else row.name,
            directory=row.directory.name,
            directory_id=row.directory.directory_id,
            cloud=row.directory.cloud_name,
            kind=row.get_kind_display(),
            state=_last_sign_in(row),
            disabled_at=row.disabled_at,
            **_roles(row, without_names=without_names),
        )
        for row in rows.order_by("directory__name", "created_at")
    ]


def _roles(row: ServicePrincipal, *, without_names: bool) -> dict[str, Any]:
    if row.roles is None:
        return {}
    found = from_plain(row.roles)
    scopes: dict[tuple[str, bool], list[str]] = {}
    for one in found.azure:
        # The customer chose the name of a custom role, so reports without names leave it out.
        is_hidden = not one.role or (without_names and one.is_custom)
        scopes.setdefault((one.role_id if is_hidden else one.role, one.through_group), []).append(one.scope)
    unread: dict[tuple[str, str], list[str]] = {}
    for gap in found.azure_unread:
        unread.setdefault((gap.label, gap.permission), []).extend(filter(None, [gap.scope]))
    hidden = found.applications_unread
    return {
        "roles_read_at": row.roles_read_at,
        "azure_roles": tuple(
            AzureRoleFact(role, tuple(sorted(at)), through_group)
            for (role, through_group), at in sorted(scopes.items())
        ),
        "azure_roles_unread": tuple(
            UnreadRolesFact(reason, permission, tuple(sorted(at)))
            for (reason, permission), at in sorted(unread.items())
        ),
        "application_permissions": tuple(
            one.permission if one.resource == _GRAPH else f"{one.resource}: {one.permission}"
            for one in found.applications
        ),
        "application_permissions_unread": None
        if hidden is None
        else UnreadRolesFact(hidden.label, hidden.permission, ()),
    }


def _last_sign_in(row: ServicePrincipal) -> str:
    if row.last_checked_at is None:
        return "sign-in never checked"
    checked = f"{row.last_checked_at:%Y-%m-%d %H:%M} UTC"
    if row.last_error_code:
        return f"could not sign in on {checked} ({row.last_error_code})"
    return f"signed in on {checked}"


def _context(facts: ReportFacts) -> Mapping[str, Any]:
    units = facts.of(scope.PART).units
    return {
        "max_scopes": f":{MAX_SCOPES}",
        "stale_units": sum(unit.stale for unit in units),
        "max_age_days": MAX_AGE.days,
    }


PART = Part(
    "method",
    gettext_noop("Method"),
    gather=_gather,
    context=_context,
    kinds=("full", "period", "framework", "changes"),
    position=130,
)

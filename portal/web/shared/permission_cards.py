"""Show missing permissions as cards, each with the command that grants the permission."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q
from django.urls import reverse

from assessments import selectors
from assessments.controls.registry import known_controls
from assessments.estate.gaps import Reason
from assessments.models import Assessment, Finding, Unit
from assessments.permissions.grants import (
    SUBSCRIPTION_PLACEHOLDER,
    Grant,
    cloud_commands,
    commands_of,
    grants_from_ledger,
    is_graph,
)
from portal.web.shared.subject_names import place
from tenants.models import ServicePrincipal


@dataclass(frozen=True, slots=True)
class Card:
    """Missing permissions (`rights`) that one command grants.

    `controls` are the controls that need these permissions. `alone` is the number of these controls that need no
    permission of another card.
    """

    title: str
    principal: str
    rights: tuple[str, ...]
    controls: tuple[tuple[str, str], ...]
    alone: int
    command: str

    @property
    def waiting(self) -> int:
        """The number of controls that need the permissions."""
        return len(self.controls)


@dataclass(frozen=True, slots=True)
class PermissionCards:
    """The cards of a page, sorted by `waiting`, largest first. `waiting` is the number of controls that need the
    permissions of a card.

    `everything` joins the commands of all cards, and contains each line only once.
    """

    cards: tuple[Card, ...] = ()
    everything: str = ""


def of_assessment(assessment: Assessment, names: Mapping[str, str]) -> PermissionCards:
    """Return the permissions to grant so that the next assessment can read the data that this assessment could not
    read.

    From the database, load only the units (subscriptions and directories) for which a permission is missing.
    """
    units = (
        selectors.current_units(assessment)
        .filter(Q(gaps__contains=[{"reason": str(Reason.FORBIDDEN)}]) | Q(coverage__has_key="permissions"))
        .select_related("service_principal__directory")
        .only("kind", "azure_id", "name", "coverage", "gaps", "service_principal__client_id",
              "service_principal__name", "service_principal__directory__directory_id",
              "service_principal__directory__cloud_name", "service_principal__directory__cloud_settings")
    )  # fmt: skip
    return of_units(units, names)


def of_units(units: Iterable[Unit], names: Mapping[str, str]) -> PermissionCards:
    """Return the permissions to grant so that these units (subscriptions and directories) can be read completely.

    `names` maps scope ids to names.
    """
    by_principal: dict[Any, list[Unit]] = defaultdict(list)
    for unit in units:
        lacks = any(_refused(gap) for gap in unit.gaps) or unit.coverage.get("permissions")
        # Skip units whose service principal was removed from Surety, because nothing can be granted to it.
        if unit.service_principal_id and lacks:
            by_principal[unit.service_principal].append(unit)
    cards: list[Card] = []
    scripts: list[str] = []
    for principal, rows in by_principal.items():
        scopes = {guid for unit in rows for guid in _scopes(unit)} or {SUBSCRIPTION_PLACEHOLDER}
        cloud = principal.directory.cloud_name
        grants = grants_from_ledger(selectors.ledger(rows), principal.client_id, scopes, cloud)
        title = str(principal) if len(by_principal) > 1 else ""
        part = of_grants(grants, principal, names, title)
        cards += part.cards
        scripts += filter(None, [part.everything])
    return PermissionCards(_sorted(cards), "\n".join(scripts))


def of_finding(finding: Finding, unit: Unit, names: Mapping[str, str]) -> PermissionCards:
    """Return, as cards, the missing permissions that the control of an unknown finding needs.

    `unit` is the last unit that evaluated the finding.
    """
    principal = unit.service_principal
    if principal is None:
        return PermissionCards()
    scopes = set(_scopes(unit)) or {SUBSCRIPTION_PLACEHOLDER}
    cloud = principal.directory.cloud_name
    grants = grants_from_ledger(selectors.ledger([unit]), principal.client_id, scopes, cloud)
    mine = [
        replace(grant, controls=(finding.control,)) for grant in grants if finding.control in grant.controls
    ]
    return of_grants(mine, principal, names)


def of_grants(
    grants: Sequence[Grant],
    service_principal: ServicePrincipal,
    names: Mapping[str, str],
    principal: str = "",
) -> PermissionCards:
    """Return the missing permissions as cards, one card for each command. Permissions that no control needs are left
    out.

    In a sovereign cloud, the commands begin with the sign-in to that cloud.
    """
    grants = [grant for grant in grants if grant.controls]
    directory = service_principal.directory
    sign_in = cloud_commands(directory.cloud, directory.directory_id)
    by_command: dict[str, list[Grant]] = defaultdict(list)
    for grant in grants:
        by_command[grant.command].append(grant)
    waits = Counter(slug for group in by_command.values() for slug in _slugs(group))
    known = known_controls()
    cards = []
    for command, group in by_command.items():
        slugs = _slugs(group)
        cards.append(
            Card(
                title=_title(group[0], names),
                principal=principal,
                rights=tuple(grant.permission.replace("|", " or ") for grant in group),
                controls=tuple((known[slug].title, reverse("control", args=[slug])) for slug in slugs),
                alone=sum(waits[slug] == 1 for slug in slugs),
                command="\n".join([*sign_in, command]),
            )
        )
    lines = commands_of(grants, service_principal.client_id, directory.cloud_name)
    return PermissionCards(_sorted(cards), "\n".join([*sign_in, *lines] if lines else []))


def _slugs(group: Iterable[Grant]) -> list[str]:
    return list(dict.fromkeys(slug for grant in group for slug in grant.controls))


def _sorted(cards: Iterable[Card]) -> tuple[Card, ...]:
    return tuple(sorted(cards, key=lambda card: -card.waiting))


def _title(grant: Grant, names: Mapping[str, str]) -> str:
    if is_graph(grant.permission):
        # `grant.permission` lists alternatives. The command grants the first one, which is the least privileged.
        return f"{grant.permission.split('|')[0]} in Microsoft Graph"
    lines = [line for line in grant.commands if "/subscriptions/" in line]
    scopes = [line.rpartition("/subscriptions/")[2] for line in lines]
    if len(scopes) != 1:
        return f"Reader on {len(scopes)} subscriptions"
    unknown = "each subscription to be assessed" if scopes[0].startswith('"$') else scopes[0]
    return f"Reader on {names.get(f'/subscriptions/{scopes[0]}', unknown)}"


def _refused(gap: Mapping[str, Any]) -> bool:
    return gap.get("reason") == str(Reason.FORBIDDEN)


def _scopes(unit: Unit) -> list[str]:
    """Return the subscriptions in which Azure Resource Manager refused a request for lack of a permission."""
    own = unit.azure_id if unit.kind == Unit.Kind.SUBSCRIPTION else ""
    found = [
        place(str(gap.get("scope") or "")).subscription.casefold() or own
        for gap in unit.gaps
        if _refused(gap) and not is_graph(str(gap.get("permission") or ""))
    ]
    return [guid for guid in found if guid]

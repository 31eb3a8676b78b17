"""Determine what several Conditional Access policies enforce together. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import product

from assessments.estate.identity.conditional_access import (
    OFFICE_365,
    OFFICE_365_APPS,
    Demand,
    LegacyBlock,
    Part,
)


def with_legacy_blocks(demand: Demand, blocks: Sequence[LegacyBlock]) -> list[Demand]:
    """Combine a policy that requires MFA with policies that block legacy clients. The policy that requires MFA does not
    apply to the legacy clients in `demand.open_clients`, so other policies must block them.

    Return one demand for each combination of policies that together block all these clients. A demand has the
    exclusions of all policies in its combination. If some of these clients are blocked by no policy, return a single
    demand, which covers only clients with modern authentication.
    """
    if not demand.open_clients:
        return [demand]
    choices = [
        [block for block in blocks if client in block.clients] for client in sorted(demand.open_clients)
    ]
    if not all(choices):
        why = demand.why or "it does not cover legacy authentication"
        covers = demand.covers or "clients with modern authentication"
        return [replace(demand, why=why, covers=covers, included=frozenset())]
    together = []
    for chosen in dict.fromkeys(product(*choices)):
        excluded = demand.excluded.union(*(block.excluded for block in chosen))
        remarks = dict.fromkeys([*demand.remarks, *(text for block in chosen for text in block.remarks)])
        locations = demand.locations.union(*(block.locations for block in chosen))
        together.append(
            replace(
                demand,
                excluded=excluded,
                remarks=list(remarks),
                open_clients=frozenset(),
                locations=locations,
            )
        )
    return together


def covered_together(demands: Iterable[Demand]) -> frozenset[Part]:
    """Return the parts (users and applications) that are certainly covered, because they are included in a policy
    without exclusions and remarks. For these parts, the exclusions of other policies do not matter.
    """
    complete = (demand for demand in demands if not demand.excluded and not demand.remarks)
    return frozenset(part for demand in complete for part in demand.included)


def uncovered(excluded: Iterable[Part], covered: frozenset[Part]) -> dict[str, list[str]]:
    """Return {kind: ids} of the excluded users, groups, roles, guests and applications that are not in `covered`."""
    by_kind: dict[str, list[str]] = {}
    for part in sorted(excluded):
        group = Part("app", OFFICE_365) if part.id in OFFICE_365_APPS else part
        if not {part, group, Part(part.kind, "*")} & covered:
            by_kind.setdefault(part.kind, []).append(part.id)
    return by_kind


def exclusion_remarks(by_kind: Mapping[str, list[str]]) -> list[str]:
    """Return a remark for each kind of excluded parts in `by_kind`, which `uncovered` returned. Users get no remark,
    because the control limits their number.
    """
    remarks = []
    for kind, title in (("group", "Groups"), ("role", "Roles"), ("app", "Applications")):
        if kind in by_kind:
            remarks.append(f"{title} are excluded: {', '.join(by_kind[kind])}")
    if "guests" in by_kind:
        remarks.append("Guests are excluded")
    return remarks

"""The table of `tenants.roles`, for the page Roles and docs/roles.md."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tenants.roles import CAPABILITIES, NEEDS_SECOND_ADMINISTRATOR, ORGANIZATION_ROLES, Capability, Role

INTRODUCTION: Final = """# Roles

Made by `make docs` from [`tenants/roles.py`](../tenants/roles.py). Each organization shows the same table on its page
**Roles**. People hold roles through memberships, several at once if needed, and have the rights of all of them
together. A change of a membership applies to the next request, including in open sessions.
"""


@dataclass(frozen=True, slots=True)
class RoleColumn:
    """A role: whether it applies to a tenant or to an organization, who must confirm it, and whether it needs an end
    date.
    """

    role: Role
    whole: bool
    confirmed: bool
    ends: bool

    @property
    def place(self) -> str:
        return "organization" if self.whole else "one customer"


@dataclass(frozen=True, slots=True)
class CapabilityRow:
    """A right in words, and for each column whether the role gives it."""

    capability: Capability
    held: tuple[bool, ...]

    @property
    def label(self) -> str:
        return f"{self.capability.label[:1].upper()}{self.capability.label[1:]}"


def columns() -> list[RoleColumn]:
    """Return the roles in their order."""
    return [
        RoleColumn(role, role in ORGANIZATION_ROLES, role in NEEDS_SECOND_ADMINISTRATOR, role is Role.AUDITOR)
        for role in Role
    ]


def rows() -> list[CapabilityRow]:
    """Return the capabilities in their order."""
    return [
        CapabilityRow(capability, tuple(capability in CAPABILITIES[role] for role in Role))
        for capability in Capability
    ]


def markdown() -> str:
    """Return docs/roles.md."""
    heads = columns()
    lines = [
        INTRODUCTION,
        f"| Right | {' | '.join(head.role.label for head in heads)} |",
        f"| --- |{' :-: |' * len(heads)}",
        *(f"| {row.label} | {' | '.join('yes' if held else '' for held in row.held)} |" for row in rows()),
        f"| *Held for* | {' | '.join(head.place for head in heads)} |",
        f"| *Second administrator confirms* | {' | '.join('yes' if head.confirmed else '' for head in heads)} |",
        f"| *Must have an end date* | {' | '.join('yes' if head.ends else '' for head in heads)} |",
    ]
    return "\n".join(lines) + "\n"

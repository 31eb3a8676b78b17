"""Roles and what each may do, as data. Roles are held through memberships, and several may be held at once.

Source: product.md, "Access". Deciding exceptions is a role of its own, and nobody gets it on the side:
an administrator who is to approve holds an approver's membership as well.
"""

from collections.abc import Iterable

from django.db.models import TextChoices


class Role(TextChoices):
    ORGANIZATION_ADMINISTRATOR = "organization_administrator", "Organization administrator"
    ORGANIZATION_ENGINEER = "organization_engineer", "Organization engineer"
    TENANT_ADMINISTRATOR = "tenant_administrator", "Tenant administrator"
    APPROVER = "approver", "Approver"
    OWNER = "owner", "Owner"
    AUDITOR = "auditor", "Auditor"


class Capability(TextChoices):
    """A right that roles give. The label completes “does not include the right to …”."""

    VIEW = "view", "view this customer and the findings assigned to you"
    VIEW_ALL = "view_all", "view all findings and resources"
    ASSESS = "assess", "start, cancel and schedule assessments"
    TREAT = "treat", "acknowledge findings, comment and request exceptions"
    ASSIGN = "assign", "assign findings to owners"
    APPROVE = "approve", "approve or refuse exceptions requested by others"
    ATTEST = "attest", "answer manual controls"
    REPORT = "report", "build reports"
    READ_REPORTS = "read_reports", "read and download reports"
    EVIDENCE = "evidence", "read and download evidence"
    JOURNAL = "journal", "read and verify the journal"
    ADMINISTER = "administer", "change directories, service principals, subscriptions and policies"
    MEMBERS = "members", "invite members and change their roles"
    REGISTER = "register", "register customers"
    ORGANIZATION = "organization", "change the organization’s settings, members, tokens and webhooks"


# Held on the organization as a whole, they count for each of its tenants, now and later.
ORGANIZATION_ROLES = frozenset({Role.ORGANIZATION_ADMINISTRATOR, Role.ORGANIZATION_ENGINEER})

_READ = frozenset({Capability.VIEW, Capability.VIEW_ALL, Capability.READ_REPORTS})
_WORK = frozenset(
    {Capability.ASSESS, Capability.TREAT, Capability.ASSIGN, Capability.ATTEST, Capability.REPORT}
)
_RELY = frozenset({Capability.EVIDENCE, Capability.JOURNAL})
_KEEP = frozenset({Capability.ADMINISTER})

CAPABILITIES: dict[Role, frozenset[Capability]] = {
    Role.ORGANIZATION_ADMINISTRATOR: _READ
    | _WORK
    | _RELY
    | _KEEP
    | {Capability.MEMBERS, Capability.REGISTER, Capability.ORGANIZATION},
    Role.ORGANIZATION_ENGINEER: _READ | _WORK | _RELY | _KEEP | {Capability.REGISTER},
    Role.TENANT_ADMINISTRATOR: _READ | _WORK | _RELY | _KEEP | {Capability.MEMBERS},
    Role.APPROVER: _READ | _RELY | {Capability.APPROVE},
    Role.OWNER: frozenset({Capability.VIEW, Capability.TREAT, Capability.ATTEST}),
    Role.AUDITOR: _READ | _RELY,
}


def capabilities(roles: Iterable[Role]) -> frozenset[Capability]:
    """Everything that the roles together allow."""
    return frozenset().union(*(CAPABILITIES[role] for role in roles))

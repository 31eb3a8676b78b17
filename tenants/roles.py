"""Roles and their capabilities. People have roles through memberships, and may have several.

Only the role Approver includes approving exceptions. So an administrator who should approve exceptions needs a second
membership, as approver.
"""

from collections.abc import Iterable
from functools import lru_cache

from django.db.models import TextChoices


class Role(TextChoices):
    ORGANIZATION_ADMINISTRATOR = "organization_administrator", "Organization administrator"
    ORGANIZATION_ENGINEER = "organization_engineer", "Organization engineer"
    TENANT_ADMINISTRATOR = "tenant_administrator", "Customer administrator"
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
    REVOKE_REPORTS = "revoke_reports", "revoke reports"
    EVIDENCE = "evidence", "read and download evidence"
    JOURNAL = "journal", "read and verify the journal"
    ADMINISTER = "administer", "change directories, service principals, subscriptions and policies"
    MEMBERS = "members", "invite members and change their roles"
    REGISTER = "register", "register customers"
    OFFBOARD = "offboard", "archive and export customers"
    RETAIN = "retain", "change how long data is kept, and put customers on legal hold"
    ORGANIZATION = (
        "organization",
        "change the organization’s settings, members, tokens and service principals",
    )


# Roles that are held in the organization as a whole and apply to all its current and future tenants.
ORGANIZATION_ROLES = frozenset({Role.ORGANIZATION_ADMINISTRATOR, Role.ORGANIZATION_ENGINEER})

# Granting these roles needs a second administrator, so that no single person can appoint an approver.
NEEDS_SECOND_ADMINISTRATOR = frozenset({Role.APPROVER})

# The roles that a service account can have. Programs are neither owners nor approvers, because only people own findings
# and approve exceptions. The role Organization administrator is not needed: without the rights that programs never
# have, it equals Organization engineer.
SERVICE_ROLES = (Role.ORGANIZATION_ENGINEER, Role.TENANT_ADMINISTRATOR, Role.AUDITOR)

# Programs never have these rights. With the first three, anyone with a token could decide about their own requests, or
# give themselves access. The others permit archiving customers, changing how long data is kept, and revoking reports.
NEVER_OF_SERVICES = frozenset(
    {
        Capability.APPROVE,
        Capability.MEMBERS,
        Capability.ORGANIZATION,
        Capability.OFFBOARD,
        Capability.RETAIN,
        Capability.REVOKE_REPORTS,
    }
)
SERVICE_CAPABILITIES = frozenset(Capability) - NEVER_OF_SERVICES

_READ = frozenset({Capability.VIEW, Capability.VIEW_ALL, Capability.READ_REPORTS})
_WORK = frozenset(
    {Capability.ASSESS, Capability.TREAT, Capability.ASSIGN, Capability.ATTEST, Capability.REPORT}
)
_VERIFY = frozenset({Capability.EVIDENCE, Capability.JOURNAL})
_CONFIGURE = frozenset({Capability.ADMINISTER})

CAPABILITIES: dict[Role, frozenset[Capability]] = {
    Role.ORGANIZATION_ADMINISTRATOR: _READ
    | _WORK
    | _VERIFY
    | _CONFIGURE
    | {
        Capability.MEMBERS,
        Capability.REVOKE_REPORTS,
        Capability.REGISTER,
        Capability.OFFBOARD,
        Capability.RETAIN,
        Capability.ORGANIZATION,
    },
    Role.ORGANIZATION_ENGINEER: _READ | _WORK | _VERIFY | _CONFIGURE | {Capability.REGISTER},
    Role.TENANT_ADMINISTRATOR: _READ
    | _WORK
    | _VERIFY
    | _CONFIGURE
    | {Capability.MEMBERS, Capability.RETAIN, Capability.REVOKE_REPORTS},
    Role.APPROVER: _READ | _VERIFY | {Capability.APPROVE},
    Role.OWNER: frozenset({Capability.VIEW, Capability.TREAT, Capability.ATTEST}),
    Role.AUDITOR: _READ | _VERIFY,
}


def roles_with(capability: Capability) -> tuple[Role, ...]:
    return tuple(role for role in Role if capability in CAPABILITIES[role])


def capabilities(roles: Iterable[Role]) -> frozenset[Capability]:
    """Return the union of the capabilities of the roles."""
    return _capabilities(frozenset(roles))


# Cached, because pages of many customers call this for each customer, and there are few different sets of roles.
@lru_cache(maxsize=128)
def _capabilities(roles: frozenset[Role]) -> frozenset[Capability]:
    return frozenset().union(*(CAPABILITIES[role] for role in roles))

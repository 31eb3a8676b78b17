"""Templates of the sentences that controls of the section `identity` write."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = (
    "No sign-in for over {number} days",
    "No sign-in is recorded, and the account is older than {number} days",
    "No successful sign-in is recorded, and the account is older than {number} days",
    "Attest that the on-premises directory behind {list} is audited",
    "{domain}: Entra ID has no federation settings for the domain",
    "{domain}: Entra ID accepts MFA that the federation server reports",
    (
        "{domain}: federatedIdpMfaBehavior is not set, so Entra ID accepts MFA that the federation server "
        "reports, unless the older setting SupportsMfa forbids it"
    ),
    "{domain}: no signing certificate is set",
    "{domain}: the signing certificate could not be read",
    "{domain}: the signing certificate expires within 30 days",
    "{domain}: {cause}",
    "notActions removes the administrative part of {list}",
    "The role grants administrative permissions ({actions}), but can be assigned in resource groups only",
    "The role grants administrative permissions ({actions}), but nobody has the role in this subscription",
    # The next two remarks occur only in findings that earlier versions of Surety stored.
    "Grants administrative permissions ({actions}), but can be assigned in resource groups only",
    "Grants administrative permissions ({actions}), but nobody has the role in this subscription",
    "The role is assigned and grants administrative permissions ({actions})",
    "The role can be assigned and grants administrative permissions ({actions})",
    "The built-in role {role} allows exactly the same operations",
    "Built-in roles that allow at least the same: {list}",
    (
        "Roles were compared by their patterns only, because the operations of these resource providers could not be"
        " read: {list} and {number} more"
    ),
    (
        "Roles were compared by their patterns only, because the operations of these resource providers could not be"
        " read: {list}"
    ),
    # The next two remarks occur only in findings that earlier versions of Surety stored.
    "Compared by pattern only: the operations of {list} and {number} more could not be read",
    "Compared by pattern only: the operations of {list} could not be read",
    "The guest has {words}",
    "The guest can change resources (role assignments: {number})",
    "allowInvitesFrom has an unknown value: {value}",
    "guestUserRoleId is not a known guest role: {value}",
    "Attest that every enabled guest is needed ({number} in the list)",
    "The invitation has not been accepted for over {number} days",
    "No successful sign-in for over {number} days",
    "Never signed in, and the account is older than {number} days",
    "No successful sign-in since December 2023, and the account is older than {number} days",
    (
        "Accounts that are not counted (excluded accounts, accounts of agents, and accounts that synchronise the"
        " directory): {number}"
    ),
    # The next two remarks occur only in findings that earlier versions of Surety stored.
    (
        "Accounts that do not count, because they are excluded, belong to an agent or synchronise the directory:"
        " {number}"
    ),
    "Users who do not count, because they cannot use MFA or are excluded: {number}",
    "Only {number} of {number2} enabled members can use MFA",
    (
        "{number} of {number2} enabled members can use MFA; {number3} are missing from the registration "
        "report, which is some hours old"
    ),
    (
        "{number} of {number2} enabled members can use MFA; {number3} may use MFA of a federation server, which cannot"
        " be read"
    ),
    "{number} of {number2} enabled members can use MFA; {number3} may use external MFA, which cannot be read",
    "{number} of {number2} enabled members can use MFA",
    (
        "Principals of the directory {directory} can change resources through Azure Lighthouse. Surety cannot read"
        " whether these principals use MFA; ask the organization of that directory to confirm that they do"
    ),
    # The next reason occurs only in findings that earlier versions of Surety stored.
    (
        "Principals of the directory {directory} can change resources through Azure Lighthouse. Surety cannot read"
        " their MFA; ask the organization of that directory to confirm it"
    ),
    # The next reason occurs only in findings that earlier versions of Surety stored.
    (
        "Principals of the directory {directory} can change resources through Azure Lighthouse; their MFA "
        "cannot be read here. Ask that organization to confirm their MFA"
    ),
    (
        "Security defaults are off, and no Conditional Access policy requires MFA for all users; policies "
        "cover only {terms}"
    ),
    "Security defaults are off, and no Conditional Access policy requires MFA for all users: {words}",
    "it excludes all addresses in {list}",
    "it excludes the addresses of {number} countries",
    "it excludes {number} users or more",
    "it excludes {number} users",
    "it excludes {terms}",
    "it covers only {terms}",
    "its excluded locations contain {terms}",
    "The excluded locations contain {terms}",
    "The excluded location {location} is not among the named locations that Azure returned",
    "Groups are excluded: {list}",
    "Roles are excluded: {list}",
    "Applications are excluded: {list}",
    "The policy accepts {words} instead of MFA",
    "Roles that are assigned to people, not to groups, for the whole subscription: {number}",
    # The next remark occurs only in findings that earlier versions of Surety stored.
    "Roles of people instead of groups in a whole subscription: {number}",
    "Roles of people who are not in the directory: {number}",
    "Roles that were assigned over a year ago: {number}",
    "Administrators whose account comes from the on-premises directory: {number}",
    "Administrators whose account has a licence, such as for a mailbox: {number}",
    "Accounts lock only after {number} attempts",
    "Accounts stay locked for only {number} seconds",
    "Users exempted from strong passwords (DisableStrongPassword): {number}",
    "Attest the lockout settings, which could not be read: {cause}",
    "A principal of an unknown kind has a role ({kind})",
    (
        "The membership of group {group}, which has a role, is hidden, and Surety sees no members. Grant the"
        " permission {permission}. If the permission is already granted, the group has no members: remove the role"
        " assignment of the group"
    ),
    # The next reason occurs only in findings that earlier versions of Surety stored.
    (
        "The membership of group {group}, which has a role, is hidden. Grant the permission {permission}. If "
        "it is granted already, the group has no members: remove the assignment"
    ),
    "Group {group} has a role, but Surety could not read the members of this group: {cause}",
    "Group {group} has a role, but Surety could not read the eligible members of this group: {cause}",
    "Group {group} has a role, but Surety could not read the visibility of this group: {cause}",
    # The next three reasons occur only in findings that earlier versions of Surety stored.
    "Could not read the members of group {group}, which has a role: {cause}",
    "Could not read the eligible members of group {group}, which has a role: {cause}",
    "Could not read the visibility of group {group}, which has a role: {cause}",
)

"""Templates of the sentences that controls of the section `identity` write."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = (
    "Each ends in more than {number} days, and is valid for at most {number2} days",
    "Each ends in more than 1 day, and is valid for at most {number} days",
    "Each ends in more than 1 day, and is valid for at most 1 day",
    "Each ends in more than {number} days, and is valid for at most 1 day",
    "Each enabled member signed in during the last {number} days, or the account is new",
    "Each enabled member signed in during the last 1 day, or the account is new",
    "No app registrations",
    "Microsoft Entra ID shows the sign-ins of no user",
    "No enabled member",
    "No sign-in for over {number} days",
    "No sign-in for over 1 day",
    "No sign-in is recorded, and the account is older than {number} days",
    "No sign-in is recorded, and the account is older than 1 day",
    "No successful sign-in is recorded, and the account is older than {number} days",
    "No successful sign-in is recorded, and the account is older than 1 day",
    "Microsoft Graph returned no user, but every directory has one",
    "Microsoft Graph returned no domain, but every directory has one",
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
    "Grants administrative permissions ({actions}), but can be assigned in resource groups only",
    "Grants administrative permissions ({actions}), but nobody has the role in this subscription",
    "The role is assigned and grants administrative permissions ({actions})",
    "The role can be assigned and grants administrative permissions ({actions})",
    "The built-in role {role} allows exactly the same operations",
    "Built-in roles that allow at least the same: {list}",
    "Compared by pattern only: the operations of {list} and {number} more could not be read",
    "Compared by pattern only: the operations of {list} could not be read",
    "The guest has {words}",
    "The guest can change resources (role assignments: {number})",
    "allowInvitesFrom has an unknown value: {value}",
    "guestUserRoleId is not a known guest role: {value}",
    "Attest that every enabled guest is needed ({number} in the list)",
    "The invitation has not been accepted for over {number} days",
    "The invitation has not been accepted for over 1 day",
    "No successful sign-in for over {number} days",
    "No successful sign-in for over 1 day",
    "Never signed in, and the account is older than {number} days",
    "Never signed in, and the account is older than 1 day",
    "No successful sign-in since December 2023, and the account is older than {number} days",
    "No successful sign-in since December 2023, and the account is older than 1 day",
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
        "Principals of the directory {directory} can change resources through Azure Lighthouse; their MFA "
        "cannot be read here. Ask that organization to confirm their MFA"
    ),
    (
        "Security defaults are off, and no Conditional Access policy requires MFA for all users; policies "
        "cover only {terms}"
    ),
    "Security defaults are off, and no Conditional Access policy requires MFA for all users: {words}",
    "Security defaults are off, and no Conditional Access policy requires MFA for all users",
    "it excludes all addresses in {list}",
    "it excludes the addresses of {number} countries",
    "it excludes {number} users or more",
    "it excludes 1 user or more",
    "it excludes {number} users",
    "it excludes 1 user",
    "it excludes {terms}",
    "it covers only {terms}",
    "it applies to some device platforms only",
    "it applies to some locations only",
    "its excluded locations contain {terms}",
    "The excluded locations contain {terms}",
    "The excluded location {location} is not among the named locations that Azure returned",
    "Groups are excluded: {list}",
    "Roles are excluded: {list}",
    "Applications are excluded: {list}",
    "The policy accepts {words} instead of MFA",
    "The trusted locations contain only private addresses, from which nobody signs in",
    "Text messages or voice calls are enabled, but for nobody",
    "Text messages or voice calls are enabled for some users",
    "No strong method is enabled for all users",
    "The campaign that asks users to register a strong method is switched off",
    (
        "Microsoft ends its own text messages and calls on 1 February 2027, and on 1 July 2027 for Global"
        " Administrators and external users"
    ),
    "The older settings for MFA and password reset still permit methods, and cannot be read",
    "Users may even consent to applications that Microsoft considers risky",
    "No user has a role that permits signing in to virtual machines",
    "The directory has {number} to {number2} Global Administrators, active or eligible",
    "The subscription has {number} to {number2} owners: people and applications with the role Owner",
    "An application is a Global Administrator too",
    "A Global Administrator is not in the list of users",
    "No subscription was read, so assignments above all subscriptions are unknown",
    "An owner is not in this directory: the account was deleted, or belongs to another one",
    "Roles of people instead of groups in a whole subscription: {number}",
    "Roles of people who are not in the directory: {number}",
    "Roles that were assigned over a year ago: {number}",
    "Administrators whose account comes from the on-premises directory: {number}",
    "Administrators whose account has a licence, such as for a mailbox: {number}",
    "The policy excludes many users",
    "The policy applies to sign-ins with a high risk only",
    "it excludes the application",
    "it is not enabled",
    "it does not cover all users",
    "it does not cover the action",
    "it does not block",
    "it does not depend on locations",
    "it does not apply to device code flow only",
    "it does not apply to risky sign-ins",
    "Accounts lock only after {number} attempts",
    "Accounts stay locked for only {number} seconds",
    "Accounts stay locked for only 1 second",
    "Users exempted from strong passwords (DisableStrongPassword): {number}",
    "Attest the lockout settings, which could not be read: {cause}",
    "A principal of an unknown kind has a role ({kind})",
    (
        "The membership of group {group}, which has a role, is hidden. Grant the permission {permission}. If "
        "it is granted already, the group has no members: remove the assignment"
    ),
    "Could not read the members of group {group}, which has a role: {cause}",
    "Could not read the eligible members of group {group}, which has a role: {cause}",
    "Could not read the visibility of group {group}, which has a role: {cause}",
    "At least {number} % of the enabled members can use MFA",
)

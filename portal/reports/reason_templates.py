"""Reasons, remarks and observed values with values inside, as the controls write them.

A finding stores the English sentence. A report in another language finds the template that gave the sentence among
those of the control's section, takes the values out of it, and fills them into the translated template
(`portal.reports.languages`). The names of the values say how each is printed:

- `number`: with the separators of the language; `time`: as a date and time; `dates`: with dates inside;
- `words`, `cause`, `sentence`: a text that is translated too; the template fits only if the text has a translation;
- `terms`: several such texts, with commas and “and” between them; `label`: a text without values inside;
- `details`: the name of a collection, and the answer of Azure;
- `list`, `permissions`, `networks`: names, of which only “and”, “or” and “to” are translated;
- all others are printed as they are: names, operations, ids.

A template without values is a line of `portal.reports.reason_sentences`. A test judges every case of every control
and fails if a sentence has no translation (tests/portal/reports/test_german_reasons.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from portal.reports.value_templates import TREATMENT, VALUES

TEMPLATES: Final[Mapping[str, tuple[str, ...]]] = {
    # Values inside of reasons and remarks, and observed values; what an exception covers.
    "values": VALUES,
    "treatment": TREATMENT,
    # Reasons and remarks of every section: properties, gaps, perimeters, load balancers.
    "": (
        "Property {property} of {resource} is {words}",
        "Surety does not know the value “{value}” of {property} of {resource}",
        "The virtual network {resource} is not in the list that Azure returned",
        "The network security group {resource} is not in the list that Azure returned",
        "The virtual machine {resource} is not in the list that Azure returned",
        "The load balancer {resource} is not in the list that Azure returned",
        "The role {resource} is not in the list that Azure returned",
        "The public address {resource} is not in the list that Azure returned",
        "The disk {resource} is not in the list that Azure returned",
        "The subnet {resource} is not in the list that Azure returned",
        "The network interface {resource} is not in the list that Azure returned",
        (
            "{permissions} is not delegated for the whole subscription: delegate the role Reader on the "
            "subscription, not only on resource groups ({details})"
        ),
        "The directory lacks the licence {licence} ({details})",
        "Missing permission {permissions} ({details})",
        "Azure refused the request ({details})",
        "{label} ({details})",
        "{terms} could not be read: {cause}",
        "The assessment was cancelled before this subscription was read. Retry the assessment.",
        "The assessment was cancelled before this directory was read. Retry the assessment.",
        "The customer's setting for this control is invalid: {error}. Change or reset it under Settings.",
        "Not applicable in clouds without this feature: {cause}.",
        "The network security perimeter lets too many addresses in through {list}",
        "Attest that the network security perimeter of this account lets only specific networks in",
        "Attest that the network security perimeter of this server lets only specific networks in",
        "Networks that the perimeter lets in: {networks}",
        "Service tags that the perimeter lets in: {tags}",
        "{sentence}; {sentence2}",
        "Azure did not find the load balancer {balancer} in the subscription {subscription}",
        (
            "The load balancer {balancer} is in the subscription {subscription}, which is not assessed together "
            "with this one. Include it in the assessments of the customer, or check there that the SKU of "
            "{again} is Standard"
        ),
        "More than {number} public addresses are allowed",
        "Any Azure customer can connect from {tags}",
        "The instance view of {machine} was not read from the machine itself",
        "The resource group {group} is managed by {manager} ({type}); changes are refused by its deny assignment",
        (
            "The resource group {group} is managed by {manager} ({type}); it is not known whether a deny "
            "assignment refuses changes: {cause}"
        ),
        "The resource group {group} is managed by {manager} ({type})",
    ),
    "defender": (
        "No address belongs to an expected domain ({list})",
        "Addresses outside the expected domains: {number}",
        "Resources for which Azure does not state since when the recommendation is open: {number}",
        "Open for more than {number} days: {title} (affected resources: {number2})",
        "Open for more than 1 day: {title} (affected resources: {number})",
        "No resource that the plan for {words} protects",
        "The plan for {words} is not offered in this cloud",
        "The plan for {words} is on, but covers no machine",
        "The plan for {words} is on",
        "The plan for {words} is off (Free)",
        "Azure did not list the plan for {words}",
        "Defender for Cloud is not registered in the subscription, so the plan for {words} is off",
        "All machines have the plan by a setting of their own; new machines do not get it",
        "Some machines have the plan by a setting of their own; new machines do not get it",
        "Recommendations are disabled: {words} and {number} more",
        "Recommendations are disabled: {words}",
        "{effect} is Disabled",
        "{effect} is Disabled by default",
        "It is not known whether an excluded management group ({list}) is above the subscription",
        "The assignment does not cover {list} and {number} more, which it excludes",
        "The assignment does not cover {list}, which it excludes",
        "Exemptions in force: {list}",
        "Recommendations without a readable status: {number}",
        "Attest that the open recommendations were reviewed ({number} open)",
        "Defender for Endpoint leaves out {terms}",
        "Retired agent still installed: {list}",
        "No recommendation of severity {words} or higher is open for more than {number} days",
        "No recommendation of severity {words} or higher is open for more than 1 day",
        "The plan for servers is on, with sub-plan {plan} or higher",
    ),
    "identity": (
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
    ),
    "logging": (
        "Categories not exported: {list}",
        "{setting} writes to a storage account that no longer exists: {sink}",
        "{setting} writes to a workspace that no longer exists: {sink}",
        "Azure Monitor cannot write to {sink} of {setting}: {words}",
        (
            "Management group {group} exports events of the subscription, but not those of resource providers "
            "that do not report them to the management group"
        ),
        "There is no network watcher in {region}, so no flow log is possible",
        "The flow log is kept for {number} days; {number2} are required",
        "The flow log is kept for 1 day; {number} are required",
        "A lifecycle rule deletes the flow log after {number} days; {number2} are required",
        "A lifecycle rule deletes the flow log after 1 day; {number} are required",
        "The flow log is kept for {number} days",
        "The flow log is kept for 1 day",
        "CIS 5.0 and 6.0 accept 90 days. To accept 90 days here too, change the parameter “{words}” to 90",
        "Could not check lifecycle rules: the storage account {account} is not in this subscription",
        "Auditing of the server writes to {place}",
        "Auditing of the database writes to {place}",
        (
            "Check whether the activity log arrives in {account}: a network security perimeter decides whether "
            "Azure Monitor can write to this account; {words}"
        ),
        (
            "The lifecycle rule {rule} deletes blobs with certain index tags after {number} days. Logs have "
            "index tags only if somebody adds them"
        ),
        (
            "The lifecycle rule {rule} deletes blobs with certain index tags after 1 day. Logs have "
            "index tags only if somebody adds them"
        ),
        "The storage account {sink} no longer exists",
        "The workspace {sink} no longer exists",
        "The activity log is kept for {number} days; {number2} are required",
        "The activity log is kept for 1 day; {number} are required",
        "The activity log is kept for {number} days",
        "The activity log is kept for 1 day",
        "The audit log is kept for {number} days; {number2} are required",
        "The audit log is kept for 1 day; {number} are required",
        "The audit log is kept for {number} days",
        "The audit log is kept for 1 day",
        "Not recorded: {list}",
        "At least one destination keeps the activity log for {number} days or without limit",
        "At least one destination keeps the activity log for 1 day or without limit",
        "Kept without limit or for at least {number} days, and no lifecycle rule deletes earlier",
        "Kept without limit or for at least 1 day, and no lifecycle rule deletes earlier",
        "At least one destination keeps the audit records for {number} days or without limit",
        "At least one destination keeps the audit records for 1 day or without limit",
    ),
    "monitoring": (
        "The action group has receivers: {terms}",
        "The alert rule {rule} reports {operation}, but the alert processing rule {by} removes its action groups",
        "No alert rule reports {operation}; the closest one is {rule}, but {words}",
        "No alert rule reports {operation}",
        "The alert processing rule {rule} removes the action groups of some of these alerts",
        "It is not known whether an alert processing rule suppresses the alert. {cause}",
        "Rules in other subscriptions were not checked: there are {number} other subscriptions",
        "The alert rule {rule} in subscription {subscription} reports the operation",
        "The alert rule {rule} reports the operation",
        "it is narrowed by {field}",
        "its category is {list}, not Administrative",
    ),
    "network": (
        "Everybody can reach {list}: no security group, and a Basic public address",
        (
            "Everybody can reach {list}: no security group, and the Basic load balancer {balancers} forwards "
            "connections with {rules}"
        ),
        (
            "No security group protects the interface; its load balancers forward no connection from the "
            "Internet to {list}"
        ),
        "The Internet can reach {list} through {rules}",
        "Every Azure customer can reach {list} through {rules}",
        "Only some public addresses can reach port {port}",
        "Port {port} is not open to the Internet",
        "Reachable from the Internet now: {list} and {number} more",
        "Reachable from the Internet now: {list}",
        (
            "Reachable if a public load balancer forwards to the backend pool, by a load balancing rule or an "
            "inbound NAT rule for the pool: {list} and {number} more"
        ),
        (
            "Reachable if a public load balancer forwards to the backend pool, by a load balancing rule or an "
            "inbound NAT rule for the pool: {list}"
        ),
        "Allowed public networks: {networks}",
    ),
    "operations": (
        "Only {number} of {number2} machines have a vulnerability assessment",
        "Only {number} of {number2} SQL servers and instances have a vulnerability assessment",
    ),
    "sql": (
        "Rules whose end address is before their start address are ignored: {list}",
        "Allowed networks: {networks}",
        "Inactive firewall rules: {list}",
        "The public data endpoint is on and the Internet can reach {port} through {rules} of {group}",
        "The public data endpoint is on and every Azure customer can reach {port} through {rules} of {group}",
        "{group} does not let the Internet reach {port}",
        "The Internet cannot reach {port}",
        (
            "The Internet can reach {port}: no security group protects {interface} or its subnet, and its Basic "
            "public address allows everybody"
        ),
        (
            "The Internet can reach {port}: no security group protects {interface} or its subnet, and the Basic "
            "load balancer {balancers} forwards connections with {rules}"
        ),
        "The Internet can reach {port}: {interface} through {rules} of {list}",
        "No security group protects {interface} or its subnet; it has no public address",
        "No security group protects {interface} or its subnet; its {sku} public address blocks the Internet",
        (
            "No security group protects {interface} or its subnet; its load balancers forward no connection from "
            "the Internet to {port}"
        ),
        "The network security perimeter lets all of Azure in through {list}",
        "Every service in Azure is allowed by {list}",
        (
            "The firewall rules and the network security perimeter together allow the {list} Internet, most of "
            "it through {rules}"
        ),
        "The rules allow the {list} Internet, most of it through {rules}",
        "{number} rules are hard to oversee",
        "Rules wider than allowed: {list}",
        "Public network access is on (rules: {number})",
        "Auditing of the server writes to {place}",
        "Not recorded: {list}",
        "The security alert policy of the server mails alerts to {words}",
        "Defender for Cloud mails alerts to {words}",
        "Threat alerts of this server do not reach {words}",
        "Threat detection was never applied to this server",
        "Threat detection was never applied to this instance",
        "Threat detection is switched off for this server, although the plan is on",
        "Threat detection is switched off for this instance, although the plan is on",
        "Disabled detection types: {types}",
        "No rule allows more than {words} or {words2}",
    ),
    "storage": (
        "Not regenerated since: {dates}",
        "Both keys are younger than {number} days",
        "Both keys are younger than 1 day",
        "Containers open to anonymous readers: {list}",
        "The IP rules let the Internet reach the shares: {list}",
        "Every network can reach the shares: {list}",
        "The IP rules and the network security perimeter together let the Internet reach the shares: {list}",
        "Attest how long signatures are valid: the SAS policy allows {words}, which is more than {number} hours",
        "Attest how long signatures are valid: the SAS policy allows {words}, which is more than 1 hour",
        "The SAS policy sets a limit of {words}",
        "Signatures that are valid longer than {words} are blocked",
        "File shares can be used without encryption over {list}: {shares}",
        "Encryption in transit is not required for {list}; no share has this protocol",
        "Property {property} of {resource} is {value}, which is not of the form d.hh:mm:ss",
        "Both access keys were regenerated within the last {number} days",
        "Both access keys were regenerated within the last 1 day",
        "Shared keys are refused, or the SAS policy blocks lifetimes over {number} hours",
        "Shared keys are refused, or the SAS policy blocks lifetimes over 1 hour",
    ),
    "vm": (
        "The machine is {words}",
        "The agent is {status}",
        "Unmanaged disks: {list}",
        "Every disk is encrypted {words}",
        (
            "The system disk of this confidential machine is encrypted with its guest state; the data disks are "
            "encrypted {words}"
        ),
        "The system disk of this confidential machine is encrypted with its guest state",
        "The extension {extension} was not installed successfully",
        "Microsoft Antimalware excludes whole drives: {list}",
        "The baseline also reports about the firewall: {output}",
        "Attest that the host firewall is on: {words}",
        (
            "The machine was last checked at {time} UTC, more than {number} days before the assessment; check "
            "that it runs and that its agent reports"
        ),
        "Could not assess patches: the machine is {words}. Start it for the next assessment",
        "Missing critical or security patches: {number}",
        "Not assessed: the last assessment is older than {number} days",
        "Not assessed: the last assessment is older than 1 day",
        "Azure does not orchestrate patches ({mode})",
        "High or critical vulnerabilities older than {number} days: {number2}",
        "High or critical vulnerabilities older than 1 day: {number}",
        "Software updates for which Azure does not state since when they are due: {number}",
        (
            "Managed disks; from L2 also encryption at host, encryption inside the machine or a confidential "
            "machine (level {level})"
        ),
        "A patch assessment at most {number} days old, with no critical or security patch missing",
        "A patch assessment at most 1 day old, with no critical or security patch missing",
        (
            "No vulnerability of severity High or Critical is known for over {number} days, and a person attests "
            "the patches"
        ),
        "No vulnerability of severity High or Critical is known for over 1 day, and a person attests the patches",
    ),
}
"""{section of controls: templates}. “” and “values” belong to all sections, “treatment” to none."""

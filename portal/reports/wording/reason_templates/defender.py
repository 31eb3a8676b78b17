"""Templates of the sentences that controls of the section `defender` write."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = (
    "Results with the status NotApplicable: {number}",
    # The next remark occurs only in findings that earlier versions of Surety stored.
    "Results that do not apply: {number}",
    "Surety does not evaluate the conditions of the automation {name}",
    "No address belongs to an expected domain ({list})",
    "Addresses outside the expected domains: {number}",
    "Resources for which Azure does not state since when the recommendation is open: {number}",
    # The next remark occurs only in findings that earlier versions of Surety stored.
    "For some resources, Azure does not state since when the recommendation is open: {number}",
    "Open for more than {number} days: {title} (affected resources: {number2})",
    "The subscription has no resource that the plan for {words} protects",
    # The next reason occurs only in findings that earlier versions of Surety stored.
    "No resource that the plan for {words} protects",
    "The plan for {words} is not offered in this cloud",
    "The plan for {words} is on, but covers no resource",
    "The plan for {words} is on",
    "The plan for {words} is off (Free)",
    "Azure did not list the plan for {words}",
    "Defender for Cloud is not registered in the subscription, so the plan for {words} is off",
    "Recommendations are disabled: {words} and {number} more",
    "Recommendations are disabled: {words}",
    "{effect} is Disabled",
    "{effect} is Disabled by default",
    "It is not known whether an excluded management group ({list}) is above the subscription",
    "Excluded from the assignment: {list} and {number} more",
    "Excluded from the assignment: {list}",
    # The next two remarks occur only in findings that earlier versions of Surety stored.
    "The assignment does not cover {list} and {number} more, which it excludes",
    "The assignment does not cover {list}, which it excludes",
    "Exemptions in force: {list}",
    "Recommendations without a readable status: {number}",
    "Attest that the open recommendations were reviewed ({number} open)",
    "Defender for Endpoint does not cover {terms}",
    # The next reason occurs only in findings that earlier versions of Surety stored.
    "Defender for Endpoint leaves out {terms}",
    "Retired agent still installed: {list}",
    "No recommendation of severity {words} or higher is open for more than {number} days",
    "The plan for servers is on, with sub-plan {plan} or higher",
)

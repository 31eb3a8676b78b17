"""Templates of the sentences that controls of the section `defender` write."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = (
    "Results that do not apply: {number}",
    "No container registries",
    "No Kubernetes clusters",
    "Defender for Cloud found vulnerabilities in images in container registries",
    "Defender for Cloud found vulnerabilities in images that run in Kubernetes clusters",
    "Defender for Cloud found no vulnerabilities in images in container registries",
    "Defender for Cloud found no vulnerabilities in images that run in Kubernetes clusters",
    "Scans of images in container registries are on, and Defender for Cloud reports no vulnerability",
    "Scans of images that run in Kubernetes clusters are on, and Defender for Cloud reports no vulnerability",
    (
        "Defender for Cloud has no result of a scan of images in container registries: they are not scanned, or the "
        "recommendation has another id"
    ),
    (
        "Defender for Cloud has no result of a scan of images that run in Kubernetes clusters: they are not scanned, "
        "or the recommendation has another id"
    ),
    "No IoT hubs",
    "Surety does not evaluate the conditions of the automation {name}",
    "No address belongs to an expected domain ({list})",
    "Addresses outside the expected domains: {number}",
    "Resources for which Azure does not state since when the recommendation is open: {number}",
    "Open for more than {number} days: {title} (affected resources: {number2})",
    "Open for more than 1 day: {title} (affected resources: {number})",
    "No resource that the plan for {words} protects",
    "The plan for {words} is not offered in this cloud",
    "The plan for {words} is on, but covers no machine",
    "The plan for {words} is on, but covers no resource",
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
)

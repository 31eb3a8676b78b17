"""Templates of the sentences that all sections share."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = (
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
    "Azure Lighthouse does not show the roles of the customer’s people and applications ({details})",
    "The directory lacks the licence {licence} ({details})",
    "Missing permission {permissions} ({details})",
    "Azure refused the request ({details})",
    "{label} ({details})",
    "{terms} could not be read: {cause}",
    (
        "It is not known which addresses these firewall rules allow, because their last address is before their first"
        " address: {list}"
    ),
    # The next sentence occurs only in findings that earlier versions of Surety stored.
    (
        "It is not known which addresses a firewall rule allows if its last address is before its first address:"
        " {list}"
    ),
    "Could not be checked again: {cause}",
    "The customer's setting for this control is invalid: {error}. Change or reset it under Settings.",
    "Not applicable in clouds without this feature: {cause}.",
    "The network security perimeter lets too many addresses in through {list}",
    "Networks that the perimeter lets in: {networks}",
    "Service tags that the perimeter lets in: {tags}",
    "{sentence}; {sentence2}",
    "Azure did not find the load balancer {balancer} in the subscription {subscription}",
    (
        "The load balancer {balancer} is in the subscription {subscription}, which is not assessed together "
        "with this one. Include that subscription in the assessments of the customer, or check there that the "
        "SKU of the load balancer is Standard"
    ),
    # The next reason occurs only in findings that earlier versions of Surety stored.
    (
        "The load balancer {balancer} is in the subscription {subscription}, which is not assessed together "
        "with this one. Include it in the assessments of the customer, or check there that the SKU of "
        "{again} is Standard"
    ),
    "The rules allow more than {number} public addresses",
    # The next remark occurs only in findings that earlier versions of Surety stored.
    "More than {number} public addresses are allowed",
    "Any Azure customer can connect, because the rules allow {tags}",
    # The next remark occurs only in findings that earlier versions of Surety stored.
    "Any Azure customer can connect from {tags}",
    "The instance view of {machine} comes from a list, which may lack the report of its agent",
    (
        "Could not check {machine}: its instance view was read from a list of machines, and this list may lack the"
        " report of the machine’s agent"
    ),
    # The next reason occurs only in findings that earlier versions of Surety stored.
    (
        "Could not check {machine}: its instance view comes from a list, which may lack the report of the "
        "machine’s agent"
    ),
    # The next sentence occurs only in findings that earlier versions of Surety stored.
    "The instance view of {machine} was not read from the machine itself",
    "The resource group {group} is managed by {manager} ({type}); a deny assignment refuses changes",
    # Only findings that earlier versions of Surety stored have the next remark.
    "The resource group {group} is managed by {manager} ({type}); changes are refused by its deny assignment",
    (
        "The resource group {group} is managed by {manager} ({type}); it is not known whether a deny "
        "assignment refuses changes: {cause}"
    ),
    "The resource group {group} is managed by {manager} ({type})",
    "Azure does not list the parameter {name}",
    "The severity is {words} instead of {words2}, because {terms}",
    "it has the tag {tag}",
)

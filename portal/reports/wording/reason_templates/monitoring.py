"""Templates of the sentences that controls of the section `monitoring` write."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = (
    "Kinds of events that no rule reports: {list}",
    "Alert rules report service issues only for these services or regions: {list}",
    # The next two remarks occur only in findings that earlier versions of Surety stored.
    "The alert rules report only events of these services or regions: {list}",
    "Rules report only events of some services or regions: {list}",
    "No alert rule reports problems of Azure services; the closest one is {rule}, but {terms}",
    "Surety does not know the kind of event {value} in the alert rule {rule}",
    "The action group has receivers: {terms}",
    "The alert rule {rule} reports {operation}, but the alert processing rule {by} removes its action groups",
    "No alert rule reports {operation}; the closest one is {rule}, but {words}",
    "No alert rule reports {operation}",
    "The alert rule itself has no action group: the alert processing rule {rule} adds action groups to its alerts",
    "The alert processing rule {rule} adds action groups to some alerts of the alert rule",
    (
        "The alert processing rule {rule} removes the action groups from some alerts of the alert rule, so these alerts"
        " notify nobody"
    ),
    # The next four remarks occur only in findings that earlier versions of Surety stored.
    "The alert processing rule {rule} adds the action groups",
    "The alert processing rule {rule} removes the action groups of some alerts of the alert rule",
    "The alert processing rule {rule} adds action groups to some of these alerts",
    "The alert processing rule {rule} removes the action groups of some of these alerts",
    "It is not known whether an alert processing rule suppresses the alert. {cause}",
    (
        "Rules in other subscriptions were not checked, because there are too many other subscriptions "
        "({number})"
    ),
    "The alert rule {rule} in subscription {subscription} reports the operation",
    "The alert rule {rule} reports the operation",
    "it is narrowed by {field}",
    "its category is {list}, not Administrative",
)

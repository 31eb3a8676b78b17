"""Templates of the sentences that controls of the section `logging` write."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = (
    "A flow log records traffic of the network, but it is not sent to a workspace, or it has a filter",
    "No enabled flow log records all traffic of the network",
    "No resource of a kind whose logs are judged",
    "The activity log is not written to a storage account",
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
)

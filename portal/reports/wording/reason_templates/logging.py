"""Templates of the sentences that controls of the section `logging` write."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = (
    "Categories not exported: {list}",
    "{setting} writes to a storage account that no longer exists: {sink}",
    "{setting} writes to a workspace that no longer exists: {sink}",
    "Azure Monitor cannot write to {sink}, a destination of {setting}: {words}",
    # The next remark occurs only in findings that earlier versions of Surety stored.
    "Azure Monitor cannot write to {sink} of {setting}: {words}",
    (
        "Management group {group} exports events of the subscription, but some events can be missing, because"
        " not every resource provider reports its events to management groups"
    ),
    # The next remark occurs only in findings that earlier versions of Surety stored.
    (
        "Management group {group} exports events of the subscription, but not those of resource providers "
        "that do not report them to the management group"
    ),
    "There is no network watcher in {region}, so no flow log is possible",
    "The flow log is kept for {number} days; {number2} are required",
    "A lifecycle rule deletes the flow log after {number} days; {number2} are required",
    "The flow log is kept for {number} days",
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
    "The storage account {sink} no longer exists",
    "The workspace {sink} no longer exists",
    "The activity log is kept for {number} days; {number2} are required",
    "The activity log is kept for {number} days",
    "The audit log is kept for {number} days; {number2} are required",
    "The audit log is kept for {number} days",
    "Not recorded: {list}",
)

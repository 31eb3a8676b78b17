"""List the words that `assessments.display.observed` puts between observed values, so that they are translated.

Words that another module of this package lists are not repeated.
"""

from __future__ import annotations

from typing import Final

PARTS: Final = (
    # Secrets and certificates of applications.
    "secret",
    "certificate",
    "ended",
    "ends soon",
    "valid for too long",
    "without an end",
    "yes",
    "no",
    "on",
    "off",
    "none",
    "not set",
    "not stored",
    "not known",
    "without limit",
    "unlimited",
    "not visible",
    "long ago",
    "recently",
    "everything",
    "storage",
    "workspace",
    "event hub",
    "partner",
    "database",
    "server",
    "no address of the Internet",
    "unknown: ",
    " with a public address: reachable from ",
    " without a public address: reachable from ",
    " through ",
    " (network security groups: ",
    " (network security group: ",
    " for ",
    ", can assign ",
    " (eligible)",
    "a role",
    " everywhere",
    " on ",
    ", through the group ",
    "management group ",
    "subscription ",
    "resource group ",
    "directory ",
    "IP version",
)

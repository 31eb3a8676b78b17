"""Locks, which keep resources from being deleted or changed."""

from __future__ import annotations

from assessments.estate.collection import Definition
from assessments.estate.collections.declare import arm, since
from assessments.estate.documented_codes import GENERAL

LOCKS = arm(
    "locks",
    "Microsoft.Authorization/locks@2020-05-01",
    "Locks",
    # The list of a subscription also has the locks of its resource groups and resources.
    spans_scopes=True,
    error_codes=GENERAL,
    **since(
        "2017-04-01",
        "resources/resource-manager/Microsoft.Authorization/locks/stable/2017-04-01/locks.json",
    ),
    definition=Definition(
        "ManagementLockObject",
        commit="cb9c962df23588a52798bba93f8bf02d9c2b9cab",
        file="resources/resource-manager/Microsoft.Authorization/locks/stable/2020-05-01/locks.json",
    ),
)

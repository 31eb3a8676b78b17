"""The licences of users in Microsoft Graph. Pure functions.

Source: https://learn.microsoft.com/graph/api/resources/assignedlicense
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def without_disabled_plans(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a user without the lists of services that are switched off in the user's licences. No control reads these
    lists.
    """
    licences = body.get("assignedLicenses")
    if not isinstance(licences, list):
        return body
    slim = [
        {key: value for key, value in licence.items() if key != "disabledPlans"}
        if isinstance(licence, Mapping)
        else licence
        for licence in licences
    ]
    return {**body, "assignedLicenses": slim}

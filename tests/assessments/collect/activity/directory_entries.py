"""Entries of a directory's audit log, like the examples of Microsoft Graph."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.assessments.collect import azure

NOW = datetime.now(UTC).replace(microsecond=0)
HOUR = timedelta(hours=1)
PERSON, GROUP, APP = (azure.guid(number) for number in (71, 72, 73))
USER = {
    "id": PERSON,
    "displayName": "Anna Berg",
    "userPrincipalName": "anna@contoso.com",
    "ipAddress": "192.0.2.9",
}


def entry(number: int, at: datetime = NOW - HOUR, **changes: Any) -> dict[str, Any]:
    """Return an entry like the example of https://learn.microsoft.com/graph/api/directoryaudit-list."""
    return {
        "id": f"Directory_{number}",
        "category": "GroupManagement",
        "correlationId": "DA159BFB-54fa-4092-8a38-6e1fa7870e30",
        "result": "success",
        "activityDisplayName": "Add member to group",
        "activityDateTime": f"{at:%Y-%m-%dT%H:%M:%S}.7215374Z",
        "initiatedBy": {"user": USER, "app": None},
        "targetResources": [
            {"id": GROUP, "displayName": "Admins", "type": "Group"},
            {"id": PERSON.upper(), "displayName": None, "type": "User"},
        ],
        **changes,
    }

"""Events of the activity log as Azure lists them, for tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

OBJECT = "http://schemas.microsoft.com/identity/claims/objectidentifier"
USER_NAME = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn"


def event(number: int, resource_id: str, at: datetime, **changes: Any) -> dict[str, Any]:
    """Return an event with the properties of the official example (Microsoft.Insights 2015-04-01,
    GetActivityLogsFiltered.json). `changes` replaces properties. The value None removes a property.
    """
    event_id = f"44ade6b4-3813-45e6-ae27-{number:012d}"
    found: dict[str, Any] = {
        "authorization": {"action": "Microsoft.Storage/storageAccounts/write", "scope": resource_id},
        "caller": "anna@contoso.com",
        "claims": {
            "name": "Anna Berg",
            USER_NAME: "anna@contoso.com",
            OBJECT: "2468ADF0-8211-44e3-95cc-85137af64708",
        },
        "correlationId": f"1e121103-0ba6-4300-ac9d-{number:012d}",
        "eventDataId": event_id,
        "eventName": {"value": "EndRequest", "localizedValue": "End request"},
        "httpRequest": {"clientIpAddress": "192.0.2.15", "method": "PUT"},
        "id": f"{resource_id}/events/{event_id}/ticks/635574752669792776",
        "level": "Informational",
        "resourceId": resource_id,
        "operationName": {"value": "Microsoft.Storage/storageAccounts/write", "localizedValue": "Write"},
        "status": {"value": "Succeeded", "localizedValue": "Succeeded"},
        "subStatus": {"value": "Created", "localizedValue": "Created (HTTP Status Code: 201)"},
        "eventTimestamp": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}7Z",
        "submissionTimestamp": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z",
    }
    for name, value in changes.items():
        if value is None:
            found.pop(name, None)
        else:
            found[name] = value
    return found

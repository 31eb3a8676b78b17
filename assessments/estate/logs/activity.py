"""Events of Azure's activity log or of a directory's audit log. An event says who did what to which resource."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

MAX_TEXT: Final = 256
MAX_ID: Final = 1024
"""The maximum length of a resource id in bytes. Real ids have up to about 700:
https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
"""


class ActorKind(StrEnum):
    """The kind of account that sent a request to Azure. UNKNOWN means that the event does not name the sender."""

    PERSON = "person"
    APPLICATION = "application"
    AZURE = "azure"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ActivityEvent:
    """An event about an operation that changed something.

    - `event_id`: unique in the subscription or directory
    - `operation`: the ARM action, such as `Microsoft.Network/networkSecurityGroups/securityRules/write`
    - `status`: `Succeeded` or `Accepted`
    - `actor`: a user name, or the id of an application or managed identity
    - `actor_name`: the name of the actor in the token; `object_id`: the id of the actor in the directory
    - `address`: the IP address of the request

    Missing values are empty. Only events of a directory's audit log have:

    - `target_name`: the name of the changed object if it is not a person
    - `properties`: the changed properties, up to a maximum number, as `modified_properties` of `assessments.collect`
      returns them; `property_count`: the number of all changed properties
    """

    event_id: str
    at: datetime
    resource_id: str
    operation: str
    status: str
    correlation_id: str
    actor_kind: ActorKind
    actor: str
    actor_name: str
    object_id: str
    address: str
    target_name: str = ""
    properties: Sequence[Mapping[str, Any]] = ()
    property_count: int = 0

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.ticket_system_kind_enum import TicketSystemKindEnum
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.add_ticket_system_request_credentials import (
        AddTicketSystemRequestCredentials,
    )
    from ..models.add_ticket_system_request_values import AddTicketSystemRequestValues


T = TypeVar("T", bound="AddTicketSystemRequest")


@_attrs_define
class AddTicketSystemRequest:
    """A new ticket system.

    Attributes:
        address (str): The base address of the system’s API
        kind (TicketSystemKindEnum):
        name (str):
        credentials (AddTicketSystemRequestCredentials | Unset): All secret values, or none. jira: token; servicenow:
            password; halopsa: client_secret; connectwise: private_key; autotask: secret; github: token
        project (str | Unset):  Default: ''.
        values (AddTicketSystemRequestValues | Unset): Values that are not secret. jira: email, issue_type; servicenow:
            user, close_code; halopsa: client_id, ticket_type, closed_status, open_status; connectwise: company, client_id,
            public_key; autotask: user, integration_code, queue, priority; github: none
    """

    address: str
    kind: TicketSystemKindEnum
    name: str
    credentials: AddTicketSystemRequestCredentials | Unset = UNSET
    project: str | Unset = ""
    values: AddTicketSystemRequestValues | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        address = self.address

        kind = self.kind.value

        name = self.name

        credentials: dict[str, Any] | Unset = UNSET
        if not isinstance(self.credentials, Unset):
            credentials = self.credentials.to_dict()

        project = self.project

        values: dict[str, Any] | Unset = UNSET
        if not isinstance(self.values, Unset):
            values = self.values.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "address": address,
                "kind": kind,
                "name": name,
            }
        )
        if credentials is not UNSET:
            field_dict["credentials"] = credentials
        if project is not UNSET:
            field_dict["project"] = project
        if values is not UNSET:
            field_dict["values"] = values

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.add_ticket_system_request_credentials import (
            AddTicketSystemRequestCredentials,
        )
        from ..models.add_ticket_system_request_values import (
            AddTicketSystemRequestValues,
        )

        d = dict(src_dict)
        address = d.pop("address")

        kind = TicketSystemKindEnum(d.pop("kind"))

        name = d.pop("name")

        _credentials = d.pop("credentials", UNSET)
        credentials: AddTicketSystemRequestCredentials | Unset
        if isinstance(_credentials, Unset):
            credentials = UNSET
        else:
            credentials = AddTicketSystemRequestCredentials.from_dict(_credentials)

        project = d.pop("project", UNSET)

        _values = d.pop("values", UNSET)
        values: AddTicketSystemRequestValues | Unset
        if isinstance(_values, Unset):
            values = UNSET
        else:
            values = AddTicketSystemRequestValues.from_dict(_values)

        add_ticket_system_request = cls(
            address=address,
            kind=kind,
            name=name,
            credentials=credentials,
            project=project,
            values=values,
        )

        add_ticket_system_request.additional_properties = d
        return add_ticket_system_request

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties

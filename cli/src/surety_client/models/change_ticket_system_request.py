from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.change_ticket_system_request_credentials import (
        ChangeTicketSystemRequestCredentials,
    )
    from ..models.change_ticket_system_request_values import (
        ChangeTicketSystemRequestValues,
    )


T = TypeVar("T", bound="ChangeTicketSystemRequest")


@_attrs_define
class ChangeTicketSystemRequest:
    """The new values. Fields that are left out do not change. If the address changes, all credentials are needed.

    Attributes:
        address (str | Unset):
        credentials (ChangeTicketSystemRequestCredentials | Unset): All secret values. jira: token; servicenow:
            password; halopsa: client_secret; connectwise: private_key; autotask: secret; github: token
        name (str | Unset):
        project (str | Unset):
        values (ChangeTicketSystemRequestValues | Unset): Values that are not secret. jira: email, issue_type;
            servicenow: user, close_code; halopsa: client_id, ticket_type, closed_status, open_status; connectwise: company,
            client_id, public_key; autotask: user, integration_code, queue, priority; github: none
    """

    address: str | Unset = UNSET
    credentials: ChangeTicketSystemRequestCredentials | Unset = UNSET
    name: str | Unset = UNSET
    project: str | Unset = UNSET
    values: ChangeTicketSystemRequestValues | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        address = self.address

        credentials: dict[str, Any] | Unset = UNSET
        if not isinstance(self.credentials, Unset):
            credentials = self.credentials.to_dict()

        name = self.name

        project = self.project

        values: dict[str, Any] | Unset = UNSET
        if not isinstance(self.values, Unset):
            values = self.values.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if address is not UNSET:
            field_dict["address"] = address
        if credentials is not UNSET:
            field_dict["credentials"] = credentials
        if name is not UNSET:
            field_dict["name"] = name
        if project is not UNSET:
            field_dict["project"] = project
        if values is not UNSET:
            field_dict["values"] = values

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.change_ticket_system_request_credentials import (
            ChangeTicketSystemRequestCredentials,
        )
        from ..models.change_ticket_system_request_values import (
            ChangeTicketSystemRequestValues,
        )

        d = dict(src_dict)
        address = d.pop("address", UNSET)

        _credentials = d.pop("credentials", UNSET)
        credentials: ChangeTicketSystemRequestCredentials | Unset
        if isinstance(_credentials, Unset):
            credentials = UNSET
        else:
            credentials = ChangeTicketSystemRequestCredentials.from_dict(_credentials)

        name = d.pop("name", UNSET)

        project = d.pop("project", UNSET)

        _values = d.pop("values", UNSET)
        values: ChangeTicketSystemRequestValues | Unset
        if isinstance(_values, Unset):
            values = UNSET
        else:
            values = ChangeTicketSystemRequestValues.from_dict(_values)

        change_ticket_system_request = cls(
            address=address,
            credentials=credentials,
            name=name,
            project=project,
            values=values,
        )

        change_ticket_system_request.additional_properties = d
        return change_ticket_system_request

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

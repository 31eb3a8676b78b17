from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.ticket_system_kind_enum import TicketSystemKindEnum

if TYPE_CHECKING:
    from ..models.ticket_system_values import TicketSystemValues


T = TypeVar("T", bound="TicketSystem")


@_attrs_define
class TicketSystem:
    """A ticket system. Its credentials are never sent.

    Attributes:
        address (str):
        created_at (datetime.datetime):
        has_credentials (bool):
        id (UUID):
        is_enabled (bool):
        kind (TicketSystemKindEnum):
        name (str):
        project (str): The default project: Surety opens the tickets of a customer there if the customer has no project
            of its own
        values (TicketSystemValues): Values that are not secret
    """

    address: str
    created_at: datetime.datetime
    has_credentials: bool
    id: UUID
    is_enabled: bool
    kind: TicketSystemKindEnum
    name: str
    project: str
    values: TicketSystemValues
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        address = self.address

        created_at = self.created_at.isoformat()

        has_credentials = self.has_credentials

        id = str(self.id)

        is_enabled = self.is_enabled

        kind = self.kind.value

        name = self.name

        project = self.project

        values = self.values.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "address": address,
                "created_at": created_at,
                "has_credentials": has_credentials,
                "id": id,
                "is_enabled": is_enabled,
                "kind": kind,
                "name": name,
                "project": project,
                "values": values,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.ticket_system_values import TicketSystemValues

        d = dict(src_dict)
        address = d.pop("address")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        has_credentials = d.pop("has_credentials")

        id = UUID(d.pop("id"))

        is_enabled = d.pop("is_enabled")

        kind = TicketSystemKindEnum(d.pop("kind"))

        name = d.pop("name")

        project = d.pop("project")

        values = TicketSystemValues.from_dict(d.pop("values"))

        ticket_system = cls(
            address=address,
            created_at=created_at,
            has_credentials=has_credentials,
            id=id,
            is_enabled=is_enabled,
            kind=kind,
            name=name,
            project=project,
            values=values,
        )

        ticket_system.additional_properties = d
        return ticket_system

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

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.ticket_system_kind_enum import TicketSystemKindEnum
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.ticket_system_fields_values import TicketSystemFieldsValues


T = TypeVar("T", bound="TicketSystemFields")


@_attrs_define
class TicketSystemFields:
    """The fields of TicketSystem that the parameter `fields` names

    Attributes:
        address (str | Unset):
        created_at (datetime.datetime | Unset):
        has_credentials (bool | Unset):
        id (UUID | Unset):
        is_enabled (bool | Unset):
        kind (TicketSystemKindEnum | Unset):
        name (str | Unset):
        project (str | Unset): The default project: Surety opens the tickets of a customer there if the customer has no
            project of its own
        values (TicketSystemFieldsValues | Unset): Values that are not secret
    """

    address: str | Unset = UNSET
    created_at: datetime.datetime | Unset = UNSET
    has_credentials: bool | Unset = UNSET
    id: UUID | Unset = UNSET
    is_enabled: bool | Unset = UNSET
    kind: TicketSystemKindEnum | Unset = UNSET
    name: str | Unset = UNSET
    project: str | Unset = UNSET
    values: TicketSystemFieldsValues | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        address = self.address

        created_at: str | Unset = UNSET
        if not isinstance(self.created_at, Unset):
            created_at = self.created_at.isoformat()

        has_credentials = self.has_credentials

        id: str | Unset = UNSET
        if not isinstance(self.id, Unset):
            id = str(self.id)

        is_enabled = self.is_enabled

        kind: str | Unset = UNSET
        if not isinstance(self.kind, Unset):
            kind = self.kind.value

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
        if created_at is not UNSET:
            field_dict["created_at"] = created_at
        if has_credentials is not UNSET:
            field_dict["has_credentials"] = has_credentials
        if id is not UNSET:
            field_dict["id"] = id
        if is_enabled is not UNSET:
            field_dict["is_enabled"] = is_enabled
        if kind is not UNSET:
            field_dict["kind"] = kind
        if name is not UNSET:
            field_dict["name"] = name
        if project is not UNSET:
            field_dict["project"] = project
        if values is not UNSET:
            field_dict["values"] = values

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.ticket_system_fields_values import TicketSystemFieldsValues

        d = dict(src_dict)
        address = d.pop("address", UNSET)

        _created_at = d.pop("created_at", UNSET)
        created_at: datetime.datetime | Unset
        if isinstance(_created_at, Unset):
            created_at = UNSET
        else:
            created_at = datetime.datetime.fromisoformat(_created_at)

        has_credentials = d.pop("has_credentials", UNSET)

        _id = d.pop("id", UNSET)
        id: UUID | Unset
        if isinstance(_id, Unset):
            id = UNSET
        else:
            id = UUID(_id)

        is_enabled = d.pop("is_enabled", UNSET)

        _kind = d.pop("kind", UNSET)
        kind: TicketSystemKindEnum | Unset
        if isinstance(_kind, Unset):
            kind = UNSET
        else:
            kind = TicketSystemKindEnum(_kind)

        name = d.pop("name", UNSET)

        project = d.pop("project", UNSET)

        _values = d.pop("values", UNSET)
        values: TicketSystemFieldsValues | Unset
        if isinstance(_values, Unset):
            values = UNSET
        else:
            values = TicketSystemFieldsValues.from_dict(_values)

        ticket_system_fields = cls(
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

        ticket_system_fields.additional_properties = d
        return ticket_system_fields

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

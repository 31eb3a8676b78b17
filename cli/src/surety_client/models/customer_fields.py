from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.capabilities_enum import CapabilitiesEnum
from ..types import UNSET, Unset

T = TypeVar("T", bound="CustomerFields")


@_attrs_define
class CustomerFields:
    """The fields of Customer that the parameter `fields` names

    Attributes:
        archived_at (datetime.datetime | None | Unset):
        capabilities (list[CapabilitiesEnum] | Unset): What the token may do for this customer
        id (UUID | Unset):
        labels (list[str] | Unset):
        name (str | Unset):
        organization (str | Unset): The short name of the organization
        short_name (str | Unset): The name in addresses
        time_zone (str | Unset):
    """

    archived_at: datetime.datetime | None | Unset = UNSET
    capabilities: list[CapabilitiesEnum] | Unset = UNSET
    id: UUID | Unset = UNSET
    labels: list[str] | Unset = UNSET
    name: str | Unset = UNSET
    organization: str | Unset = UNSET
    short_name: str | Unset = UNSET
    time_zone: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        archived_at: None | str | Unset
        if isinstance(self.archived_at, Unset):
            archived_at = UNSET
        elif isinstance(self.archived_at, datetime.datetime):
            archived_at = self.archived_at.isoformat()
        else:
            archived_at = self.archived_at

        capabilities: list[str] | Unset = UNSET
        if not isinstance(self.capabilities, Unset):
            capabilities = []
            for capabilities_item_data in self.capabilities:
                capabilities_item = capabilities_item_data.value
                capabilities.append(capabilities_item)

        id: str | Unset = UNSET
        if not isinstance(self.id, Unset):
            id = str(self.id)

        labels: list[str] | Unset = UNSET
        if not isinstance(self.labels, Unset):
            labels = self.labels

        name = self.name

        organization = self.organization

        short_name = self.short_name

        time_zone = self.time_zone

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if archived_at is not UNSET:
            field_dict["archived_at"] = archived_at
        if capabilities is not UNSET:
            field_dict["capabilities"] = capabilities
        if id is not UNSET:
            field_dict["id"] = id
        if labels is not UNSET:
            field_dict["labels"] = labels
        if name is not UNSET:
            field_dict["name"] = name
        if organization is not UNSET:
            field_dict["organization"] = organization
        if short_name is not UNSET:
            field_dict["short_name"] = short_name
        if time_zone is not UNSET:
            field_dict["time_zone"] = time_zone

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)

        def _parse_archived_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                archived_at_type_0 = datetime.datetime.fromisoformat(data)

                return archived_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        archived_at = _parse_archived_at(d.pop("archived_at", UNSET))

        _capabilities = d.pop("capabilities", UNSET)
        capabilities: list[CapabilitiesEnum] | Unset = UNSET
        if _capabilities is not UNSET:
            capabilities = []
            for capabilities_item_data in _capabilities:
                capabilities_item = CapabilitiesEnum(capabilities_item_data)

                capabilities.append(capabilities_item)

        _id = d.pop("id", UNSET)
        id: UUID | Unset
        if isinstance(_id, Unset):
            id = UNSET
        else:
            id = UUID(_id)

        labels = cast(list[str], d.pop("labels", UNSET))

        name = d.pop("name", UNSET)

        organization = d.pop("organization", UNSET)

        short_name = d.pop("short_name", UNSET)

        time_zone = d.pop("time_zone", UNSET)

        customer_fields = cls(
            archived_at=archived_at,
            capabilities=capabilities,
            id=id,
            labels=labels,
            name=name,
            organization=organization,
            short_name=short_name,
            time_zone=time_zone,
        )

        customer_fields.additional_properties = d
        return customer_fields

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

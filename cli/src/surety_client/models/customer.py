from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.capabilities_enum import CapabilitiesEnum

T = TypeVar("T", bound="Customer")


@_attrs_define
class Customer:
    """A customer to which the token gives access.

    Attributes:
        archived_at (datetime.datetime | None):
        capabilities (list[CapabilitiesEnum]): What the token may do for this customer
        id (UUID):
        labels (list[str]):
        name (str):
        organization (str): The short name of the organization
        short_name (str): The name in addresses
        time_zone (str):
    """

    archived_at: datetime.datetime | None
    capabilities: list[CapabilitiesEnum]
    id: UUID
    labels: list[str]
    name: str
    organization: str
    short_name: str
    time_zone: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        archived_at: None | str
        if isinstance(self.archived_at, datetime.datetime):
            archived_at = self.archived_at.isoformat()
        else:
            archived_at = self.archived_at

        capabilities = []
        for capabilities_item_data in self.capabilities:
            capabilities_item = capabilities_item_data.value
            capabilities.append(capabilities_item)

        id = str(self.id)

        labels = self.labels

        name = self.name

        organization = self.organization

        short_name = self.short_name

        time_zone = self.time_zone

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "archived_at": archived_at,
                "capabilities": capabilities,
                "id": id,
                "labels": labels,
                "name": name,
                "organization": organization,
                "short_name": short_name,
                "time_zone": time_zone,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)

        def _parse_archived_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                archived_at_type_0 = datetime.datetime.fromisoformat(data)

                return archived_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        archived_at = _parse_archived_at(d.pop("archived_at"))

        capabilities = []
        _capabilities = d.pop("capabilities")
        for capabilities_item_data in _capabilities:
            capabilities_item = CapabilitiesEnum(capabilities_item_data)

            capabilities.append(capabilities_item)

        id = UUID(d.pop("id"))

        labels = cast(list[str], d.pop("labels"))

        name = d.pop("name")

        organization = d.pop("organization")

        short_name = d.pop("short_name")

        time_zone = d.pop("time_zone")

        customer = cls(
            archived_at=archived_at,
            capabilities=capabilities,
            id=id,
            labels=labels,
            name=name,
            organization=organization,
            short_name=short_name,
            time_zone=time_zone,
        )

        customer.additional_properties = d
        return customer

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

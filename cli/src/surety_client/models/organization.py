from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="Organization")


@_attrs_define
class Organization:
    """An organization to which the token gives access.

    Attributes:
        capabilities (list[str]): The rights of the token for the whole organization
        created_at (datetime.datetime):
        id (UUID):
        name (str):
        short_name (str): The name in addresses
        time_zone (str):
    """

    capabilities: list[str]
    created_at: datetime.datetime
    id: UUID
    name: str
    short_name: str
    time_zone: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        capabilities = self.capabilities

        created_at = self.created_at.isoformat()

        id = str(self.id)

        name = self.name

        short_name = self.short_name

        time_zone = self.time_zone

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "capabilities": capabilities,
                "created_at": created_at,
                "id": id,
                "name": name,
                "short_name": short_name,
                "time_zone": time_zone,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        capabilities = cast(list[str], d.pop("capabilities"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        id = UUID(d.pop("id"))

        name = d.pop("name")

        short_name = d.pop("short_name")

        time_zone = d.pop("time_zone")

        organization = cls(
            capabilities=capabilities,
            created_at=created_at,
            id=id,
            name=name,
            short_name=short_name,
            time_zone=time_zone,
        )

        organization.additional_properties = d
        return organization

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

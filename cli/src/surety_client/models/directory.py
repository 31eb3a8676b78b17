from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="Directory")


@_attrs_define
class Directory:
    """An Entra directory of a customer.

    Attributes:
        cloud (str): The name of an Azure cloud, such as AzureCloud, or `custom` for other clouds
        created_at (datetime.datetime):
        directory_id (str): Entra calls it “Tenant ID”
        id (UUID):
        name (str):
    """

    cloud: str
    created_at: datetime.datetime
    directory_id: str
    id: UUID
    name: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        cloud = self.cloud

        created_at = self.created_at.isoformat()

        directory_id = self.directory_id

        id = str(self.id)

        name = self.name

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "cloud": cloud,
                "created_at": created_at,
                "directory_id": directory_id,
                "id": id,
                "name": name,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        cloud = d.pop("cloud")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        directory_id = d.pop("directory_id")

        id = UUID(d.pop("id"))

        name = d.pop("name")

        directory = cls(
            cloud=cloud,
            created_at=created_at,
            directory_id=directory_id,
            id=id,
            name=name,
        )

        directory.additional_properties = d
        return directory

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

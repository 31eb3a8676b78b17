from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="DirectoryFields")


@_attrs_define
class DirectoryFields:
    """The fields of Directory that the parameter `fields` names

    Attributes:
        cloud (str | Unset): The name of an Azure cloud, such as AzureCloud, or `custom` for other clouds
        created_at (datetime.datetime | Unset):
        directory_id (str | Unset): Entra calls it “Tenant ID”
        id (UUID | Unset):
        name (str | Unset):
    """

    cloud: str | Unset = UNSET
    created_at: datetime.datetime | Unset = UNSET
    directory_id: str | Unset = UNSET
    id: UUID | Unset = UNSET
    name: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        cloud = self.cloud

        created_at: str | Unset = UNSET
        if not isinstance(self.created_at, Unset):
            created_at = self.created_at.isoformat()

        directory_id = self.directory_id

        id: str | Unset = UNSET
        if not isinstance(self.id, Unset):
            id = str(self.id)

        name = self.name

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if cloud is not UNSET:
            field_dict["cloud"] = cloud
        if created_at is not UNSET:
            field_dict["created_at"] = created_at
        if directory_id is not UNSET:
            field_dict["directory_id"] = directory_id
        if id is not UNSET:
            field_dict["id"] = id
        if name is not UNSET:
            field_dict["name"] = name

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        cloud = d.pop("cloud", UNSET)

        _created_at = d.pop("created_at", UNSET)
        created_at: datetime.datetime | Unset
        if isinstance(_created_at, Unset):
            created_at = UNSET
        else:
            created_at = datetime.datetime.fromisoformat(_created_at)

        directory_id = d.pop("directory_id", UNSET)

        _id = d.pop("id", UNSET)
        id: UUID | Unset
        if isinstance(_id, Unset):
            id = UNSET
        else:
            id = UUID(_id)

        name = d.pop("name", UNSET)

        directory_fields = cls(
            cloud=cloud,
            created_at=created_at,
            directory_id=directory_id,
            id=id,
            name=name,
        )

        directory_fields.additional_properties = d
        return directory_fields

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

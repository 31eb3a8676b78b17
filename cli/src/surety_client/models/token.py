from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.capabilities_enum import CapabilitiesEnum

T = TypeVar("T", bound="Token")


@_attrs_define
class Token:
    """The token with which a request was sent.

    Attributes:
        capabilities (list[CapabilitiesEnum]):
        email (str):
        expires_at (datetime.datetime):
        name (str):
        person (str): The name of the person or service account of the token
    """

    capabilities: list[CapabilitiesEnum]
    email: str
    expires_at: datetime.datetime
    name: str
    person: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        capabilities = []
        for capabilities_item_data in self.capabilities:
            capabilities_item = capabilities_item_data.value
            capabilities.append(capabilities_item)

        email = self.email

        expires_at = self.expires_at.isoformat()

        name = self.name

        person = self.person

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "capabilities": capabilities,
                "email": email,
                "expires_at": expires_at,
                "name": name,
                "person": person,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        capabilities = []
        _capabilities = d.pop("capabilities")
        for capabilities_item_data in _capabilities:
            capabilities_item = CapabilitiesEnum(capabilities_item_data)

            capabilities.append(capabilities_item)

        email = d.pop("email")

        expires_at = datetime.datetime.fromisoformat(d.pop("expires_at"))

        name = d.pop("name")

        person = d.pop("person")

        token = cls(
            capabilities=capabilities,
            email=email,
            expires_at=expires_at,
            name=name,
            person=person,
        )

        token.additional_properties = d
        return token

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

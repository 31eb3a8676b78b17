from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="Candidate")


@_attrs_define
class Candidate:
    """An operation that may have made the change.

    Attributes:
        actor (str): Who acted, by name
        actor_id (str): The user name or id as Azure returns it
        address (str): The IP address
        at (datetime.datetime):
        operation (str):
    """

    actor: str
    actor_id: str
    address: str
    at: datetime.datetime
    operation: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        actor = self.actor

        actor_id = self.actor_id

        address = self.address

        at = self.at.isoformat()

        operation = self.operation

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "actor": actor,
                "actor_id": actor_id,
                "address": address,
                "at": at,
                "operation": operation,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        actor = d.pop("actor")

        actor_id = d.pop("actor_id")

        address = d.pop("address")

        at = datetime.datetime.fromisoformat(d.pop("at"))

        operation = d.pop("operation")

        candidate = cls(
            actor=actor,
            actor_id=actor_id,
            address=address,
            at=at,
            operation=operation,
        )

        candidate.additional_properties = d
        return candidate

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

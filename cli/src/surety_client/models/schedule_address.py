from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ScheduleAddress")


@_attrs_define
class ScheduleAddress:
    """The address of a recipient without an account.

    Attributes:
        address (str):
        is_confirmed (bool): Whether an administrator has confirmed the address; in a schedule of the organization, for
            all its customers. Surety sends a report only to addresses that are confirmed for this report
    """

    address: str
    is_confirmed: bool
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        address = self.address

        is_confirmed = self.is_confirmed

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "address": address,
                "is_confirmed": is_confirmed,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        address = d.pop("address")

        is_confirmed = d.pop("is_confirmed")

        schedule_address = cls(
            address=address,
            is_confirmed=is_confirmed,
        )

        schedule_address.additional_properties = d
        return schedule_address

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

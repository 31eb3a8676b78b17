from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="Deviation")


@_attrs_define
class Deviation:
    """A setting of a customer that differs from its baseline.

    Attributes:
        baseline (UUID):
        customer (str):
        setting (str):
        value (Any): The customer's value; null for a channel, because a channel has secrets
        wanted (Any): The value of the baseline; null for a channel
    """

    baseline: UUID
    customer: str
    setting: str
    value: Any
    wanted: Any
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        baseline = str(self.baseline)

        customer = self.customer

        setting = self.setting

        value = self.value

        wanted = self.wanted

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "baseline": baseline,
                "customer": customer,
                "setting": setting,
                "value": value,
                "wanted": wanted,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        baseline = UUID(d.pop("baseline"))

        customer = d.pop("customer")

        setting = d.pop("setting")

        value = d.pop("value")

        wanted = d.pop("wanted")

        deviation = cls(
            baseline=baseline,
            customer=customer,
            setting=setting,
            value=value,
            wanted=wanted,
        )

        deviation.additional_properties = d
        return deviation

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

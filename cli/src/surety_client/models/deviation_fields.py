from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="DeviationFields")


@_attrs_define
class DeviationFields:
    """The fields of Deviation that the parameter `fields` names

    Attributes:
        baseline (UUID | Unset):
        customer (str | Unset):
        setting (str | Unset):
        value (Any | Unset): The customer's value; null for a channel, because a channel has secrets
        wanted (Any | Unset): The value of the baseline; null for a channel
    """

    baseline: UUID | Unset = UNSET
    customer: str | Unset = UNSET
    setting: str | Unset = UNSET
    value: Any | Unset = UNSET
    wanted: Any | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        baseline: str | Unset = UNSET
        if not isinstance(self.baseline, Unset):
            baseline = str(self.baseline)

        customer = self.customer

        setting = self.setting

        value = self.value

        wanted = self.wanted

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if baseline is not UNSET:
            field_dict["baseline"] = baseline
        if customer is not UNSET:
            field_dict["customer"] = customer
        if setting is not UNSET:
            field_dict["setting"] = setting
        if value is not UNSET:
            field_dict["value"] = value
        if wanted is not UNSET:
            field_dict["wanted"] = wanted

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        _baseline = d.pop("baseline", UNSET)
        baseline: UUID | Unset
        if isinstance(_baseline, Unset):
            baseline = UNSET
        else:
            baseline = UUID(_baseline)

        customer = d.pop("customer", UNSET)

        setting = d.pop("setting", UNSET)

        value = d.pop("value", UNSET)

        wanted = d.pop("wanted", UNSET)

        deviation_fields = cls(
            baseline=baseline,
            customer=customer,
            setting=setting,
            value=value,
            wanted=wanted,
        )

        deviation_fields.additional_properties = d
        return deviation_fields

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

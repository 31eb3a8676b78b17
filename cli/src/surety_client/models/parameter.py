from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="Parameter")


@_attrs_define
class Parameter:
    """A parameter of a control whose value the customer has changed.

    Attributes:
        control (str):
        default (Any): The value of the catalogue
        parameter (str):
        value (Any): The customer's value. It has the same type as the default
    """

    control: str
    default: Any
    parameter: str
    value: Any
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        control = self.control

        default = self.default

        parameter = self.parameter

        value = self.value

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "control": control,
                "default": default,
                "parameter": parameter,
                "value": value,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        control = d.pop("control")

        default = d.pop("default")

        parameter = d.pop("parameter")

        value = d.pop("value")

        parameter = cls(
            control=control,
            default=default,
            parameter=parameter,
            value=value,
        )

        parameter.additional_properties = d
        return parameter

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

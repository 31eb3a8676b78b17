from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.values_request_values import ValuesRequestValues


T = TypeVar("T", bound="ValuesRequest")


@_attrs_define
class ValuesRequest:
    """The values of a control's parameters.

    Attributes:
        values (ValuesRequestValues): An object that maps the name of each parameter to its value. Parameters that are
            left out get their default value
    """

    values: ValuesRequestValues
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        values = self.values.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "values": values,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.values_request_values import ValuesRequestValues

        d = dict(src_dict)
        values = ValuesRequestValues.from_dict(d.pop("values"))

        values_request = cls(
            values=values,
        )

        values_request.additional_properties = d
        return values_request

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

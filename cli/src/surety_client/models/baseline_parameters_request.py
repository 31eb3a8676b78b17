from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.baseline_parameters_request_values_type_0 import (
        BaselineParametersRequestValuesType0,
    )


T = TypeVar("T", bound="BaselineParametersRequest")


@_attrs_define
class BaselineParametersRequest:
    """Parameters of a control.

    Attributes:
        control (str):
        values (BaselineParametersRequestValuesType0 | None): The values, by the name of the parameter. Parameters that
            are left out get their default. Null if each customer sets its own values
    """

    control: str
    values: BaselineParametersRequestValuesType0 | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.baseline_parameters_request_values_type_0 import (
            BaselineParametersRequestValuesType0,
        )

        control = self.control

        values: dict[str, Any] | None
        if isinstance(self.values, BaselineParametersRequestValuesType0):
            values = self.values.to_dict()
        else:
            values = self.values

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "control": control,
                "values": values,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.baseline_parameters_request_values_type_0 import (
            BaselineParametersRequestValuesType0,
        )

        d = dict(src_dict)
        control = d.pop("control")

        def _parse_values(data: object) -> BaselineParametersRequestValuesType0 | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                values_type_0 = BaselineParametersRequestValuesType0.from_dict(data)

                return values_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(BaselineParametersRequestValuesType0 | None, data)

        values = _parse_values(d.pop("values"))

        baseline_parameters_request = cls(
            control=control,
            values=values,
        )

        baseline_parameters_request.additional_properties = d
        return baseline_parameters_request

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

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.switch_own_control_state_enum import SwitchOwnControlStateEnum
from ..types import UNSET, Unset

T = TypeVar("T", bound="SwitchOwnControlRequest")


@_attrs_define
class SwitchOwnControlRequest:
    """The new state of a control.

    Attributes:
        state (SwitchOwnControlStateEnum):
        reason (str | Unset): The reason, which reports show; required for the states `off` and `retired`
    """

    state: SwitchOwnControlStateEnum
    reason: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        state = self.state.value

        reason = self.reason

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "state": state,
            }
        )
        if reason is not UNSET:
            field_dict["reason"] = reason

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        state = SwitchOwnControlStateEnum(d.pop("state"))

        reason = d.pop("reason", UNSET)

        switch_own_control_request = cls(
            state=state,
            reason=reason,
        )

        switch_own_control_request.additional_properties = d
        return switch_own_control_request

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

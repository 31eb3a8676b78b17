from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.severity_enum import SeverityEnum
from ..types import UNSET, Unset

T = TypeVar("T", bound="SetShippedWatchRuleRequest")


@_attrs_define
class SetShippedWatchRuleRequest:
    """The new values. Fields that are left out do not change.

    Attributes:
        is_enabled (bool | Unset):
        severity (SeverityEnum | Unset):
    """

    is_enabled: bool | Unset = UNSET
    severity: SeverityEnum | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        is_enabled = self.is_enabled

        severity: str | Unset = UNSET
        if not isinstance(self.severity, Unset):
            severity = self.severity.value

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if is_enabled is not UNSET:
            field_dict["is_enabled"] = is_enabled
        if severity is not UNSET:
            field_dict["severity"] = severity

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        is_enabled = d.pop("is_enabled", UNSET)

        _severity = d.pop("severity", UNSET)
        severity: SeverityEnum | Unset
        if isinstance(_severity, Unset):
            severity = UNSET
        else:
            severity = SeverityEnum(_severity)

        set_shipped_watch_rule_request = cls(
            is_enabled=is_enabled,
            severity=severity,
        )

        set_shipped_watch_rule_request.additional_properties = d
        return set_shipped_watch_rule_request

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

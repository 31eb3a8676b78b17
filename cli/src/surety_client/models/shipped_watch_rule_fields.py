from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.severity_enum import SeverityEnum
from ..types import UNSET, Unset

T = TypeVar("T", bound="ShippedWatchRuleFields")


@_attrs_define
class ShippedWatchRuleFields:
    """The fields of ShippedWatchRule that the parameter `fields` names

    Attributes:
        is_enabled (bool | Unset):
        name (str | Unset):
        rule (str | Unset):
        severity (SeverityEnum | Unset):
        why (str | Unset):
    """

    is_enabled: bool | Unset = UNSET
    name: str | Unset = UNSET
    rule: str | Unset = UNSET
    severity: SeverityEnum | Unset = UNSET
    why: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        is_enabled = self.is_enabled

        name = self.name

        rule = self.rule

        severity: str | Unset = UNSET
        if not isinstance(self.severity, Unset):
            severity = self.severity.value

        why = self.why

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if is_enabled is not UNSET:
            field_dict["is_enabled"] = is_enabled
        if name is not UNSET:
            field_dict["name"] = name
        if rule is not UNSET:
            field_dict["rule"] = rule
        if severity is not UNSET:
            field_dict["severity"] = severity
        if why is not UNSET:
            field_dict["why"] = why

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        is_enabled = d.pop("is_enabled", UNSET)

        name = d.pop("name", UNSET)

        rule = d.pop("rule", UNSET)

        _severity = d.pop("severity", UNSET)
        severity: SeverityEnum | Unset
        if isinstance(_severity, Unset):
            severity = UNSET
        else:
            severity = SeverityEnum(_severity)

        why = d.pop("why", UNSET)

        shipped_watch_rule_fields = cls(
            is_enabled=is_enabled,
            name=name,
            rule=rule,
            severity=severity,
            why=why,
        )

        shipped_watch_rule_fields.additional_properties = d
        return shipped_watch_rule_fields

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

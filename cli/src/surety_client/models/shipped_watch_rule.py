from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.severity_enum import SeverityEnum

T = TypeVar("T", bound="ShippedWatchRule")


@_attrs_define
class ShippedWatchRule:
    """A rule that every customer has.

    Attributes:
        is_enabled (bool):
        name (str):
        rule (str):
        severity (SeverityEnum):
        why (str):
    """

    is_enabled: bool
    name: str
    rule: str
    severity: SeverityEnum
    why: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        is_enabled = self.is_enabled

        name = self.name

        rule = self.rule

        severity = self.severity.value

        why = self.why

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "is_enabled": is_enabled,
                "name": name,
                "rule": rule,
                "severity": severity,
                "why": why,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        is_enabled = d.pop("is_enabled")

        name = d.pop("name")

        rule = d.pop("rule")

        severity = SeverityEnum(d.pop("severity"))

        why = d.pop("why")

        shipped_watch_rule = cls(
            is_enabled=is_enabled,
            name=name,
            rule=rule,
            severity=severity,
            why=why,
        )

        shipped_watch_rule.additional_properties = d
        return shipped_watch_rule

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

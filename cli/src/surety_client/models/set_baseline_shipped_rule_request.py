from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.rule_enum import RuleEnum
from ..models.severity_enum import SeverityEnum

T = TypeVar("T", bound="SetBaselineShippedRuleRequest")


@_attrs_define
class SetBaselineShippedRuleRequest:
    """The settings of a baseline for a watch rule that every customer has.

    Attributes:
        is_enabled (bool | None): Null if each customer sets it
        rule (RuleEnum):
        severity (SeverityEnum):
    """

    is_enabled: bool | None
    rule: RuleEnum
    severity: SeverityEnum
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        is_enabled: bool | None
        is_enabled = self.is_enabled

        rule = self.rule.value

        severity = self.severity.value

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "is_enabled": is_enabled,
                "rule": rule,
                "severity": severity,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)

        def _parse_is_enabled(data: object) -> bool | None:
            if data is None:
                return data
            return cast(bool | None, data)

        is_enabled = _parse_is_enabled(d.pop("is_enabled"))

        rule = RuleEnum(d.pop("rule"))

        severity = SeverityEnum(d.pop("severity"))

        set_baseline_shipped_rule_request = cls(
            is_enabled=is_enabled,
            rule=rule,
            severity=severity,
        )

        set_baseline_shipped_rule_request.additional_properties = d
        return set_baseline_shipped_rule_request

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

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.severity_enum import SeverityEnum

T = TypeVar("T", bound="SeverityChange")


@_attrs_define
class SeverityChange:
    """Findings that would change from one severity to another.

    Attributes:
        after (SeverityEnum):
        before (SeverityEnum):
        findings (int):
    """

    after: SeverityEnum
    before: SeverityEnum
    findings: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        after = self.after.value

        before = self.before.value

        findings = self.findings

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "after": after,
                "before": before,
                "findings": findings,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        after = SeverityEnum(d.pop("after"))

        before = SeverityEnum(d.pop("before"))

        findings = d.pop("findings")

        severity_change = cls(
            after=after,
            before=before,
            findings=findings,
        )

        severity_change.additional_properties = d
        return severity_change

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

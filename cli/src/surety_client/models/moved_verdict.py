from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="MovedVerdict")


@_attrs_define
class MovedVerdict:
    """A finding of the resource, and the change of its verdict.

    Attributes:
        after (str):
        before (str): Empty for a new finding
        control (str):
        finding (str):
        severity (str):
    """

    after: str
    before: str
    control: str
    finding: str
    severity: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        after = self.after

        before = self.before

        control = self.control

        finding = self.finding

        severity = self.severity

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "after": after,
                "before": before,
                "control": control,
                "finding": finding,
                "severity": severity,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        after = d.pop("after")

        before = d.pop("before")

        control = d.pop("control")

        finding = d.pop("finding")

        severity = d.pop("severity")

        moved_verdict = cls(
            after=after,
            before=before,
            control=control,
            finding=finding,
            severity=severity,
        )

        moved_verdict.additional_properties = d
        return moved_verdict

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

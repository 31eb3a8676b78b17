from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.step_enum import StepEnum
from ..models.when_enum import WhenEnum
from ..types import UNSET, Unset

T = TypeVar("T", bound="SeverityRuleRequest")


@_attrs_define
class SeverityRuleRequest:
    """A rule that changes the severity of failures, depending on the context of the failing resource.

    Attributes:
        step (StepEnum):
        when (WhenEnum):
        tag (str | Unset): The name of the tag; required for the condition `tag`
        values (list[str] | Unset): Values of the tag. The tag of the resource must have one of these values. Without
            this field, any value matches
    """

    step: StepEnum
    when: WhenEnum
    tag: str | Unset = UNSET
    values: list[str] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        step = self.step.value

        when = self.when.value

        tag = self.tag

        values: list[str] | Unset = UNSET
        if not isinstance(self.values, Unset):
            values = self.values

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "step": step,
                "when": when,
            }
        )
        if tag is not UNSET:
            field_dict["tag"] = tag
        if values is not UNSET:
            field_dict["values"] = values

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        step = StepEnum(d.pop("step"))

        when = WhenEnum(d.pop("when"))

        tag = d.pop("tag", UNSET)

        values = cast(list[str], d.pop("values", UNSET))

        severity_rule_request = cls(
            step=step,
            when=when,
            tag=tag,
            values=values,
        )

        severity_rule_request.additional_properties = d
        return severity_rule_request

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

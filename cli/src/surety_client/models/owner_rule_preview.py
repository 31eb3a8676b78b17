from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="OwnerRulePreview")


@_attrs_define
class OwnerRulePreview:
    """How many findings match the rule now: those that the rule assigns, and those that keep their owner.

    Attributes:
        count (int): The number of findings that the rule would assign or has already assigned
        earlier (int): The number of matching findings that an earlier rule assigns
        kept (int): The number of matching findings that people assigned. The rule does not change their owner
        taken_from_others (int): The number of findings in `count` that another rule has assigned to another owner
    """

    count: int
    earlier: int
    kept: int
    taken_from_others: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        count = self.count

        earlier = self.earlier

        kept = self.kept

        taken_from_others = self.taken_from_others

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "count": count,
                "earlier": earlier,
                "kept": kept,
                "taken_from_others": taken_from_others,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        count = d.pop("count")

        earlier = d.pop("earlier")

        kept = d.pop("kept")

        taken_from_others = d.pop("taken_from_others")

        owner_rule_preview = cls(
            count=count,
            earlier=earlier,
            kept=kept,
            taken_from_others=taken_from_others,
        )

        owner_rule_preview.additional_properties = d
        return owner_rule_preview

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

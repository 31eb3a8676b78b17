from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ExclusionPreview")


@_attrs_define
class ExclusionPreview:
    """The subscriptions that the conditions match now.

    Attributes:
        matching (list[str]): Ids of the subscriptions
        newly_excluded (list[str]): Ids of the matching subscriptions that are assessed now
    """

    matching: list[str]
    newly_excluded: list[str]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        matching = self.matching

        newly_excluded = self.newly_excluded

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "matching": matching,
                "newly_excluded": newly_excluded,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        matching = cast(list[str], d.pop("matching"))

        newly_excluded = cast(list[str], d.pop("newly_excluded"))

        exclusion_preview = cls(
            matching=matching,
            newly_excluded=newly_excluded,
        )

        exclusion_preview.additional_properties = d
        return exclusion_preview

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

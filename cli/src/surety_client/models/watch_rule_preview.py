from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="WatchRulePreview")


@_attrs_define
class WatchRulePreview:
    """The changes that the rule would have caught.

    Attributes:
        changes (list[UUID]): The newest ten changes that the rule would have caught
        count (int): The number of changes that the rule would have caught
        days (int): The number of past days whose changes were examined
        examined (int):
        is_cut (bool): Whether only the newest changes were examined, because there were too many changes
    """

    changes: list[UUID]
    count: int
    days: int
    examined: int
    is_cut: bool
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        changes = []
        for changes_item_data in self.changes:
            changes_item = str(changes_item_data)
            changes.append(changes_item)

        count = self.count

        days = self.days

        examined = self.examined

        is_cut = self.is_cut

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "changes": changes,
                "count": count,
                "days": days,
                "examined": examined,
                "is_cut": is_cut,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        changes = []
        _changes = d.pop("changes")
        for changes_item_data in _changes:
            changes_item = UUID(changes_item_data)

            changes.append(changes_item)

        count = d.pop("count")

        days = d.pop("days")

        examined = d.pop("examined")

        is_cut = d.pop("is_cut")

        watch_rule_preview = cls(
            changes=changes,
            count=count,
            days=days,
            examined=examined,
            is_cut=is_cut,
        )

        watch_rule_preview.additional_properties = d
        return watch_rule_preview

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

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.severity_change import SeverityChange


T = TypeVar("T", bound="SeverityPreview")


@_attrs_define
class SeverityPreview:
    """The changes of severities that rules would cause. Nothing is saved.

    Attributes:
        changed (int): The number of findings whose severity would change
        changes (list[SeverityChange]):
        compared (int): The number of failing findings that were compared
        incomplete (str): Why some failing findings were not compared; empty if all failing findings were compared
    """

    changed: int
    changes: list[SeverityChange]
    compared: int
    incomplete: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        changed = self.changed

        changes = []
        for changes_item_data in self.changes:
            changes_item = changes_item_data.to_dict()
            changes.append(changes_item)

        compared = self.compared

        incomplete = self.incomplete

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "changed": changed,
                "changes": changes,
                "compared": compared,
                "incomplete": incomplete,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.severity_change import SeverityChange

        d = dict(src_dict)
        changed = d.pop("changed")

        changes = []
        _changes = d.pop("changes")
        for changes_item_data in _changes:
            changes_item = SeverityChange.from_dict(changes_item_data)

            changes.append(changes_item)

        compared = d.pop("compared")

        incomplete = d.pop("incomplete")

        severity_preview = cls(
            changed=changed,
            changes=changes,
            compared=compared,
            incomplete=incomplete,
        )

        severity_preview.additional_properties = d
        return severity_preview

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

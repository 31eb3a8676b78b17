from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.watch_enum import WatchEnum

if TYPE_CHECKING:
    from ..models.watched_unit import WatchedUnit


T = TypeVar("T", bound="Watch")


@_attrs_define
class Watch:
    """Whether changes are read between assessments.

    Attributes:
        is_on (bool): Whether the watch runs
        units (list[WatchedUnit]):
        watch (WatchEnum):
    """

    is_on: bool
    units: list[WatchedUnit]
    watch: WatchEnum
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        is_on = self.is_on

        units = []
        for units_item_data in self.units:
            units_item = units_item_data.to_dict()
            units.append(units_item)

        watch = self.watch.value

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "is_on": is_on,
                "units": units,
                "watch": watch,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.watched_unit import WatchedUnit

        d = dict(src_dict)
        is_on = d.pop("is_on")

        units = []
        _units = d.pop("units")
        for units_item_data in _units:
            units_item = WatchedUnit.from_dict(units_item_data)

            units.append(units_item)

        watch = WatchEnum(d.pop("watch"))

        watch = cls(
            is_on=is_on,
            units=units,
            watch=watch,
        )

        watch.additional_properties = d
        return watch

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

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="DefaultSchedule")


@_attrs_define
class DefaultSchedule:
    """The schedule and the watch of customers that have not chosen their own.

    Attributes:
        is_watched (bool): Whether changes are read between assessments
        schedule (str): `off`, or a timetable such as `Mon-Fri 02:00, 14:00 within 120` (minutes)
    """

    is_watched: bool
    schedule: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        is_watched = self.is_watched

        schedule = self.schedule

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "is_watched": is_watched,
                "schedule": schedule,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        is_watched = d.pop("is_watched")

        schedule = d.pop("schedule")

        default_schedule = cls(
            is_watched=is_watched,
            schedule=schedule,
        )

        default_schedule.additional_properties = d
        return default_schedule

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

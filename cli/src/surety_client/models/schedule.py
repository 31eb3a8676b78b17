from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.blank_enum import BlankEnum
from ..models.last_outcome_enum import LastOutcomeEnum
from ..types import UNSET, Unset

T = TypeVar("T", bound="Schedule")


@_attrs_define
class Schedule:
    """When assessments of a customer start.

    Attributes:
        is_paused (bool): Whether the schedule is paused. A schedule is paused while Entra refuses all service
            principals of the customer
        is_watched (bool): Whether changes are read between assessments
        label (str): The schedule in words
        next_at (datetime.datetime | None): The time of the next start; null if there is no schedule or the schedule is
            paused
        schedule (str): `off`, `default` (the schedule of the organization), or a timetable such as `daily 06:00`
        last_due_at (datetime.datetime | None | Unset):
        last_outcome (BlankEnum | LastOutcomeEnum | Unset):  Default: BlankEnum.VALUE_0.
    """

    is_paused: bool
    is_watched: bool
    label: str
    next_at: datetime.datetime | None
    schedule: str
    last_due_at: datetime.datetime | None | Unset = UNSET
    last_outcome: BlankEnum | LastOutcomeEnum | Unset = BlankEnum.VALUE_0
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        is_paused = self.is_paused

        is_watched = self.is_watched

        label = self.label

        next_at: None | str
        if isinstance(self.next_at, datetime.datetime):
            next_at = self.next_at.isoformat()
        else:
            next_at = self.next_at

        schedule = self.schedule

        last_due_at: None | str | Unset
        if isinstance(self.last_due_at, Unset):
            last_due_at = UNSET
        elif isinstance(self.last_due_at, datetime.datetime):
            last_due_at = self.last_due_at.isoformat()
        else:
            last_due_at = self.last_due_at

        last_outcome: str | Unset
        if isinstance(self.last_outcome, Unset):
            last_outcome = UNSET
        elif isinstance(self.last_outcome, LastOutcomeEnum):
            last_outcome = self.last_outcome.value
        else:
            last_outcome = self.last_outcome.value

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "is_paused": is_paused,
                "is_watched": is_watched,
                "label": label,
                "next_at": next_at,
                "schedule": schedule,
            }
        )
        if last_due_at is not UNSET:
            field_dict["last_due_at"] = last_due_at
        if last_outcome is not UNSET:
            field_dict["last_outcome"] = last_outcome

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        is_paused = d.pop("is_paused")

        is_watched = d.pop("is_watched")

        label = d.pop("label")

        def _parse_next_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                next_at_type_0 = datetime.datetime.fromisoformat(data)

                return next_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        next_at = _parse_next_at(d.pop("next_at"))

        schedule = d.pop("schedule")

        def _parse_last_due_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                last_due_at_type_0 = datetime.datetime.fromisoformat(data)

                return last_due_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        last_due_at = _parse_last_due_at(d.pop("last_due_at", UNSET))

        def _parse_last_outcome(data: object) -> BlankEnum | LastOutcomeEnum | Unset:
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                last_outcome_type_0 = LastOutcomeEnum(data)

                return last_outcome_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, str):
                raise TypeError()
            last_outcome_type_1 = BlankEnum(data)

            return last_outcome_type_1

        last_outcome = _parse_last_outcome(d.pop("last_outcome", UNSET))

        schedule = cls(
            is_paused=is_paused,
            is_watched=is_watched,
            label=label,
            next_at=next_at,
            schedule=schedule,
            last_due_at=last_due_at,
            last_outcome=last_outcome,
        )

        schedule.additional_properties = d
        return schedule

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

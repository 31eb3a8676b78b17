from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.change_baseline_request_due_days import ChangeBaselineRequestDueDays
    from ..models.change_baseline_request_retention import (
        ChangeBaselineRequestRetention,
    )


T = TypeVar("T", bound="ChangeBaselineRequest")


@_attrs_define
class ChangeBaselineRequest:
    """The new values. Fields that are left out do not change.

    Attributes:
        due_days (ChangeBaselineRequestDueDays | Unset): Days until a failing finding is due, by severity (critical,
            high, medium, low). For a severity that is not given, each customer sets the days
        exception_cap_days (int | None | Unset):
        label (str | Unset): Empty for all customers
        name (str | Unset):
        retention (ChangeBaselineRequestRetention | Unset): Periods by kind of data (evidence, versions, changes,
            assessments, reports): a number of days, `keep` (without limit) or `default`. Tokens cannot change these periods
        schedule (str | Unset): `off`, `default` or a timetable; empty if each customer has its own schedule
    """

    due_days: ChangeBaselineRequestDueDays | Unset = UNSET
    exception_cap_days: int | None | Unset = UNSET
    label: str | Unset = UNSET
    name: str | Unset = UNSET
    retention: ChangeBaselineRequestRetention | Unset = UNSET
    schedule: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        due_days: dict[str, Any] | Unset = UNSET
        if not isinstance(self.due_days, Unset):
            due_days = self.due_days.to_dict()

        exception_cap_days: int | None | Unset
        if isinstance(self.exception_cap_days, Unset):
            exception_cap_days = UNSET
        else:
            exception_cap_days = self.exception_cap_days

        label = self.label

        name = self.name

        retention: dict[str, Any] | Unset = UNSET
        if not isinstance(self.retention, Unset):
            retention = self.retention.to_dict()

        schedule = self.schedule

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if due_days is not UNSET:
            field_dict["due_days"] = due_days
        if exception_cap_days is not UNSET:
            field_dict["exception_cap_days"] = exception_cap_days
        if label is not UNSET:
            field_dict["label"] = label
        if name is not UNSET:
            field_dict["name"] = name
        if retention is not UNSET:
            field_dict["retention"] = retention
        if schedule is not UNSET:
            field_dict["schedule"] = schedule

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.change_baseline_request_due_days import (
            ChangeBaselineRequestDueDays,
        )
        from ..models.change_baseline_request_retention import (
            ChangeBaselineRequestRetention,
        )

        d = dict(src_dict)
        _due_days = d.pop("due_days", UNSET)
        due_days: ChangeBaselineRequestDueDays | Unset
        if isinstance(_due_days, Unset):
            due_days = UNSET
        else:
            due_days = ChangeBaselineRequestDueDays.from_dict(_due_days)

        def _parse_exception_cap_days(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        exception_cap_days = _parse_exception_cap_days(
            d.pop("exception_cap_days", UNSET)
        )

        label = d.pop("label", UNSET)

        name = d.pop("name", UNSET)

        _retention = d.pop("retention", UNSET)
        retention: ChangeBaselineRequestRetention | Unset
        if isinstance(_retention, Unset):
            retention = UNSET
        else:
            retention = ChangeBaselineRequestRetention.from_dict(_retention)

        schedule = d.pop("schedule", UNSET)

        change_baseline_request = cls(
            due_days=due_days,
            exception_cap_days=exception_cap_days,
            label=label,
            name=name,
            retention=retention,
            schedule=schedule,
        )

        change_baseline_request.additional_properties = d
        return change_baseline_request

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

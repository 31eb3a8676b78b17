from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.add_baseline_request_due_days import AddBaselineRequestDueDays
    from ..models.add_baseline_request_retention import AddBaselineRequestRetention


T = TypeVar("T", bound="AddBaselineRequest")


@_attrs_define
class AddBaselineRequest:
    """A new baseline.

    Attributes:
        name (str):
        due_days (AddBaselineRequestDueDays | Unset): Days until a failing finding is due, by severity (critical, high,
            medium, low). For a severity that is not given, each customer sets the days
        exception_cap_days (int | None | Unset):
        label (str | Unset): Empty for all customers
        retention (AddBaselineRequestRetention | Unset): Periods by kind of data (evidence, versions, changes,
            assessments, reports): a number of days, `keep` (without limit) or `default`. Tokens cannot change these periods
        schedule (str | Unset): `off`, `default` or a timetable; empty if each customer has its own schedule
    """

    name: str
    due_days: AddBaselineRequestDueDays | Unset = UNSET
    exception_cap_days: int | None | Unset = UNSET
    label: str | Unset = UNSET
    retention: AddBaselineRequestRetention | Unset = UNSET
    schedule: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        due_days: dict[str, Any] | Unset = UNSET
        if not isinstance(self.due_days, Unset):
            due_days = self.due_days.to_dict()

        exception_cap_days: int | None | Unset
        if isinstance(self.exception_cap_days, Unset):
            exception_cap_days = UNSET
        else:
            exception_cap_days = self.exception_cap_days

        label = self.label

        retention: dict[str, Any] | Unset = UNSET
        if not isinstance(self.retention, Unset):
            retention = self.retention.to_dict()

        schedule = self.schedule

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "name": name,
            }
        )
        if due_days is not UNSET:
            field_dict["due_days"] = due_days
        if exception_cap_days is not UNSET:
            field_dict["exception_cap_days"] = exception_cap_days
        if label is not UNSET:
            field_dict["label"] = label
        if retention is not UNSET:
            field_dict["retention"] = retention
        if schedule is not UNSET:
            field_dict["schedule"] = schedule

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.add_baseline_request_due_days import AddBaselineRequestDueDays
        from ..models.add_baseline_request_retention import AddBaselineRequestRetention

        d = dict(src_dict)
        name = d.pop("name")

        _due_days = d.pop("due_days", UNSET)
        due_days: AddBaselineRequestDueDays | Unset
        if isinstance(_due_days, Unset):
            due_days = UNSET
        else:
            due_days = AddBaselineRequestDueDays.from_dict(_due_days)

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

        _retention = d.pop("retention", UNSET)
        retention: AddBaselineRequestRetention | Unset
        if isinstance(_retention, Unset):
            retention = UNSET
        else:
            retention = AddBaselineRequestRetention.from_dict(_retention)

        schedule = d.pop("schedule", UNSET)

        add_baseline_request = cls(
            name=name,
            due_days=due_days,
            exception_cap_days=exception_cap_days,
            label=label,
            retention=retention,
            schedule=schedule,
        )

        add_baseline_request.additional_properties = d
        return add_baseline_request

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

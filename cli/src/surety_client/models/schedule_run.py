from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.report_run_state_enum import ReportRunStateEnum

T = TypeVar("T", bound="ScheduleRun")


@_attrs_define
class ScheduleRun:
    """The last run of a schedule.

    Attributes:
        due_at (datetime.datetime):
        ended_at (datetime.datetime | None):
        error (str): Why the run failed, or why it waits for another attempt
        report (int | None): The number of the report that the run built
        state (ReportRunStateEnum):
    """

    due_at: datetime.datetime
    ended_at: datetime.datetime | None
    error: str
    report: int | None
    state: ReportRunStateEnum
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        due_at = self.due_at.isoformat()

        ended_at: None | str
        if isinstance(self.ended_at, datetime.datetime):
            ended_at = self.ended_at.isoformat()
        else:
            ended_at = self.ended_at

        error = self.error

        report: int | None
        report = self.report

        state = self.state.value

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "due_at": due_at,
                "ended_at": ended_at,
                "error": error,
                "report": report,
                "state": state,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        due_at = datetime.datetime.fromisoformat(d.pop("due_at"))

        def _parse_ended_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                ended_at_type_0 = datetime.datetime.fromisoformat(data)

                return ended_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        ended_at = _parse_ended_at(d.pop("ended_at"))

        error = d.pop("error")

        def _parse_report(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        report = _parse_report(d.pop("report"))

        state = ReportRunStateEnum(d.pop("state"))

        schedule_run = cls(
            due_at=due_at,
            ended_at=ended_at,
            error=error,
            report=report,
            state=state,
        )

        schedule_run.additional_properties = d
        return schedule_run

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

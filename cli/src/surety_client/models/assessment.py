from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.assessment_state_enum import AssessmentStateEnum
from ..models.trigger_enum import TriggerEnum

T = TypeVar("T", bound="Assessment")


@_attrs_define
class Assessment:
    """An assessment. It is complete when `ended_at` is set.

    Attributes:
        cancel_requested_at (datetime.datetime | None):
        created_at (datetime.datetime):
        ended_at (datetime.datetime | None):
        number (int):
        product_version (str):
        started_at (datetime.datetime | None):
        state (AssessmentStateEnum):
        trigger (TriggerEnum):
        units_ended (int):
        units_total (int): Number of subscriptions and directories; 0 until it is known
    """

    cancel_requested_at: datetime.datetime | None
    created_at: datetime.datetime
    ended_at: datetime.datetime | None
    number: int
    product_version: str
    started_at: datetime.datetime | None
    state: AssessmentStateEnum
    trigger: TriggerEnum
    units_ended: int
    units_total: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        cancel_requested_at: None | str
        if isinstance(self.cancel_requested_at, datetime.datetime):
            cancel_requested_at = self.cancel_requested_at.isoformat()
        else:
            cancel_requested_at = self.cancel_requested_at

        created_at = self.created_at.isoformat()

        ended_at: None | str
        if isinstance(self.ended_at, datetime.datetime):
            ended_at = self.ended_at.isoformat()
        else:
            ended_at = self.ended_at

        number = self.number

        product_version = self.product_version

        started_at: None | str
        if isinstance(self.started_at, datetime.datetime):
            started_at = self.started_at.isoformat()
        else:
            started_at = self.started_at

        state = self.state.value

        trigger = self.trigger.value

        units_ended = self.units_ended

        units_total = self.units_total

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "cancel_requested_at": cancel_requested_at,
                "created_at": created_at,
                "ended_at": ended_at,
                "number": number,
                "product_version": product_version,
                "started_at": started_at,
                "state": state,
                "trigger": trigger,
                "units_ended": units_ended,
                "units_total": units_total,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)

        def _parse_cancel_requested_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                cancel_requested_at_type_0 = datetime.datetime.fromisoformat(data)

                return cancel_requested_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        cancel_requested_at = _parse_cancel_requested_at(d.pop("cancel_requested_at"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

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

        number = d.pop("number")

        product_version = d.pop("product_version")

        def _parse_started_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                started_at_type_0 = datetime.datetime.fromisoformat(data)

                return started_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        started_at = _parse_started_at(d.pop("started_at"))

        state = AssessmentStateEnum(d.pop("state"))

        trigger = TriggerEnum(d.pop("trigger"))

        units_ended = d.pop("units_ended")

        units_total = d.pop("units_total")

        assessment = cls(
            cancel_requested_at=cancel_requested_at,
            created_at=created_at,
            ended_at=ended_at,
            number=number,
            product_version=product_version,
            started_at=started_at,
            state=state,
            trigger=trigger,
            units_ended=units_ended,
            units_total=units_total,
        )

        assessment.additional_properties = d
        return assessment

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

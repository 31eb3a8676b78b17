from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.assessment_state_enum import AssessmentStateEnum
from ..models.trigger_enum import TriggerEnum
from ..types import UNSET, Unset

T = TypeVar("T", bound="AssessmentFields")


@_attrs_define
class AssessmentFields:
    """The fields of Assessment that the parameter `fields` names

    Attributes:
        cancel_requested_at (datetime.datetime | None | Unset):
        created_at (datetime.datetime | Unset):
        ended_at (datetime.datetime | None | Unset):
        number (int | Unset):
        product_version (str | Unset):
        started_at (datetime.datetime | None | Unset):
        state (AssessmentStateEnum | Unset):
        trigger (TriggerEnum | Unset):
        units_ended (int | Unset):
        units_total (int | Unset): Number of subscriptions and directories; 0 until it is known
    """

    cancel_requested_at: datetime.datetime | None | Unset = UNSET
    created_at: datetime.datetime | Unset = UNSET
    ended_at: datetime.datetime | None | Unset = UNSET
    number: int | Unset = UNSET
    product_version: str | Unset = UNSET
    started_at: datetime.datetime | None | Unset = UNSET
    state: AssessmentStateEnum | Unset = UNSET
    trigger: TriggerEnum | Unset = UNSET
    units_ended: int | Unset = UNSET
    units_total: int | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        cancel_requested_at: None | str | Unset
        if isinstance(self.cancel_requested_at, Unset):
            cancel_requested_at = UNSET
        elif isinstance(self.cancel_requested_at, datetime.datetime):
            cancel_requested_at = self.cancel_requested_at.isoformat()
        else:
            cancel_requested_at = self.cancel_requested_at

        created_at: str | Unset = UNSET
        if not isinstance(self.created_at, Unset):
            created_at = self.created_at.isoformat()

        ended_at: None | str | Unset
        if isinstance(self.ended_at, Unset):
            ended_at = UNSET
        elif isinstance(self.ended_at, datetime.datetime):
            ended_at = self.ended_at.isoformat()
        else:
            ended_at = self.ended_at

        number = self.number

        product_version = self.product_version

        started_at: None | str | Unset
        if isinstance(self.started_at, Unset):
            started_at = UNSET
        elif isinstance(self.started_at, datetime.datetime):
            started_at = self.started_at.isoformat()
        else:
            started_at = self.started_at

        state: str | Unset = UNSET
        if not isinstance(self.state, Unset):
            state = self.state.value

        trigger: str | Unset = UNSET
        if not isinstance(self.trigger, Unset):
            trigger = self.trigger.value

        units_ended = self.units_ended

        units_total = self.units_total

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if cancel_requested_at is not UNSET:
            field_dict["cancel_requested_at"] = cancel_requested_at
        if created_at is not UNSET:
            field_dict["created_at"] = created_at
        if ended_at is not UNSET:
            field_dict["ended_at"] = ended_at
        if number is not UNSET:
            field_dict["number"] = number
        if product_version is not UNSET:
            field_dict["product_version"] = product_version
        if started_at is not UNSET:
            field_dict["started_at"] = started_at
        if state is not UNSET:
            field_dict["state"] = state
        if trigger is not UNSET:
            field_dict["trigger"] = trigger
        if units_ended is not UNSET:
            field_dict["units_ended"] = units_ended
        if units_total is not UNSET:
            field_dict["units_total"] = units_total

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)

        def _parse_cancel_requested_at(
            data: object,
        ) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                cancel_requested_at_type_0 = datetime.datetime.fromisoformat(data)

                return cancel_requested_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        cancel_requested_at = _parse_cancel_requested_at(
            d.pop("cancel_requested_at", UNSET)
        )

        _created_at = d.pop("created_at", UNSET)
        created_at: datetime.datetime | Unset
        if isinstance(_created_at, Unset):
            created_at = UNSET
        else:
            created_at = datetime.datetime.fromisoformat(_created_at)

        def _parse_ended_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                ended_at_type_0 = datetime.datetime.fromisoformat(data)

                return ended_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        ended_at = _parse_ended_at(d.pop("ended_at", UNSET))

        number = d.pop("number", UNSET)

        product_version = d.pop("product_version", UNSET)

        def _parse_started_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                started_at_type_0 = datetime.datetime.fromisoformat(data)

                return started_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        started_at = _parse_started_at(d.pop("started_at", UNSET))

        _state = d.pop("state", UNSET)
        state: AssessmentStateEnum | Unset
        if isinstance(_state, Unset):
            state = UNSET
        else:
            state = AssessmentStateEnum(_state)

        _trigger = d.pop("trigger", UNSET)
        trigger: TriggerEnum | Unset
        if isinstance(_trigger, Unset):
            trigger = UNSET
        else:
            trigger = TriggerEnum(_trigger)

        units_ended = d.pop("units_ended", UNSET)

        units_total = d.pop("units_total", UNSET)

        assessment_fields = cls(
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

        assessment_fields.additional_properties = d
        return assessment_fields

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

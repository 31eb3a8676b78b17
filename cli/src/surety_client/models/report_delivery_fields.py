from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.report_delivery_state_enum import ReportDeliveryStateEnum
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.person import Person


T = TypeVar("T", bound="ReportDeliveryFields")


@_attrs_define
class ReportDeliveryFields:
    """The fields of ReportDelivery that the parameter `fields` names

    Attributes:
        address (str | Unset): The email address of the recipient, if the address belongs to no account
        attempts (int | Unset):
        created_at (datetime.datetime | Unset):
        error (str | Unset): Why the report was not sent
        id (UUID | Unset):
        person (None | Person | Unset):
        report (int | Unset): The number of the report
        schedule (str | Unset):
        sent_at (datetime.datetime | None | Unset):
        state (ReportDeliveryStateEnum | Unset):
    """

    address: str | Unset = UNSET
    attempts: int | Unset = UNSET
    created_at: datetime.datetime | Unset = UNSET
    error: str | Unset = UNSET
    id: UUID | Unset = UNSET
    person: None | Person | Unset = UNSET
    report: int | Unset = UNSET
    schedule: str | Unset = UNSET
    sent_at: datetime.datetime | None | Unset = UNSET
    state: ReportDeliveryStateEnum | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.person import Person

        address = self.address

        attempts = self.attempts

        created_at: str | Unset = UNSET
        if not isinstance(self.created_at, Unset):
            created_at = self.created_at.isoformat()

        error = self.error

        id: str | Unset = UNSET
        if not isinstance(self.id, Unset):
            id = str(self.id)

        person: dict[str, Any] | None | Unset
        if isinstance(self.person, Unset):
            person = UNSET
        elif isinstance(self.person, Person):
            person = self.person.to_dict()
        else:
            person = self.person

        report = self.report

        schedule = self.schedule

        sent_at: None | str | Unset
        if isinstance(self.sent_at, Unset):
            sent_at = UNSET
        elif isinstance(self.sent_at, datetime.datetime):
            sent_at = self.sent_at.isoformat()
        else:
            sent_at = self.sent_at

        state: str | Unset = UNSET
        if not isinstance(self.state, Unset):
            state = self.state.value

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if address is not UNSET:
            field_dict["address"] = address
        if attempts is not UNSET:
            field_dict["attempts"] = attempts
        if created_at is not UNSET:
            field_dict["created_at"] = created_at
        if error is not UNSET:
            field_dict["error"] = error
        if id is not UNSET:
            field_dict["id"] = id
        if person is not UNSET:
            field_dict["person"] = person
        if report is not UNSET:
            field_dict["report"] = report
        if schedule is not UNSET:
            field_dict["schedule"] = schedule
        if sent_at is not UNSET:
            field_dict["sent_at"] = sent_at
        if state is not UNSET:
            field_dict["state"] = state

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.person import Person

        d = dict(src_dict)
        address = d.pop("address", UNSET)

        attempts = d.pop("attempts", UNSET)

        _created_at = d.pop("created_at", UNSET)
        created_at: datetime.datetime | Unset
        if isinstance(_created_at, Unset):
            created_at = UNSET
        else:
            created_at = datetime.datetime.fromisoformat(_created_at)

        error = d.pop("error", UNSET)

        _id = d.pop("id", UNSET)
        id: UUID | Unset
        if isinstance(_id, Unset):
            id = UNSET
        else:
            id = UUID(_id)

        def _parse_person(data: object) -> None | Person | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                person_type_0 = Person.from_dict(data)

                return person_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Person | Unset, data)

        person = _parse_person(d.pop("person", UNSET))

        report = d.pop("report", UNSET)

        schedule = d.pop("schedule", UNSET)

        def _parse_sent_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                sent_at_type_0 = datetime.datetime.fromisoformat(data)

                return sent_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        sent_at = _parse_sent_at(d.pop("sent_at", UNSET))

        _state = d.pop("state", UNSET)
        state: ReportDeliveryStateEnum | Unset
        if isinstance(_state, Unset):
            state = UNSET
        else:
            state = ReportDeliveryStateEnum(_state)

        report_delivery_fields = cls(
            address=address,
            attempts=attempts,
            created_at=created_at,
            error=error,
            id=id,
            person=person,
            report=report,
            schedule=schedule,
            sent_at=sent_at,
            state=state,
        )

        report_delivery_fields.additional_properties = d
        return report_delivery_fields

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

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.report_delivery_state_enum import ReportDeliveryStateEnum

if TYPE_CHECKING:
    from ..models.person import Person


T = TypeVar("T", bound="ReportDelivery")


@_attrs_define
class ReportDelivery:
    """A mail with a report.

    Attributes:
        address (str): The email address of the recipient, if the address belongs to no account
        attempts (int):
        created_at (datetime.datetime):
        error (str): Why the report was not sent
        id (UUID):
        person (None | Person):
        report (int): The number of the report
        schedule (str):
        sent_at (datetime.datetime | None):
        state (ReportDeliveryStateEnum):
    """

    address: str
    attempts: int
    created_at: datetime.datetime
    error: str
    id: UUID
    person: None | Person
    report: int
    schedule: str
    sent_at: datetime.datetime | None
    state: ReportDeliveryStateEnum
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.person import Person

        address = self.address

        attempts = self.attempts

        created_at = self.created_at.isoformat()

        error = self.error

        id = str(self.id)

        person: dict[str, Any] | None
        if isinstance(self.person, Person):
            person = self.person.to_dict()
        else:
            person = self.person

        report = self.report

        schedule = self.schedule

        sent_at: None | str
        if isinstance(self.sent_at, datetime.datetime):
            sent_at = self.sent_at.isoformat()
        else:
            sent_at = self.sent_at

        state = self.state.value

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "address": address,
                "attempts": attempts,
                "created_at": created_at,
                "error": error,
                "id": id,
                "person": person,
                "report": report,
                "schedule": schedule,
                "sent_at": sent_at,
                "state": state,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.person import Person

        d = dict(src_dict)
        address = d.pop("address")

        attempts = d.pop("attempts")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        error = d.pop("error")

        id = UUID(d.pop("id"))

        def _parse_person(data: object) -> None | Person:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                person_type_0 = Person.from_dict(data)

                return person_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Person, data)

        person = _parse_person(d.pop("person"))

        report = d.pop("report")

        schedule = d.pop("schedule")

        def _parse_sent_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                sent_at_type_0 = datetime.datetime.fromisoformat(data)

                return sent_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        sent_at = _parse_sent_at(d.pop("sent_at"))

        state = ReportDeliveryStateEnum(d.pop("state"))

        report_delivery = cls(
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

        report_delivery.additional_properties = d
        return report_delivery

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

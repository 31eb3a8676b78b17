from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.scheduled_report_kind_enum import ScheduledReportKindEnum

if TYPE_CHECKING:
    from ..models.person import Person
    from ..models.schedule_address import ScheduleAddress
    from ..models.schedule_run import ScheduleRun


T = TypeVar("T", bound="ReportSchedule")


@_attrs_define
class ReportSchedule:
    """A schedule of the customer, or a schedule of the organization that applies to the customer.

    A schedule of the organization is changed with the operations on organizations, and its `addresses` are empty here.

        Attributes:
            addresses (list[ScheduleAddress]):
            classification (str):
            framework (str):
            id (UUID):
            is_enabled (bool):
            is_of_organization (bool):
            kind (ScheduledReportKindEnum):
            language (str): The language; empty to use the language of the organization
            last_run (None | ScheduleRun):
            name (str):
            next_at (datetime.datetime | None): The time of the next run; null if no run is planned
            paper (str): The paper size; empty to use the paper size of the organization
            people (list[Person]): Recipients with an account
            timetable (str):
            when (str): The timetable in words
            without_names (bool):
    """

    addresses: list[ScheduleAddress]
    classification: str
    framework: str
    id: UUID
    is_enabled: bool
    is_of_organization: bool
    kind: ScheduledReportKindEnum
    language: str
    last_run: None | ScheduleRun
    name: str
    next_at: datetime.datetime | None
    paper: str
    people: list[Person]
    timetable: str
    when: str
    without_names: bool
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.schedule_run import ScheduleRun

        addresses = []
        for addresses_item_data in self.addresses:
            addresses_item = addresses_item_data.to_dict()
            addresses.append(addresses_item)

        classification = self.classification

        framework = self.framework

        id = str(self.id)

        is_enabled = self.is_enabled

        is_of_organization = self.is_of_organization

        kind = self.kind.value

        language = self.language

        last_run: dict[str, Any] | None
        if isinstance(self.last_run, ScheduleRun):
            last_run = self.last_run.to_dict()
        else:
            last_run = self.last_run

        name = self.name

        next_at: None | str
        if isinstance(self.next_at, datetime.datetime):
            next_at = self.next_at.isoformat()
        else:
            next_at = self.next_at

        paper = self.paper

        people = []
        for people_item_data in self.people:
            people_item = people_item_data.to_dict()
            people.append(people_item)

        timetable = self.timetable

        when = self.when

        without_names = self.without_names

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "addresses": addresses,
                "classification": classification,
                "framework": framework,
                "id": id,
                "is_enabled": is_enabled,
                "is_of_organization": is_of_organization,
                "kind": kind,
                "language": language,
                "last_run": last_run,
                "name": name,
                "next_at": next_at,
                "paper": paper,
                "people": people,
                "timetable": timetable,
                "when": when,
                "without_names": without_names,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.person import Person
        from ..models.schedule_address import ScheduleAddress
        from ..models.schedule_run import ScheduleRun

        d = dict(src_dict)
        addresses = []
        _addresses = d.pop("addresses")
        for addresses_item_data in _addresses:
            addresses_item = ScheduleAddress.from_dict(addresses_item_data)

            addresses.append(addresses_item)

        classification = d.pop("classification")

        framework = d.pop("framework")

        id = UUID(d.pop("id"))

        is_enabled = d.pop("is_enabled")

        is_of_organization = d.pop("is_of_organization")

        kind = ScheduledReportKindEnum(d.pop("kind"))

        language = d.pop("language")

        def _parse_last_run(data: object) -> None | ScheduleRun:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                last_run_type_0 = ScheduleRun.from_dict(data)

                return last_run_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | ScheduleRun, data)

        last_run = _parse_last_run(d.pop("last_run"))

        name = d.pop("name")

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

        paper = d.pop("paper")

        people = []
        _people = d.pop("people")
        for people_item_data in _people:
            people_item = Person.from_dict(people_item_data)

            people.append(people_item)

        timetable = d.pop("timetable")

        when = d.pop("when")

        without_names = d.pop("without_names")

        report_schedule = cls(
            addresses=addresses,
            classification=classification,
            framework=framework,
            id=id,
            is_enabled=is_enabled,
            is_of_organization=is_of_organization,
            kind=kind,
            language=language,
            last_run=last_run,
            name=name,
            next_at=next_at,
            paper=paper,
            people=people,
            timetable=timetable,
            when=when,
            without_names=without_names,
        )

        report_schedule.additional_properties = d
        return report_schedule

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

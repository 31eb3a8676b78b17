from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.scheduled_report_kind_enum import ScheduledReportKindEnum
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.person import Person
    from ..models.schedule_address import ScheduleAddress
    from ..models.schedule_run import ScheduleRun


T = TypeVar("T", bound="OrganizationReportScheduleFields")


@_attrs_define
class OrganizationReportScheduleFields:
    """The fields of OrganizationReportSchedule that the parameter `fields` names

    Attributes:
        addresses (list[ScheduleAddress] | Unset):
        classification (str | Unset):
        customers (list[str] | Unset): Short names of the customers to which the schedule applies now
        framework (str | Unset):
        id (UUID | Unset):
        is_enabled (bool | Unset):
        kind (ScheduledReportKindEnum | Unset):
        label (str | Unset): The label of the customers to which the schedule applies; empty for all customers
        language (str | Unset): The language; empty to use the language of the organization
        last_run (None | ScheduleRun | Unset):
        name (str | Unset):
        next_at (datetime.datetime | None | Unset): The time of the next run; null if no run is planned
        paper (str | Unset): The paper size; empty to use the paper size of the organization
        people (list[Person] | Unset): Recipients with an account
        timetable (str | Unset):
        when (str | Unset): The timetable in words
        without_names (bool | Unset):
    """

    addresses: list[ScheduleAddress] | Unset = UNSET
    classification: str | Unset = UNSET
    customers: list[str] | Unset = UNSET
    framework: str | Unset = UNSET
    id: UUID | Unset = UNSET
    is_enabled: bool | Unset = UNSET
    kind: ScheduledReportKindEnum | Unset = UNSET
    label: str | Unset = UNSET
    language: str | Unset = UNSET
    last_run: None | ScheduleRun | Unset = UNSET
    name: str | Unset = UNSET
    next_at: datetime.datetime | None | Unset = UNSET
    paper: str | Unset = UNSET
    people: list[Person] | Unset = UNSET
    timetable: str | Unset = UNSET
    when: str | Unset = UNSET
    without_names: bool | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.schedule_run import ScheduleRun

        addresses: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.addresses, Unset):
            addresses = []
            for addresses_item_data in self.addresses:
                addresses_item = addresses_item_data.to_dict()
                addresses.append(addresses_item)

        classification = self.classification

        customers: list[str] | Unset = UNSET
        if not isinstance(self.customers, Unset):
            customers = self.customers

        framework = self.framework

        id: str | Unset = UNSET
        if not isinstance(self.id, Unset):
            id = str(self.id)

        is_enabled = self.is_enabled

        kind: str | Unset = UNSET
        if not isinstance(self.kind, Unset):
            kind = self.kind.value

        label = self.label

        language = self.language

        last_run: dict[str, Any] | None | Unset
        if isinstance(self.last_run, Unset):
            last_run = UNSET
        elif isinstance(self.last_run, ScheduleRun):
            last_run = self.last_run.to_dict()
        else:
            last_run = self.last_run

        name = self.name

        next_at: None | str | Unset
        if isinstance(self.next_at, Unset):
            next_at = UNSET
        elif isinstance(self.next_at, datetime.datetime):
            next_at = self.next_at.isoformat()
        else:
            next_at = self.next_at

        paper = self.paper

        people: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.people, Unset):
            people = []
            for people_item_data in self.people:
                people_item = people_item_data.to_dict()
                people.append(people_item)

        timetable = self.timetable

        when = self.when

        without_names = self.without_names

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if addresses is not UNSET:
            field_dict["addresses"] = addresses
        if classification is not UNSET:
            field_dict["classification"] = classification
        if customers is not UNSET:
            field_dict["customers"] = customers
        if framework is not UNSET:
            field_dict["framework"] = framework
        if id is not UNSET:
            field_dict["id"] = id
        if is_enabled is not UNSET:
            field_dict["is_enabled"] = is_enabled
        if kind is not UNSET:
            field_dict["kind"] = kind
        if label is not UNSET:
            field_dict["label"] = label
        if language is not UNSET:
            field_dict["language"] = language
        if last_run is not UNSET:
            field_dict["last_run"] = last_run
        if name is not UNSET:
            field_dict["name"] = name
        if next_at is not UNSET:
            field_dict["next_at"] = next_at
        if paper is not UNSET:
            field_dict["paper"] = paper
        if people is not UNSET:
            field_dict["people"] = people
        if timetable is not UNSET:
            field_dict["timetable"] = timetable
        if when is not UNSET:
            field_dict["when"] = when
        if without_names is not UNSET:
            field_dict["without_names"] = without_names

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.person import Person
        from ..models.schedule_address import ScheduleAddress
        from ..models.schedule_run import ScheduleRun

        d = dict(src_dict)
        _addresses = d.pop("addresses", UNSET)
        addresses: list[ScheduleAddress] | Unset = UNSET
        if _addresses is not UNSET:
            addresses = []
            for addresses_item_data in _addresses:
                addresses_item = ScheduleAddress.from_dict(addresses_item_data)

                addresses.append(addresses_item)

        classification = d.pop("classification", UNSET)

        customers = cast(list[str], d.pop("customers", UNSET))

        framework = d.pop("framework", UNSET)

        _id = d.pop("id", UNSET)
        id: UUID | Unset
        if isinstance(_id, Unset):
            id = UNSET
        else:
            id = UUID(_id)

        is_enabled = d.pop("is_enabled", UNSET)

        _kind = d.pop("kind", UNSET)
        kind: ScheduledReportKindEnum | Unset
        if isinstance(_kind, Unset):
            kind = UNSET
        else:
            kind = ScheduledReportKindEnum(_kind)

        label = d.pop("label", UNSET)

        language = d.pop("language", UNSET)

        def _parse_last_run(data: object) -> None | ScheduleRun | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                last_run_type_0 = ScheduleRun.from_dict(data)

                return last_run_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | ScheduleRun | Unset, data)

        last_run = _parse_last_run(d.pop("last_run", UNSET))

        name = d.pop("name", UNSET)

        def _parse_next_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                next_at_type_0 = datetime.datetime.fromisoformat(data)

                return next_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        next_at = _parse_next_at(d.pop("next_at", UNSET))

        paper = d.pop("paper", UNSET)

        _people = d.pop("people", UNSET)
        people: list[Person] | Unset = UNSET
        if _people is not UNSET:
            people = []
            for people_item_data in _people:
                people_item = Person.from_dict(people_item_data)

                people.append(people_item)

        timetable = d.pop("timetable", UNSET)

        when = d.pop("when", UNSET)

        without_names = d.pop("without_names", UNSET)

        organization_report_schedule_fields = cls(
            addresses=addresses,
            classification=classification,
            customers=customers,
            framework=framework,
            id=id,
            is_enabled=is_enabled,
            kind=kind,
            label=label,
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

        organization_report_schedule_fields.additional_properties = d
        return organization_report_schedule_fields

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

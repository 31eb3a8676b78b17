from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.blank_enum import BlankEnum
from ..models.framework_enum import FrameworkEnum
from ..models.language_enum import LanguageEnum
from ..models.paper_enum import PaperEnum
from ..models.report_kind_enum import ReportKindEnum
from ..types import UNSET, Unset

T = TypeVar("T", bound="ChangeScheduleRequest")


@_attrs_define
class ChangeScheduleRequest:
    """The new values. Fields that are left out do not change.

    Attributes:
        addresses (list[str] | Unset): The email addresses of recipients without an account. Surety sends reports to an
            address only after an administrator has confirmed the address
        classification (str | Unset):
        framework (FrameworkEnum | Unset):
        kind (ReportKindEnum | Unset):
        language (BlankEnum | LanguageEnum | Unset):
        name (str | Unset):
        paper (BlankEnum | PaperEnum | Unset):
        people (list[str] | Unset): The email addresses of recipients who have an account and may read the reports
        timetable (str | Unset): A timetable such as `weekly Mon 06:00`, `monthly 1 06:00 within 240`, `monthly last-
            working-day 06:00`, `after-assessment`
        without_names (bool | Unset): Whether the reports contain ids instead of the names of people, groups,
            applications and roles
    """

    addresses: list[str] | Unset = UNSET
    classification: str | Unset = UNSET
    framework: FrameworkEnum | Unset = UNSET
    kind: ReportKindEnum | Unset = UNSET
    language: BlankEnum | LanguageEnum | Unset = UNSET
    name: str | Unset = UNSET
    paper: BlankEnum | PaperEnum | Unset = UNSET
    people: list[str] | Unset = UNSET
    timetable: str | Unset = UNSET
    without_names: bool | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        addresses: list[str] | Unset = UNSET
        if not isinstance(self.addresses, Unset):
            addresses = self.addresses

        classification = self.classification

        framework: str | Unset = UNSET
        if not isinstance(self.framework, Unset):
            framework = self.framework.value

        kind: str | Unset = UNSET
        if not isinstance(self.kind, Unset):
            kind = self.kind.value

        language: str | Unset
        if isinstance(self.language, Unset):
            language = UNSET
        elif isinstance(self.language, LanguageEnum):
            language = self.language.value
        else:
            language = self.language.value

        name = self.name

        paper: str | Unset
        if isinstance(self.paper, Unset):
            paper = UNSET
        elif isinstance(self.paper, PaperEnum):
            paper = self.paper.value
        else:
            paper = self.paper.value

        people: list[str] | Unset = UNSET
        if not isinstance(self.people, Unset):
            people = self.people

        timetable = self.timetable

        without_names = self.without_names

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if addresses is not UNSET:
            field_dict["addresses"] = addresses
        if classification is not UNSET:
            field_dict["classification"] = classification
        if framework is not UNSET:
            field_dict["framework"] = framework
        if kind is not UNSET:
            field_dict["kind"] = kind
        if language is not UNSET:
            field_dict["language"] = language
        if name is not UNSET:
            field_dict["name"] = name
        if paper is not UNSET:
            field_dict["paper"] = paper
        if people is not UNSET:
            field_dict["people"] = people
        if timetable is not UNSET:
            field_dict["timetable"] = timetable
        if without_names is not UNSET:
            field_dict["without_names"] = without_names

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        addresses = cast(list[str], d.pop("addresses", UNSET))

        classification = d.pop("classification", UNSET)

        _framework = d.pop("framework", UNSET)
        framework: FrameworkEnum | Unset
        if isinstance(_framework, Unset):
            framework = UNSET
        else:
            framework = FrameworkEnum(_framework)

        _kind = d.pop("kind", UNSET)
        kind: ReportKindEnum | Unset
        if isinstance(_kind, Unset):
            kind = UNSET
        else:
            kind = ReportKindEnum(_kind)

        def _parse_language(data: object) -> BlankEnum | LanguageEnum | Unset:
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                language_type_0 = LanguageEnum(data)

                return language_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, str):
                raise TypeError()
            language_type_1 = BlankEnum(data)

            return language_type_1

        language = _parse_language(d.pop("language", UNSET))

        name = d.pop("name", UNSET)

        def _parse_paper(data: object) -> BlankEnum | PaperEnum | Unset:
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                paper_type_0 = PaperEnum(data)

                return paper_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, str):
                raise TypeError()
            paper_type_1 = BlankEnum(data)

            return paper_type_1

        paper = _parse_paper(d.pop("paper", UNSET))

        people = cast(list[str], d.pop("people", UNSET))

        timetable = d.pop("timetable", UNSET)

        without_names = d.pop("without_names", UNSET)

        change_schedule_request = cls(
            addresses=addresses,
            classification=classification,
            framework=framework,
            kind=kind,
            language=language,
            name=name,
            paper=paper,
            people=people,
            timetable=timetable,
            without_names=without_names,
        )

        change_schedule_request.additional_properties = d
        return change_schedule_request

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

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.coverage_enum import CoverageEnum

if TYPE_CHECKING:
    from ..models.checking_control import CheckingControl


T = TypeVar("T", bound="FrameworkRequirement")


@_attrs_define
class FrameworkRequirement:
    """A requirement of a framework version.

    Attributes:
        assessment (str): How the requirement is assessed according to its publisher
        controls (list[CheckingControl]):
        coverage (CoverageEnum):
        level (str):
        missing (list[str]): The parts of the requirement that no control checks. If no control checks any part: the
            reasons for this
        number (str):
        section (str): The title of the section
        title (str):
    """

    assessment: str
    controls: list[CheckingControl]
    coverage: CoverageEnum
    level: str
    missing: list[str]
    number: str
    section: str
    title: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        assessment = self.assessment

        controls = []
        for controls_item_data in self.controls:
            controls_item = controls_item_data.to_dict()
            controls.append(controls_item)

        coverage = self.coverage.value

        level = self.level

        missing = self.missing

        number = self.number

        section = self.section

        title = self.title

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "assessment": assessment,
                "controls": controls,
                "coverage": coverage,
                "level": level,
                "missing": missing,
                "number": number,
                "section": section,
                "title": title,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.checking_control import CheckingControl

        d = dict(src_dict)
        assessment = d.pop("assessment")

        controls = []
        _controls = d.pop("controls")
        for controls_item_data in _controls:
            controls_item = CheckingControl.from_dict(controls_item_data)

            controls.append(controls_item)

        coverage = CoverageEnum(d.pop("coverage"))

        level = d.pop("level")

        missing = cast(list[str], d.pop("missing"))

        number = d.pop("number")

        section = d.pop("section")

        title = d.pop("title")

        framework_requirement = cls(
            assessment=assessment,
            controls=controls,
            coverage=coverage,
            level=level,
            missing=missing,
            number=number,
            section=section,
            title=title,
        )

        framework_requirement.additional_properties = d
        return framework_requirement

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

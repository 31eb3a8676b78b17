from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.coverage_enum import CoverageEnum
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.checking_control import CheckingControl


T = TypeVar("T", bound="FrameworkRequirementFields")


@_attrs_define
class FrameworkRequirementFields:
    """The fields of FrameworkRequirement that the parameter `fields` names

    Attributes:
        assessment (str | Unset): How the requirement is assessed according to its publisher
        controls (list[CheckingControl] | Unset):
        coverage (CoverageEnum | Unset):
        level (str | Unset):
        missing (list[str] | Unset): The parts of the requirement that no control checks. If no control checks any part:
            the reasons for this
        number (str | Unset):
        section (str | Unset): The title of the section
        title (str | Unset):
    """

    assessment: str | Unset = UNSET
    controls: list[CheckingControl] | Unset = UNSET
    coverage: CoverageEnum | Unset = UNSET
    level: str | Unset = UNSET
    missing: list[str] | Unset = UNSET
    number: str | Unset = UNSET
    section: str | Unset = UNSET
    title: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        assessment = self.assessment

        controls: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.controls, Unset):
            controls = []
            for controls_item_data in self.controls:
                controls_item = controls_item_data.to_dict()
                controls.append(controls_item)

        coverage: str | Unset = UNSET
        if not isinstance(self.coverage, Unset):
            coverage = self.coverage.value

        level = self.level

        missing: list[str] | Unset = UNSET
        if not isinstance(self.missing, Unset):
            missing = self.missing

        number = self.number

        section = self.section

        title = self.title

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if assessment is not UNSET:
            field_dict["assessment"] = assessment
        if controls is not UNSET:
            field_dict["controls"] = controls
        if coverage is not UNSET:
            field_dict["coverage"] = coverage
        if level is not UNSET:
            field_dict["level"] = level
        if missing is not UNSET:
            field_dict["missing"] = missing
        if number is not UNSET:
            field_dict["number"] = number
        if section is not UNSET:
            field_dict["section"] = section
        if title is not UNSET:
            field_dict["title"] = title

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.checking_control import CheckingControl

        d = dict(src_dict)
        assessment = d.pop("assessment", UNSET)

        _controls = d.pop("controls", UNSET)
        controls: list[CheckingControl] | Unset = UNSET
        if _controls is not UNSET:
            controls = []
            for controls_item_data in _controls:
                controls_item = CheckingControl.from_dict(controls_item_data)

                controls.append(controls_item)

        _coverage = d.pop("coverage", UNSET)
        coverage: CoverageEnum | Unset
        if isinstance(_coverage, Unset):
            coverage = UNSET
        else:
            coverage = CoverageEnum(_coverage)

        level = d.pop("level", UNSET)

        missing = cast(list[str], d.pop("missing", UNSET))

        number = d.pop("number", UNSET)

        section = d.pop("section", UNSET)

        title = d.pop("title", UNSET)

        framework_requirement_fields = cls(
            assessment=assessment,
            controls=controls,
            coverage=coverage,
            level=level,
            missing=missing,
            number=number,
            section=section,
            title=title,
        )

        framework_requirement_fields.additional_properties = d
        return framework_requirement_fields

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

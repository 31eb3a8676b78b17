from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.coverage_enum import CoverageEnum
from ..models.result_enum import ResultEnum
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.checking_control import CheckingControl
    from ..models.requirement_result_fields_findings import (
        RequirementResultFieldsFindings,
    )


T = TypeVar("T", bound="RequirementResultFields")


@_attrs_define
class RequirementResultFields:
    """The fields of RequirementResult that the parameter `fields` names

    Attributes:
        assessment (str | Unset): How the requirement is assessed according to its publisher
        controls (list[CheckingControl] | Unset):
        coverage (CoverageEnum | Unset):
        findings (RequirementResultFieldsFindings | Unset): Number of findings of the requirement’s controls for each of
            these kinds: failing, unknown, unanswered, excepted, passing, attested, not_applicable
        level (str | Unset):
        missing (list[str] | Unset): The parts of the requirement that no control checks. If no control checks any part:
            the reasons for this
        number (str | Unset):
        result (ResultEnum | Unset):
        section (str | Unset): The title of the section
        title (str | Unset):
    """

    assessment: str | Unset = UNSET
    controls: list[CheckingControl] | Unset = UNSET
    coverage: CoverageEnum | Unset = UNSET
    findings: RequirementResultFieldsFindings | Unset = UNSET
    level: str | Unset = UNSET
    missing: list[str] | Unset = UNSET
    number: str | Unset = UNSET
    result: ResultEnum | Unset = UNSET
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

        findings: dict[str, Any] | Unset = UNSET
        if not isinstance(self.findings, Unset):
            findings = self.findings.to_dict()

        level = self.level

        missing: list[str] | Unset = UNSET
        if not isinstance(self.missing, Unset):
            missing = self.missing

        number = self.number

        result: str | Unset = UNSET
        if not isinstance(self.result, Unset):
            result = self.result.value

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
        if findings is not UNSET:
            field_dict["findings"] = findings
        if level is not UNSET:
            field_dict["level"] = level
        if missing is not UNSET:
            field_dict["missing"] = missing
        if number is not UNSET:
            field_dict["number"] = number
        if result is not UNSET:
            field_dict["result"] = result
        if section is not UNSET:
            field_dict["section"] = section
        if title is not UNSET:
            field_dict["title"] = title

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.checking_control import CheckingControl
        from ..models.requirement_result_fields_findings import (
            RequirementResultFieldsFindings,
        )

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

        _findings = d.pop("findings", UNSET)
        findings: RequirementResultFieldsFindings | Unset
        if isinstance(_findings, Unset):
            findings = UNSET
        else:
            findings = RequirementResultFieldsFindings.from_dict(_findings)

        level = d.pop("level", UNSET)

        missing = cast(list[str], d.pop("missing", UNSET))

        number = d.pop("number", UNSET)

        _result = d.pop("result", UNSET)
        result: ResultEnum | Unset
        if isinstance(_result, Unset):
            result = UNSET
        else:
            result = ResultEnum(_result)

        section = d.pop("section", UNSET)

        title = d.pop("title", UNSET)

        requirement_result_fields = cls(
            assessment=assessment,
            controls=controls,
            coverage=coverage,
            findings=findings,
            level=level,
            missing=missing,
            number=number,
            result=result,
            section=section,
            title=title,
        )

        requirement_result_fields.additional_properties = d
        return requirement_result_fields

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

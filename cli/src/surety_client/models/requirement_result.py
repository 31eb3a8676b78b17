from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.coverage_enum import CoverageEnum
from ..models.result_enum import ResultEnum

if TYPE_CHECKING:
    from ..models.checking_control import CheckingControl
    from ..models.requirement_result_findings import RequirementResultFindings


T = TypeVar("T", bound="RequirementResult")


@_attrs_define
class RequirementResult:
    """A requirement with the result of a customer.

    Attributes:
        assessment (str): How the requirement is assessed according to its publisher
        controls (list[CheckingControl]):
        coverage (CoverageEnum):
        findings (RequirementResultFindings): Number of findings of the requirement’s controls for each of these kinds:
            failing, unknown, unanswered, excepted, passing, attested, not_applicable
        level (str):
        missing (list[str]): The parts of the requirement that no control checks. If no control checks any part: the
            reasons for this
        number (str):
        result (ResultEnum):
        section (str): The title of the section
        title (str):
    """

    assessment: str
    controls: list[CheckingControl]
    coverage: CoverageEnum
    findings: RequirementResultFindings
    level: str
    missing: list[str]
    number: str
    result: ResultEnum
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

        findings = self.findings.to_dict()

        level = self.level

        missing = self.missing

        number = self.number

        result = self.result.value

        section = self.section

        title = self.title

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "assessment": assessment,
                "controls": controls,
                "coverage": coverage,
                "findings": findings,
                "level": level,
                "missing": missing,
                "number": number,
                "result": result,
                "section": section,
                "title": title,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.checking_control import CheckingControl
        from ..models.requirement_result_findings import RequirementResultFindings

        d = dict(src_dict)
        assessment = d.pop("assessment")

        controls = []
        _controls = d.pop("controls")
        for controls_item_data in _controls:
            controls_item = CheckingControl.from_dict(controls_item_data)

            controls.append(controls_item)

        coverage = CoverageEnum(d.pop("coverage"))

        findings = RequirementResultFindings.from_dict(d.pop("findings"))

        level = d.pop("level")

        missing = cast(list[str], d.pop("missing"))

        number = d.pop("number")

        result = ResultEnum(d.pop("result"))

        section = d.pop("section")

        title = d.pop("title")

        requirement_result = cls(
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

        requirement_result.additional_properties = d
        return requirement_result

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

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.equivalent import Equivalent
    from ..models.requirement import Requirement


T = TypeVar("T", bound="Control")


@_attrs_define
class Control:
    """A control of the catalogue.

    Attributes:
        control (str):
        equivalents (list[Equivalent]):
        expected (str): What the control expects of a subject, with the default values of the parameters
        is_manual (bool): Whether a person answers the control
        permissions (list[str]): Permissions that Surety needs to judge the control
        problem (str): What pages and reports call a failure of the control
        requirements (list[Requirement]):
        section (str):
        severity (str):
        title (str):
        why (str): Why the control matters
    """

    control: str
    equivalents: list[Equivalent]
    expected: str
    is_manual: bool
    permissions: list[str]
    problem: str
    requirements: list[Requirement]
    section: str
    severity: str
    title: str
    why: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        control = self.control

        equivalents = []
        for equivalents_item_data in self.equivalents:
            equivalents_item = equivalents_item_data.to_dict()
            equivalents.append(equivalents_item)

        expected = self.expected

        is_manual = self.is_manual

        permissions = self.permissions

        problem = self.problem

        requirements = []
        for requirements_item_data in self.requirements:
            requirements_item = requirements_item_data.to_dict()
            requirements.append(requirements_item)

        section = self.section

        severity = self.severity

        title = self.title

        why = self.why

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "control": control,
                "equivalents": equivalents,
                "expected": expected,
                "is_manual": is_manual,
                "permissions": permissions,
                "problem": problem,
                "requirements": requirements,
                "section": section,
                "severity": severity,
                "title": title,
                "why": why,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.equivalent import Equivalent
        from ..models.requirement import Requirement

        d = dict(src_dict)
        control = d.pop("control")

        equivalents = []
        _equivalents = d.pop("equivalents")
        for equivalents_item_data in _equivalents:
            equivalents_item = Equivalent.from_dict(equivalents_item_data)

            equivalents.append(equivalents_item)

        expected = d.pop("expected")

        is_manual = d.pop("is_manual")

        permissions = cast(list[str], d.pop("permissions"))

        problem = d.pop("problem")

        requirements = []
        _requirements = d.pop("requirements")
        for requirements_item_data in _requirements:
            requirements_item = Requirement.from_dict(requirements_item_data)

            requirements.append(requirements_item)

        section = d.pop("section")

        severity = d.pop("severity")

        title = d.pop("title")

        why = d.pop("why")

        control = cls(
            control=control,
            equivalents=equivalents,
            expected=expected,
            is_manual=is_manual,
            permissions=permissions,
            problem=problem,
            requirements=requirements,
            section=section,
            severity=severity,
            title=title,
            why=why,
        )

        control.additional_properties = d
        return control

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

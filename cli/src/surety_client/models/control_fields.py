from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.equivalent import Equivalent
    from ..models.requirement import Requirement


T = TypeVar("T", bound="ControlFields")


@_attrs_define
class ControlFields:
    """The fields of Control that the parameter `fields` names

    Attributes:
        control (str | Unset):
        equivalents (list[Equivalent] | Unset):
        expected (str | Unset): What the control expects of a subject, with the default values of the parameters
        is_manual (bool | Unset): Whether a person answers the control
        permissions (list[str] | Unset): Permissions that Surety needs to judge the control
        problem (str | Unset): What pages and reports call a failure of the control
        requirements (list[Requirement] | Unset):
        section (str | Unset):
        severity (str | Unset):
        title (str | Unset):
        why (str | Unset): Why the control matters
    """

    control: str | Unset = UNSET
    equivalents: list[Equivalent] | Unset = UNSET
    expected: str | Unset = UNSET
    is_manual: bool | Unset = UNSET
    permissions: list[str] | Unset = UNSET
    problem: str | Unset = UNSET
    requirements: list[Requirement] | Unset = UNSET
    section: str | Unset = UNSET
    severity: str | Unset = UNSET
    title: str | Unset = UNSET
    why: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        control = self.control

        equivalents: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.equivalents, Unset):
            equivalents = []
            for equivalents_item_data in self.equivalents:
                equivalents_item = equivalents_item_data.to_dict()
                equivalents.append(equivalents_item)

        expected = self.expected

        is_manual = self.is_manual

        permissions: list[str] | Unset = UNSET
        if not isinstance(self.permissions, Unset):
            permissions = self.permissions

        problem = self.problem

        requirements: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.requirements, Unset):
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
        field_dict.update({})
        if control is not UNSET:
            field_dict["control"] = control
        if equivalents is not UNSET:
            field_dict["equivalents"] = equivalents
        if expected is not UNSET:
            field_dict["expected"] = expected
        if is_manual is not UNSET:
            field_dict["is_manual"] = is_manual
        if permissions is not UNSET:
            field_dict["permissions"] = permissions
        if problem is not UNSET:
            field_dict["problem"] = problem
        if requirements is not UNSET:
            field_dict["requirements"] = requirements
        if section is not UNSET:
            field_dict["section"] = section
        if severity is not UNSET:
            field_dict["severity"] = severity
        if title is not UNSET:
            field_dict["title"] = title
        if why is not UNSET:
            field_dict["why"] = why

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.equivalent import Equivalent
        from ..models.requirement import Requirement

        d = dict(src_dict)
        control = d.pop("control", UNSET)

        _equivalents = d.pop("equivalents", UNSET)
        equivalents: list[Equivalent] | Unset = UNSET
        if _equivalents is not UNSET:
            equivalents = []
            for equivalents_item_data in _equivalents:
                equivalents_item = Equivalent.from_dict(equivalents_item_data)

                equivalents.append(equivalents_item)

        expected = d.pop("expected", UNSET)

        is_manual = d.pop("is_manual", UNSET)

        permissions = cast(list[str], d.pop("permissions", UNSET))

        problem = d.pop("problem", UNSET)

        _requirements = d.pop("requirements", UNSET)
        requirements: list[Requirement] | Unset = UNSET
        if _requirements is not UNSET:
            requirements = []
            for requirements_item_data in _requirements:
                requirements_item = Requirement.from_dict(requirements_item_data)

                requirements.append(requirements_item)

        section = d.pop("section", UNSET)

        severity = d.pop("severity", UNSET)

        title = d.pop("title", UNSET)

        why = d.pop("why", UNSET)

        control_fields = cls(
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

        control_fields.additional_properties = d
        return control_fields

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

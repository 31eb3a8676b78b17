from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="SetBaselineOwnerRuleRequest")


@_attrs_define
class SetBaselineOwnerRuleRequest:
    """An owner rule for many customers. So it has no condition on a subscription or directory.

    Attributes:
        name (str):
        owner (str): The email address of a person who may own findings of all customers of the organization
        control (str | Unset): The short name of a control
        is_enabled (bool | Unset):  Default: True.
        resource_group (str | Unset): A pattern of the names of resource groups: `*` matches any text, `?` matches one
            character
        resource_pattern (str | Unset): A pattern of ids of resources
        section (str | Unset): The short name of a section of the catalogue of controls
        severity (str | Unset): One of critical, high, medium, low
        tag_name (str | Unset): The name of a tag
        tag_value (str | Unset): The value of the tag; empty if any value matches
        unit (str | Unset): `/subscriptions/<id>` or `directory:<id>`
    """

    name: str
    owner: str
    control: str | Unset = UNSET
    is_enabled: bool | Unset = True
    resource_group: str | Unset = UNSET
    resource_pattern: str | Unset = UNSET
    section: str | Unset = UNSET
    severity: str | Unset = UNSET
    tag_name: str | Unset = UNSET
    tag_value: str | Unset = UNSET
    unit: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        owner = self.owner

        control = self.control

        is_enabled = self.is_enabled

        resource_group = self.resource_group

        resource_pattern = self.resource_pattern

        section = self.section

        severity = self.severity

        tag_name = self.tag_name

        tag_value = self.tag_value

        unit = self.unit

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "name": name,
                "owner": owner,
            }
        )
        if control is not UNSET:
            field_dict["control"] = control
        if is_enabled is not UNSET:
            field_dict["is_enabled"] = is_enabled
        if resource_group is not UNSET:
            field_dict["resource_group"] = resource_group
        if resource_pattern is not UNSET:
            field_dict["resource_pattern"] = resource_pattern
        if section is not UNSET:
            field_dict["section"] = section
        if severity is not UNSET:
            field_dict["severity"] = severity
        if tag_name is not UNSET:
            field_dict["tag_name"] = tag_name
        if tag_value is not UNSET:
            field_dict["tag_value"] = tag_value
        if unit is not UNSET:
            field_dict["unit"] = unit

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        name = d.pop("name")

        owner = d.pop("owner")

        control = d.pop("control", UNSET)

        is_enabled = d.pop("is_enabled", UNSET)

        resource_group = d.pop("resource_group", UNSET)

        resource_pattern = d.pop("resource_pattern", UNSET)

        section = d.pop("section", UNSET)

        severity = d.pop("severity", UNSET)

        tag_name = d.pop("tag_name", UNSET)

        tag_value = d.pop("tag_value", UNSET)

        unit = d.pop("unit", UNSET)

        set_baseline_owner_rule_request = cls(
            name=name,
            owner=owner,
            control=control,
            is_enabled=is_enabled,
            resource_group=resource_group,
            resource_pattern=resource_pattern,
            section=section,
            severity=severity,
            tag_name=tag_name,
            tag_value=tag_value,
            unit=unit,
        )

        set_baseline_owner_rule_request.additional_properties = d
        return set_baseline_owner_rule_request

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

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.person import Person


T = TypeVar("T", bound="OwnerRule")


@_attrs_define
class OwnerRule:
    """A rule. The first rule that matches a finding decides who owns the finding.

    Attributes:
        changed_at (datetime.datetime):
        created_at (datetime.datetime):
        id (UUID):
        is_enabled (bool):
        name (str):
        owner (Person): A person, by name and email address.
        position (int): 1 for the rule that applies first
        control (str | Unset): The short name of a control
        resource_group (str | Unset): A pattern of the names of resource groups: `*` matches any text, `?` matches one
            character
        resource_pattern (str | Unset): A pattern of ids of resources
        section (str | Unset): The short name of a section of the catalogue of controls
        severity (str | Unset): One of critical, high, medium, low
        tag_name (str | Unset): The name of a tag
        tag_value (str | Unset): The value of the tag; empty if any value matches
        unit (str | Unset): `/subscriptions/<id>` or `directory:<id>`
    """

    changed_at: datetime.datetime
    created_at: datetime.datetime
    id: UUID
    is_enabled: bool
    name: str
    owner: Person
    position: int
    control: str | Unset = UNSET
    resource_group: str | Unset = UNSET
    resource_pattern: str | Unset = UNSET
    section: str | Unset = UNSET
    severity: str | Unset = UNSET
    tag_name: str | Unset = UNSET
    tag_value: str | Unset = UNSET
    unit: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        changed_at = self.changed_at.isoformat()

        created_at = self.created_at.isoformat()

        id = str(self.id)

        is_enabled = self.is_enabled

        name = self.name

        owner = self.owner.to_dict()

        position = self.position

        control = self.control

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
                "changed_at": changed_at,
                "created_at": created_at,
                "id": id,
                "is_enabled": is_enabled,
                "name": name,
                "owner": owner,
                "position": position,
            }
        )
        if control is not UNSET:
            field_dict["control"] = control
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
        from ..models.person import Person

        d = dict(src_dict)
        changed_at = datetime.datetime.fromisoformat(d.pop("changed_at"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        id = UUID(d.pop("id"))

        is_enabled = d.pop("is_enabled")

        name = d.pop("name")

        owner = Person.from_dict(d.pop("owner"))

        position = d.pop("position")

        control = d.pop("control", UNSET)

        resource_group = d.pop("resource_group", UNSET)

        resource_pattern = d.pop("resource_pattern", UNSET)

        section = d.pop("section", UNSET)

        severity = d.pop("severity", UNSET)

        tag_name = d.pop("tag_name", UNSET)

        tag_value = d.pop("tag_value", UNSET)

        unit = d.pop("unit", UNSET)

        owner_rule = cls(
            changed_at=changed_at,
            created_at=created_at,
            id=id,
            is_enabled=is_enabled,
            name=name,
            owner=owner,
            position=position,
            control=control,
            resource_group=resource_group,
            resource_pattern=resource_pattern,
            section=section,
            severity=severity,
            tag_name=tag_name,
            tag_value=tag_value,
            unit=unit,
        )

        owner_rule.additional_properties = d
        return owner_rule

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

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


T = TypeVar("T", bound="OwnerRuleFields")


@_attrs_define
class OwnerRuleFields:
    """The fields of OwnerRule that the parameter `fields` names

    Attributes:
        changed_at (datetime.datetime | Unset):
        control (str | Unset): The short name of a control
        created_at (datetime.datetime | Unset):
        id (UUID | Unset):
        is_enabled (bool | Unset):
        name (str | Unset):
        owner (Person | Unset): A person, by name and email address.
        position (int | Unset): 1 for the rule that applies first
        resource_group (str | Unset): A pattern of the names of resource groups: `*` matches any text, `?` matches one
            character
        resource_pattern (str | Unset): A pattern of ids of resources
        section (str | Unset): The short name of a section of the catalogue of controls
        severity (str | Unset): One of critical, high, medium, low
        tag_name (str | Unset): The name of a tag
        tag_value (str | Unset): The value of the tag; empty if any value matches
        unit (str | Unset): `/subscriptions/<id>` or `directory:<id>`
    """

    changed_at: datetime.datetime | Unset = UNSET
    control: str | Unset = UNSET
    created_at: datetime.datetime | Unset = UNSET
    id: UUID | Unset = UNSET
    is_enabled: bool | Unset = UNSET
    name: str | Unset = UNSET
    owner: Person | Unset = UNSET
    position: int | Unset = UNSET
    resource_group: str | Unset = UNSET
    resource_pattern: str | Unset = UNSET
    section: str | Unset = UNSET
    severity: str | Unset = UNSET
    tag_name: str | Unset = UNSET
    tag_value: str | Unset = UNSET
    unit: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        changed_at: str | Unset = UNSET
        if not isinstance(self.changed_at, Unset):
            changed_at = self.changed_at.isoformat()

        control = self.control

        created_at: str | Unset = UNSET
        if not isinstance(self.created_at, Unset):
            created_at = self.created_at.isoformat()

        id: str | Unset = UNSET
        if not isinstance(self.id, Unset):
            id = str(self.id)

        is_enabled = self.is_enabled

        name = self.name

        owner: dict[str, Any] | Unset = UNSET
        if not isinstance(self.owner, Unset):
            owner = self.owner.to_dict()

        position = self.position

        resource_group = self.resource_group

        resource_pattern = self.resource_pattern

        section = self.section

        severity = self.severity

        tag_name = self.tag_name

        tag_value = self.tag_value

        unit = self.unit

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if changed_at is not UNSET:
            field_dict["changed_at"] = changed_at
        if control is not UNSET:
            field_dict["control"] = control
        if created_at is not UNSET:
            field_dict["created_at"] = created_at
        if id is not UNSET:
            field_dict["id"] = id
        if is_enabled is not UNSET:
            field_dict["is_enabled"] = is_enabled
        if name is not UNSET:
            field_dict["name"] = name
        if owner is not UNSET:
            field_dict["owner"] = owner
        if position is not UNSET:
            field_dict["position"] = position
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
        _changed_at = d.pop("changed_at", UNSET)
        changed_at: datetime.datetime | Unset
        if isinstance(_changed_at, Unset):
            changed_at = UNSET
        else:
            changed_at = datetime.datetime.fromisoformat(_changed_at)

        control = d.pop("control", UNSET)

        _created_at = d.pop("created_at", UNSET)
        created_at: datetime.datetime | Unset
        if isinstance(_created_at, Unset):
            created_at = UNSET
        else:
            created_at = datetime.datetime.fromisoformat(_created_at)

        _id = d.pop("id", UNSET)
        id: UUID | Unset
        if isinstance(_id, Unset):
            id = UNSET
        else:
            id = UUID(_id)

        is_enabled = d.pop("is_enabled", UNSET)

        name = d.pop("name", UNSET)

        _owner = d.pop("owner", UNSET)
        owner: Person | Unset
        if isinstance(_owner, Unset):
            owner = UNSET
        else:
            owner = Person.from_dict(_owner)

        position = d.pop("position", UNSET)

        resource_group = d.pop("resource_group", UNSET)

        resource_pattern = d.pop("resource_pattern", UNSET)

        section = d.pop("section", UNSET)

        severity = d.pop("severity", UNSET)

        tag_name = d.pop("tag_name", UNSET)

        tag_value = d.pop("tag_value", UNSET)

        unit = d.pop("unit", UNSET)

        owner_rule_fields = cls(
            changed_at=changed_at,
            control=control,
            created_at=created_at,
            id=id,
            is_enabled=is_enabled,
            name=name,
            owner=owner,
            position=position,
            resource_group=resource_group,
            resource_pattern=resource_pattern,
            section=section,
            severity=severity,
            tag_name=tag_name,
            tag_value=tag_value,
            unit=unit,
        )

        owner_rule_fields.additional_properties = d
        return owner_rule_fields

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

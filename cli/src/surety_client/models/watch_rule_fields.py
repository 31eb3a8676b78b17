from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.change_kind_enum import ChangeKindEnum
from ..models.severity_enum import SeverityEnum
from ..types import UNSET, Unset

T = TypeVar("T", bound="WatchRuleFields")


@_attrs_define
class WatchRuleFields:
    """The fields of WatchRule that the parameter `fields` names

    Attributes:
        actors (list[str] | Unset): Patterns of user names or of ids of applications
        changed_at (datetime.datetime | Unset):
        created_at (datetime.datetime | Unset):
        days (list[int] | Unset): The rule catches only changes on these weekdays, from 1 (Monday) to 7 (Sunday)
        except_actors (list[str] | Unset): Patterns of user names or of ids of applications. If the patterns match all
            actors that may have made a change, the rule does not catch the change
        groups (list[str] | Unset): Patterns of resource groups
        hours (str | Unset): The rule catches only changes in these hours, in the customer's time zone, such as
            `18:00-07:00`
        id (UUID | Unset):
        is_enabled (bool | Unset):
        kinds (list[ChangeKindEnum] | Unset):
        name (str | Unset):
        operations (list[str] | Unset): Patterns of operations, such as `microsoft.authorization/locks/*`
        properties (list[str] | Unset): Patterns of properties, such as `properties.securityRules*`
        severity (SeverityEnum | Unset):
        tag_name (str | Unset):
        tag_value (str | Unset): Empty for any value
        types (list[str] | Unset): Patterns of resource types, such as `microsoft.network/*`
        unapproved (bool | Unset): Whether the rule catches a change only if the change leaves the resource different
            from its approved configuration
        units (list[str] | Unset): Subscriptions, as `/subscriptions/<id>`
        worsened (bool | Unset): Whether the rule catches a change only if a finding of the resource began to fail after
            the change
    """

    actors: list[str] | Unset = UNSET
    changed_at: datetime.datetime | Unset = UNSET
    created_at: datetime.datetime | Unset = UNSET
    days: list[int] | Unset = UNSET
    except_actors: list[str] | Unset = UNSET
    groups: list[str] | Unset = UNSET
    hours: str | Unset = UNSET
    id: UUID | Unset = UNSET
    is_enabled: bool | Unset = UNSET
    kinds: list[ChangeKindEnum] | Unset = UNSET
    name: str | Unset = UNSET
    operations: list[str] | Unset = UNSET
    properties: list[str] | Unset = UNSET
    severity: SeverityEnum | Unset = UNSET
    tag_name: str | Unset = UNSET
    tag_value: str | Unset = UNSET
    types: list[str] | Unset = UNSET
    unapproved: bool | Unset = UNSET
    units: list[str] | Unset = UNSET
    worsened: bool | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        actors: list[str] | Unset = UNSET
        if not isinstance(self.actors, Unset):
            actors = self.actors

        changed_at: str | Unset = UNSET
        if not isinstance(self.changed_at, Unset):
            changed_at = self.changed_at.isoformat()

        created_at: str | Unset = UNSET
        if not isinstance(self.created_at, Unset):
            created_at = self.created_at.isoformat()

        days: list[int] | Unset = UNSET
        if not isinstance(self.days, Unset):
            days = self.days

        except_actors: list[str] | Unset = UNSET
        if not isinstance(self.except_actors, Unset):
            except_actors = self.except_actors

        groups: list[str] | Unset = UNSET
        if not isinstance(self.groups, Unset):
            groups = self.groups

        hours = self.hours

        id: str | Unset = UNSET
        if not isinstance(self.id, Unset):
            id = str(self.id)

        is_enabled = self.is_enabled

        kinds: list[str] | Unset = UNSET
        if not isinstance(self.kinds, Unset):
            kinds = []
            for kinds_item_data in self.kinds:
                kinds_item = kinds_item_data.value
                kinds.append(kinds_item)

        name = self.name

        operations: list[str] | Unset = UNSET
        if not isinstance(self.operations, Unset):
            operations = self.operations

        properties: list[str] | Unset = UNSET
        if not isinstance(self.properties, Unset):
            properties = self.properties

        severity: str | Unset = UNSET
        if not isinstance(self.severity, Unset):
            severity = self.severity.value

        tag_name = self.tag_name

        tag_value = self.tag_value

        types: list[str] | Unset = UNSET
        if not isinstance(self.types, Unset):
            types = self.types

        unapproved = self.unapproved

        units: list[str] | Unset = UNSET
        if not isinstance(self.units, Unset):
            units = self.units

        worsened = self.worsened

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if actors is not UNSET:
            field_dict["actors"] = actors
        if changed_at is not UNSET:
            field_dict["changed_at"] = changed_at
        if created_at is not UNSET:
            field_dict["created_at"] = created_at
        if days is not UNSET:
            field_dict["days"] = days
        if except_actors is not UNSET:
            field_dict["except_actors"] = except_actors
        if groups is not UNSET:
            field_dict["groups"] = groups
        if hours is not UNSET:
            field_dict["hours"] = hours
        if id is not UNSET:
            field_dict["id"] = id
        if is_enabled is not UNSET:
            field_dict["is_enabled"] = is_enabled
        if kinds is not UNSET:
            field_dict["kinds"] = kinds
        if name is not UNSET:
            field_dict["name"] = name
        if operations is not UNSET:
            field_dict["operations"] = operations
        if properties is not UNSET:
            field_dict["properties"] = properties
        if severity is not UNSET:
            field_dict["severity"] = severity
        if tag_name is not UNSET:
            field_dict["tag_name"] = tag_name
        if tag_value is not UNSET:
            field_dict["tag_value"] = tag_value
        if types is not UNSET:
            field_dict["types"] = types
        if unapproved is not UNSET:
            field_dict["unapproved"] = unapproved
        if units is not UNSET:
            field_dict["units"] = units
        if worsened is not UNSET:
            field_dict["worsened"] = worsened

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        actors = cast(list[str], d.pop("actors", UNSET))

        _changed_at = d.pop("changed_at", UNSET)
        changed_at: datetime.datetime | Unset
        if isinstance(_changed_at, Unset):
            changed_at = UNSET
        else:
            changed_at = datetime.datetime.fromisoformat(_changed_at)

        _created_at = d.pop("created_at", UNSET)
        created_at: datetime.datetime | Unset
        if isinstance(_created_at, Unset):
            created_at = UNSET
        else:
            created_at = datetime.datetime.fromisoformat(_created_at)

        days = cast(list[int], d.pop("days", UNSET))

        except_actors = cast(list[str], d.pop("except_actors", UNSET))

        groups = cast(list[str], d.pop("groups", UNSET))

        hours = d.pop("hours", UNSET)

        _id = d.pop("id", UNSET)
        id: UUID | Unset
        if isinstance(_id, Unset):
            id = UNSET
        else:
            id = UUID(_id)

        is_enabled = d.pop("is_enabled", UNSET)

        _kinds = d.pop("kinds", UNSET)
        kinds: list[ChangeKindEnum] | Unset = UNSET
        if _kinds is not UNSET:
            kinds = []
            for kinds_item_data in _kinds:
                kinds_item = ChangeKindEnum(kinds_item_data)

                kinds.append(kinds_item)

        name = d.pop("name", UNSET)

        operations = cast(list[str], d.pop("operations", UNSET))

        properties = cast(list[str], d.pop("properties", UNSET))

        _severity = d.pop("severity", UNSET)
        severity: SeverityEnum | Unset
        if isinstance(_severity, Unset):
            severity = UNSET
        else:
            severity = SeverityEnum(_severity)

        tag_name = d.pop("tag_name", UNSET)

        tag_value = d.pop("tag_value", UNSET)

        types = cast(list[str], d.pop("types", UNSET))

        unapproved = d.pop("unapproved", UNSET)

        units = cast(list[str], d.pop("units", UNSET))

        worsened = d.pop("worsened", UNSET)

        watch_rule_fields = cls(
            actors=actors,
            changed_at=changed_at,
            created_at=created_at,
            days=days,
            except_actors=except_actors,
            groups=groups,
            hours=hours,
            id=id,
            is_enabled=is_enabled,
            kinds=kinds,
            name=name,
            operations=operations,
            properties=properties,
            severity=severity,
            tag_name=tag_name,
            tag_value=tag_value,
            types=types,
            unapproved=unapproved,
            units=units,
            worsened=worsened,
        )

        watch_rule_fields.additional_properties = d
        return watch_rule_fields

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

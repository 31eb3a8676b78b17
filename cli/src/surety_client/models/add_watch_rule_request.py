from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.change_kind_enum import ChangeKindEnum
from ..models.severity_enum import SeverityEnum
from ..types import UNSET, Unset

T = TypeVar("T", bound="AddWatchRuleRequest")


@_attrs_define
class AddWatchRuleRequest:
    """A new rule.

    Attributes:
        name (str):
        actors (list[str] | Unset): Patterns of user names or of ids of applications
        days (list[int] | Unset): The rule catches only changes on these weekdays, from 1 (Monday) to 7 (Sunday)
        except_actors (list[str] | Unset): Patterns of user names or of ids of applications. If the patterns match all
            actors that may have made a change, the rule does not catch the change
        groups (list[str] | Unset): Patterns of resource groups
        hours (str | Unset): The rule catches only changes in these hours, in the customer's time zone, such as
            `18:00-07:00`
        is_enabled (bool | Unset):  Default: True.
        kinds (list[ChangeKindEnum] | Unset):
        operations (list[str] | Unset): Patterns of operations, such as `microsoft.authorization/locks/*`
        properties (list[str] | Unset): Patterns of properties, such as `properties.securityRules*`
        severity (SeverityEnum | Unset):  Default: SeverityEnum.MEDIUM.
        tag_name (str | Unset):
        tag_value (str | Unset): Empty for any value
        types (list[str] | Unset): Patterns of resource types, such as `microsoft.network/*`
        unapproved (bool | Unset): Whether the rule catches a change only if the change leaves the resource different
            from its approved configuration
        units (list[str] | Unset): Subscriptions, as `/subscriptions/<id>`
        worsened (bool | Unset): Whether the rule catches a change only if a finding of the resource began to fail after
            the change
    """

    name: str
    actors: list[str] | Unset = UNSET
    days: list[int] | Unset = UNSET
    except_actors: list[str] | Unset = UNSET
    groups: list[str] | Unset = UNSET
    hours: str | Unset = UNSET
    is_enabled: bool | Unset = True
    kinds: list[ChangeKindEnum] | Unset = UNSET
    operations: list[str] | Unset = UNSET
    properties: list[str] | Unset = UNSET
    severity: SeverityEnum | Unset = SeverityEnum.MEDIUM
    tag_name: str | Unset = UNSET
    tag_value: str | Unset = UNSET
    types: list[str] | Unset = UNSET
    unapproved: bool | Unset = UNSET
    units: list[str] | Unset = UNSET
    worsened: bool | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        actors: list[str] | Unset = UNSET
        if not isinstance(self.actors, Unset):
            actors = self.actors

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

        is_enabled = self.is_enabled

        kinds: list[str] | Unset = UNSET
        if not isinstance(self.kinds, Unset):
            kinds = []
            for kinds_item_data in self.kinds:
                kinds_item = kinds_item_data.value
                kinds.append(kinds_item)

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
        field_dict.update(
            {
                "name": name,
            }
        )
        if actors is not UNSET:
            field_dict["actors"] = actors
        if days is not UNSET:
            field_dict["days"] = days
        if except_actors is not UNSET:
            field_dict["except_actors"] = except_actors
        if groups is not UNSET:
            field_dict["groups"] = groups
        if hours is not UNSET:
            field_dict["hours"] = hours
        if is_enabled is not UNSET:
            field_dict["is_enabled"] = is_enabled
        if kinds is not UNSET:
            field_dict["kinds"] = kinds
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
        name = d.pop("name")

        actors = cast(list[str], d.pop("actors", UNSET))

        days = cast(list[int], d.pop("days", UNSET))

        except_actors = cast(list[str], d.pop("except_actors", UNSET))

        groups = cast(list[str], d.pop("groups", UNSET))

        hours = d.pop("hours", UNSET)

        is_enabled = d.pop("is_enabled", UNSET)

        _kinds = d.pop("kinds", UNSET)
        kinds: list[ChangeKindEnum] | Unset = UNSET
        if _kinds is not UNSET:
            kinds = []
            for kinds_item_data in _kinds:
                kinds_item = ChangeKindEnum(kinds_item_data)

                kinds.append(kinds_item)

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

        add_watch_rule_request = cls(
            name=name,
            actors=actors,
            days=days,
            except_actors=except_actors,
            groups=groups,
            hours=hours,
            is_enabled=is_enabled,
            kinds=kinds,
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

        add_watch_rule_request.additional_properties = d
        return add_watch_rule_request

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

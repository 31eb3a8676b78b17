from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="PlannedScopeRequest")


@_attrs_define
class PlannedScopeRequest:
    """Name, time and scope of a planned change. The scope has conditions, and a change must meet all of them. An empty
    condition is always met; at least one condition is required.

        Attributes:
            ends_at (datetime.datetime): At most 31 days after the start
            name (str):
            starts_at (datetime.datetime):
            actors (list[str] | Unset): Patterns of user names or of ids of applications
            groups (list[str] | Unset): Patterns of the names of resource groups: `*` matches any text, `?` matches one
                character
            ticket (str | Unset): Number or name of a ticket
            types (list[str] | Unset): Patterns of resource types
            units (list[str] | Unset): Subscriptions, as `/subscriptions/<id>`
    """

    ends_at: datetime.datetime
    name: str
    starts_at: datetime.datetime
    actors: list[str] | Unset = UNSET
    groups: list[str] | Unset = UNSET
    ticket: str | Unset = UNSET
    types: list[str] | Unset = UNSET
    units: list[str] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        ends_at = self.ends_at.isoformat()

        name = self.name

        starts_at = self.starts_at.isoformat()

        actors: list[str] | Unset = UNSET
        if not isinstance(self.actors, Unset):
            actors = self.actors

        groups: list[str] | Unset = UNSET
        if not isinstance(self.groups, Unset):
            groups = self.groups

        ticket = self.ticket

        types: list[str] | Unset = UNSET
        if not isinstance(self.types, Unset):
            types = self.types

        units: list[str] | Unset = UNSET
        if not isinstance(self.units, Unset):
            units = self.units

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "ends_at": ends_at,
                "name": name,
                "starts_at": starts_at,
            }
        )
        if actors is not UNSET:
            field_dict["actors"] = actors
        if groups is not UNSET:
            field_dict["groups"] = groups
        if ticket is not UNSET:
            field_dict["ticket"] = ticket
        if types is not UNSET:
            field_dict["types"] = types
        if units is not UNSET:
            field_dict["units"] = units

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        ends_at = datetime.datetime.fromisoformat(d.pop("ends_at"))

        name = d.pop("name")

        starts_at = datetime.datetime.fromisoformat(d.pop("starts_at"))

        actors = cast(list[str], d.pop("actors", UNSET))

        groups = cast(list[str], d.pop("groups", UNSET))

        ticket = d.pop("ticket", UNSET)

        types = cast(list[str], d.pop("types", UNSET))

        units = cast(list[str], d.pop("units", UNSET))

        planned_scope_request = cls(
            ends_at=ends_at,
            name=name,
            starts_at=starts_at,
            actors=actors,
            groups=groups,
            ticket=ticket,
            types=types,
            units=units,
        )

        planned_scope_request.additional_properties = d
        return planned_scope_request

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

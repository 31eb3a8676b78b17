from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.person import Person


T = TypeVar("T", bound="PlannedChange")


@_attrs_define
class PlannedChange:
    """A planned change.

    Attributes:
        cancelled_at (datetime.datetime | None):
        created_at (datetime.datetime):
        created_by (Person): A person, by name and email address.
        ends_at (datetime.datetime): At most 31 days after the start
        expected (int): The number of changes that this planned change has covered
        id (UUID):
        name (str):
        starts_at (datetime.datetime):
        actors (list[str] | Unset): Patterns of user names or of ids of applications
        groups (list[str] | Unset): Patterns of the names of resource groups: `*` matches any text, `?` matches one
            character
        ticket (str | Unset): Number or name of a ticket
        types (list[str] | Unset): Patterns of resource types
        units (list[str] | Unset): Subscriptions, as `/subscriptions/<id>`
    """

    cancelled_at: datetime.datetime | None
    created_at: datetime.datetime
    created_by: Person
    ends_at: datetime.datetime
    expected: int
    id: UUID
    name: str
    starts_at: datetime.datetime
    actors: list[str] | Unset = UNSET
    groups: list[str] | Unset = UNSET
    ticket: str | Unset = UNSET
    types: list[str] | Unset = UNSET
    units: list[str] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        cancelled_at: None | str
        if isinstance(self.cancelled_at, datetime.datetime):
            cancelled_at = self.cancelled_at.isoformat()
        else:
            cancelled_at = self.cancelled_at

        created_at = self.created_at.isoformat()

        created_by = self.created_by.to_dict()

        ends_at = self.ends_at.isoformat()

        expected = self.expected

        id = str(self.id)

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
                "cancelled_at": cancelled_at,
                "created_at": created_at,
                "created_by": created_by,
                "ends_at": ends_at,
                "expected": expected,
                "id": id,
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
        from ..models.person import Person

        d = dict(src_dict)

        def _parse_cancelled_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                cancelled_at_type_0 = datetime.datetime.fromisoformat(data)

                return cancelled_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        cancelled_at = _parse_cancelled_at(d.pop("cancelled_at"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        created_by = Person.from_dict(d.pop("created_by"))

        ends_at = datetime.datetime.fromisoformat(d.pop("ends_at"))

        expected = d.pop("expected")

        id = UUID(d.pop("id"))

        name = d.pop("name")

        starts_at = datetime.datetime.fromisoformat(d.pop("starts_at"))

        actors = cast(list[str], d.pop("actors", UNSET))

        groups = cast(list[str], d.pop("groups", UNSET))

        ticket = d.pop("ticket", UNSET)

        types = cast(list[str], d.pop("types", UNSET))

        units = cast(list[str], d.pop("units", UNSET))

        planned_change = cls(
            cancelled_at=cancelled_at,
            created_at=created_at,
            created_by=created_by,
            ends_at=ends_at,
            expected=expected,
            id=id,
            name=name,
            starts_at=starts_at,
            actors=actors,
            groups=groups,
            ticket=ticket,
            types=types,
            units=units,
        )

        planned_change.additional_properties = d
        return planned_change

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

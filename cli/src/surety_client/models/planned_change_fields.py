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


T = TypeVar("T", bound="PlannedChangeFields")


@_attrs_define
class PlannedChangeFields:
    """The fields of PlannedChange that the parameter `fields` names

    Attributes:
        actors (list[str] | Unset): Patterns of user names or of ids of applications
        cancelled_at (datetime.datetime | None | Unset):
        created_at (datetime.datetime | Unset):
        created_by (Person | Unset): A person, by name and email address.
        ends_at (datetime.datetime | Unset): At most 31 days after the start
        expected (int | Unset): The number of changes that this planned change has covered
        groups (list[str] | Unset): Patterns of the names of resource groups: `*` matches any text, `?` matches one
            character
        id (UUID | Unset):
        name (str | Unset):
        starts_at (datetime.datetime | Unset):
        ticket (str | Unset): Number or name of a ticket
        types (list[str] | Unset): Patterns of resource types
        units (list[str] | Unset): Subscriptions, as `/subscriptions/<id>`
    """

    actors: list[str] | Unset = UNSET
    cancelled_at: datetime.datetime | None | Unset = UNSET
    created_at: datetime.datetime | Unset = UNSET
    created_by: Person | Unset = UNSET
    ends_at: datetime.datetime | Unset = UNSET
    expected: int | Unset = UNSET
    groups: list[str] | Unset = UNSET
    id: UUID | Unset = UNSET
    name: str | Unset = UNSET
    starts_at: datetime.datetime | Unset = UNSET
    ticket: str | Unset = UNSET
    types: list[str] | Unset = UNSET
    units: list[str] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        actors: list[str] | Unset = UNSET
        if not isinstance(self.actors, Unset):
            actors = self.actors

        cancelled_at: None | str | Unset
        if isinstance(self.cancelled_at, Unset):
            cancelled_at = UNSET
        elif isinstance(self.cancelled_at, datetime.datetime):
            cancelled_at = self.cancelled_at.isoformat()
        else:
            cancelled_at = self.cancelled_at

        created_at: str | Unset = UNSET
        if not isinstance(self.created_at, Unset):
            created_at = self.created_at.isoformat()

        created_by: dict[str, Any] | Unset = UNSET
        if not isinstance(self.created_by, Unset):
            created_by = self.created_by.to_dict()

        ends_at: str | Unset = UNSET
        if not isinstance(self.ends_at, Unset):
            ends_at = self.ends_at.isoformat()

        expected = self.expected

        groups: list[str] | Unset = UNSET
        if not isinstance(self.groups, Unset):
            groups = self.groups

        id: str | Unset = UNSET
        if not isinstance(self.id, Unset):
            id = str(self.id)

        name = self.name

        starts_at: str | Unset = UNSET
        if not isinstance(self.starts_at, Unset):
            starts_at = self.starts_at.isoformat()

        ticket = self.ticket

        types: list[str] | Unset = UNSET
        if not isinstance(self.types, Unset):
            types = self.types

        units: list[str] | Unset = UNSET
        if not isinstance(self.units, Unset):
            units = self.units

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if actors is not UNSET:
            field_dict["actors"] = actors
        if cancelled_at is not UNSET:
            field_dict["cancelled_at"] = cancelled_at
        if created_at is not UNSET:
            field_dict["created_at"] = created_at
        if created_by is not UNSET:
            field_dict["created_by"] = created_by
        if ends_at is not UNSET:
            field_dict["ends_at"] = ends_at
        if expected is not UNSET:
            field_dict["expected"] = expected
        if groups is not UNSET:
            field_dict["groups"] = groups
        if id is not UNSET:
            field_dict["id"] = id
        if name is not UNSET:
            field_dict["name"] = name
        if starts_at is not UNSET:
            field_dict["starts_at"] = starts_at
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
        actors = cast(list[str], d.pop("actors", UNSET))

        def _parse_cancelled_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                cancelled_at_type_0 = datetime.datetime.fromisoformat(data)

                return cancelled_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        cancelled_at = _parse_cancelled_at(d.pop("cancelled_at", UNSET))

        _created_at = d.pop("created_at", UNSET)
        created_at: datetime.datetime | Unset
        if isinstance(_created_at, Unset):
            created_at = UNSET
        else:
            created_at = datetime.datetime.fromisoformat(_created_at)

        _created_by = d.pop("created_by", UNSET)
        created_by: Person | Unset
        if isinstance(_created_by, Unset):
            created_by = UNSET
        else:
            created_by = Person.from_dict(_created_by)

        _ends_at = d.pop("ends_at", UNSET)
        ends_at: datetime.datetime | Unset
        if isinstance(_ends_at, Unset):
            ends_at = UNSET
        else:
            ends_at = datetime.datetime.fromisoformat(_ends_at)

        expected = d.pop("expected", UNSET)

        groups = cast(list[str], d.pop("groups", UNSET))

        _id = d.pop("id", UNSET)
        id: UUID | Unset
        if isinstance(_id, Unset):
            id = UNSET
        else:
            id = UUID(_id)

        name = d.pop("name", UNSET)

        _starts_at = d.pop("starts_at", UNSET)
        starts_at: datetime.datetime | Unset
        if isinstance(_starts_at, Unset):
            starts_at = UNSET
        else:
            starts_at = datetime.datetime.fromisoformat(_starts_at)

        ticket = d.pop("ticket", UNSET)

        types = cast(list[str], d.pop("types", UNSET))

        units = cast(list[str], d.pop("units", UNSET))

        planned_change_fields = cls(
            actors=actors,
            cancelled_at=cancelled_at,
            created_at=created_at,
            created_by=created_by,
            ends_at=ends_at,
            expected=expected,
            groups=groups,
            id=id,
            name=name,
            starts_at=starts_at,
            ticket=ticket,
            types=types,
            units=units,
        )

        planned_change_fields.additional_properties = d
        return planned_change_fields

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

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.person import Person


T = TypeVar("T", bound="Answer")


@_attrs_define
class Answer:
    """The current answer to a manual control.

    Attributes:
        attested_at (datetime.datetime):
        attested_by (Person): A person, by name and email address.
        id (UUID):
        met (bool): Whether the control is met
        statement (str):
        valid_until (datetime.datetime):
    """

    attested_at: datetime.datetime
    attested_by: Person
    id: UUID
    met: bool
    statement: str
    valid_until: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        attested_at = self.attested_at.isoformat()

        attested_by = self.attested_by.to_dict()

        id = str(self.id)

        met = self.met

        statement = self.statement

        valid_until = self.valid_until.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "attested_at": attested_at,
                "attested_by": attested_by,
                "id": id,
                "met": met,
                "statement": statement,
                "valid_until": valid_until,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.person import Person

        d = dict(src_dict)
        attested_at = datetime.datetime.fromisoformat(d.pop("attested_at"))

        attested_by = Person.from_dict(d.pop("attested_by"))

        id = UUID(d.pop("id"))

        met = d.pop("met")

        statement = d.pop("statement")

        valid_until = datetime.datetime.fromisoformat(d.pop("valid_until"))

        answer = cls(
            attested_at=attested_at,
            attested_by=attested_by,
            id=id,
            met=met,
            statement=statement,
            valid_until=valid_until,
        )

        answer.additional_properties = d
        return answer

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

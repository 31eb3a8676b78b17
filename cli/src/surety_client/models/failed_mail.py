from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.person import Person


T = TypeVar("T", bound="FailedMail")


@_attrs_define
class FailedMail:
    """A mail that could not be delivered to a person.

    Attributes:
        attempts (int):
        created_at (datetime.datetime):
        error (str):
        event (str):
        id (UUID):
        person (Person): A person, by name and email address.
        title (str):
    """

    attempts: int
    created_at: datetime.datetime
    error: str
    event: str
    id: UUID
    person: Person
    title: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        attempts = self.attempts

        created_at = self.created_at.isoformat()

        error = self.error

        event = self.event

        id = str(self.id)

        person = self.person.to_dict()

        title = self.title

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "attempts": attempts,
                "created_at": created_at,
                "error": error,
                "event": event,
                "id": id,
                "person": person,
                "title": title,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.person import Person

        d = dict(src_dict)
        attempts = d.pop("attempts")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        error = d.pop("error")

        event = d.pop("event")

        id = UUID(d.pop("id"))

        person = Person.from_dict(d.pop("person"))

        title = d.pop("title")

        failed_mail = cls(
            attempts=attempts,
            created_at=created_at,
            error=error,
            event=event,
            id=id,
            person=person,
            title=title,
        )

        failed_mail.additional_properties = d
        return failed_mail

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

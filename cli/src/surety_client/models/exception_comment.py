from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.person import Person


T = TypeVar("T", bound="ExceptionComment")


@_attrs_define
class ExceptionComment:
    """A comment on an exception.

    Attributes:
        at (datetime.datetime):
        author (Person): A person, by name and email address.
        body (str): The text; empty if the author has deleted it
        deleted_at (datetime.datetime | None):
        exception (int): The number of the exception
        id (UUID):
    """

    at: datetime.datetime
    author: Person
    body: str
    deleted_at: datetime.datetime | None
    exception: int
    id: UUID
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        at = self.at.isoformat()

        author = self.author.to_dict()

        body = self.body

        deleted_at: None | str
        if isinstance(self.deleted_at, datetime.datetime):
            deleted_at = self.deleted_at.isoformat()
        else:
            deleted_at = self.deleted_at

        exception = self.exception

        id = str(self.id)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "at": at,
                "author": author,
                "body": body,
                "deleted_at": deleted_at,
                "exception": exception,
                "id": id,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.person import Person

        d = dict(src_dict)
        at = datetime.datetime.fromisoformat(d.pop("at"))

        author = Person.from_dict(d.pop("author"))

        body = d.pop("body")

        def _parse_deleted_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                deleted_at_type_0 = datetime.datetime.fromisoformat(data)

                return deleted_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        deleted_at = _parse_deleted_at(d.pop("deleted_at"))

        exception = d.pop("exception")

        id = UUID(d.pop("id"))

        exception_comment = cls(
            at=at,
            author=author,
            body=body,
            deleted_at=deleted_at,
            exception=exception,
            id=id,
        )

        exception_comment.additional_properties = d
        return exception_comment

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

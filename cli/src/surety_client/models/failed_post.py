from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="FailedPost")


@_attrs_define
class FailedPost:
    """A message that could not be delivered to a channel.

    Attributes:
        attempts (int):
        channel (UUID):
        created_at (datetime.datetime):
        error (str):
        event (str):
        id (UUID):
        status (int): The HTTP status of the last answer; 0 without an answer
        title (str | Unset):  Default: ''.
    """

    attempts: int
    channel: UUID
    created_at: datetime.datetime
    error: str
    event: str
    id: UUID
    status: int
    title: str | Unset = ""
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        attempts = self.attempts

        channel = str(self.channel)

        created_at = self.created_at.isoformat()

        error = self.error

        event = self.event

        id = str(self.id)

        status = self.status

        title = self.title

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "attempts": attempts,
                "channel": channel,
                "created_at": created_at,
                "error": error,
                "event": event,
                "id": id,
                "status": status,
            }
        )
        if title is not UNSET:
            field_dict["title"] = title

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        attempts = d.pop("attempts")

        channel = UUID(d.pop("channel"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        error = d.pop("error")

        event = d.pop("event")

        id = UUID(d.pop("id"))

        status = d.pop("status")

        title = d.pop("title", UNSET)

        failed_post = cls(
            attempts=attempts,
            channel=channel,
            created_at=created_at,
            error=error,
            event=event,
            id=id,
            status=status,
            title=title,
        )

        failed_post.additional_properties = d
        return failed_post

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

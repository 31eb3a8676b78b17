from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="FailedPostFields")


@_attrs_define
class FailedPostFields:
    """The fields of FailedPost that the parameter `fields` names

    Attributes:
        attempts (int | Unset):
        channel (UUID | Unset):
        created_at (datetime.datetime | Unset):
        error (str | Unset):
        event (str | Unset):
        id (UUID | Unset):
        status (int | Unset): The HTTP status of the last answer; 0 without an answer
        title (str | Unset):  Default: ''.
    """

    attempts: int | Unset = UNSET
    channel: UUID | Unset = UNSET
    created_at: datetime.datetime | Unset = UNSET
    error: str | Unset = UNSET
    event: str | Unset = UNSET
    id: UUID | Unset = UNSET
    status: int | Unset = UNSET
    title: str | Unset = ""
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        attempts = self.attempts

        channel: str | Unset = UNSET
        if not isinstance(self.channel, Unset):
            channel = str(self.channel)

        created_at: str | Unset = UNSET
        if not isinstance(self.created_at, Unset):
            created_at = self.created_at.isoformat()

        error = self.error

        event = self.event

        id: str | Unset = UNSET
        if not isinstance(self.id, Unset):
            id = str(self.id)

        status = self.status

        title = self.title

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if attempts is not UNSET:
            field_dict["attempts"] = attempts
        if channel is not UNSET:
            field_dict["channel"] = channel
        if created_at is not UNSET:
            field_dict["created_at"] = created_at
        if error is not UNSET:
            field_dict["error"] = error
        if event is not UNSET:
            field_dict["event"] = event
        if id is not UNSET:
            field_dict["id"] = id
        if status is not UNSET:
            field_dict["status"] = status
        if title is not UNSET:
            field_dict["title"] = title

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        attempts = d.pop("attempts", UNSET)

        _channel = d.pop("channel", UNSET)
        channel: UUID | Unset
        if isinstance(_channel, Unset):
            channel = UNSET
        else:
            channel = UUID(_channel)

        _created_at = d.pop("created_at", UNSET)
        created_at: datetime.datetime | Unset
        if isinstance(_created_at, Unset):
            created_at = UNSET
        else:
            created_at = datetime.datetime.fromisoformat(_created_at)

        error = d.pop("error", UNSET)

        event = d.pop("event", UNSET)

        _id = d.pop("id", UNSET)
        id: UUID | Unset
        if isinstance(_id, Unset):
            id = UNSET
        else:
            id = UUID(_id)

        status = d.pop("status", UNSET)

        title = d.pop("title", UNSET)

        failed_post_fields = cls(
            attempts=attempts,
            channel=channel,
            created_at=created_at,
            error=error,
            event=event,
            id=id,
            status=status,
            title=title,
        )

        failed_post_fields.additional_properties = d
        return failed_post_fields

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

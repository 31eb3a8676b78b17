from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.channel_kind_enum import ChannelKindEnum
from ..models.events_enum import EventsEnum

T = TypeVar("T", bound="AddedChannel")


@_attrs_define
class AddedChannel:
    """A channel that this request has added, and its signing secret if the channel is a webhook.

    Attributes:
        created_at (datetime.datetime):
        disabled_because (str): Why Surety turned the channel off
        events (list[EventsEnum]):
        host (str): The host of the address; empty if the channel has no address
        id (UUID):
        is_enabled (bool):
        kind (ChannelKindEnum):
        name (str):
        secret (None | str): The signing secret of a new webhook; null for other channels and in the answer to a
            repeated request
    """

    created_at: datetime.datetime
    disabled_because: str
    events: list[EventsEnum]
    host: str
    id: UUID
    is_enabled: bool
    kind: ChannelKindEnum
    name: str
    secret: None | str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        created_at = self.created_at.isoformat()

        disabled_because = self.disabled_because

        events = []
        for events_item_data in self.events:
            events_item = events_item_data.value
            events.append(events_item)

        host = self.host

        id = str(self.id)

        is_enabled = self.is_enabled

        kind = self.kind.value

        name = self.name

        secret: None | str
        secret = self.secret

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "created_at": created_at,
                "disabled_because": disabled_because,
                "events": events,
                "host": host,
                "id": id,
                "is_enabled": is_enabled,
                "kind": kind,
                "name": name,
                "secret": secret,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        disabled_because = d.pop("disabled_because")

        events = []
        _events = d.pop("events")
        for events_item_data in _events:
            events_item = EventsEnum(events_item_data)

            events.append(events_item)

        host = d.pop("host")

        id = UUID(d.pop("id"))

        is_enabled = d.pop("is_enabled")

        kind = ChannelKindEnum(d.pop("kind"))

        name = d.pop("name")

        def _parse_secret(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        secret = _parse_secret(d.pop("secret"))

        added_channel = cls(
            created_at=created_at,
            disabled_because=disabled_because,
            events=events,
            host=host,
            id=id,
            is_enabled=is_enabled,
            kind=kind,
            name=name,
            secret=secret,
        )

        added_channel.additional_properties = d
        return added_channel

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

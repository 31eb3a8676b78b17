from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.channel_kind_enum import ChannelKindEnum
from ..models.events_enum import EventsEnum
from ..types import UNSET, Unset

T = TypeVar("T", bound="ChannelFields")


@_attrs_define
class ChannelFields:
    """The fields of Channel that the parameter `fields` names

    Attributes:
        created_at (datetime.datetime | Unset):
        disabled_because (str | Unset): Why Surety turned the channel off
        events (list[EventsEnum] | Unset):
        host (str | Unset): The host of the address; empty if the channel has no address
        id (UUID | Unset):
        is_enabled (bool | Unset):
        kind (ChannelKindEnum | Unset):
        name (str | Unset):
    """

    created_at: datetime.datetime | Unset = UNSET
    disabled_because: str | Unset = UNSET
    events: list[EventsEnum] | Unset = UNSET
    host: str | Unset = UNSET
    id: UUID | Unset = UNSET
    is_enabled: bool | Unset = UNSET
    kind: ChannelKindEnum | Unset = UNSET
    name: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        created_at: str | Unset = UNSET
        if not isinstance(self.created_at, Unset):
            created_at = self.created_at.isoformat()

        disabled_because = self.disabled_because

        events: list[str] | Unset = UNSET
        if not isinstance(self.events, Unset):
            events = []
            for events_item_data in self.events:
                events_item = events_item_data.value
                events.append(events_item)

        host = self.host

        id: str | Unset = UNSET
        if not isinstance(self.id, Unset):
            id = str(self.id)

        is_enabled = self.is_enabled

        kind: str | Unset = UNSET
        if not isinstance(self.kind, Unset):
            kind = self.kind.value

        name = self.name

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if created_at is not UNSET:
            field_dict["created_at"] = created_at
        if disabled_because is not UNSET:
            field_dict["disabled_because"] = disabled_because
        if events is not UNSET:
            field_dict["events"] = events
        if host is not UNSET:
            field_dict["host"] = host
        if id is not UNSET:
            field_dict["id"] = id
        if is_enabled is not UNSET:
            field_dict["is_enabled"] = is_enabled
        if kind is not UNSET:
            field_dict["kind"] = kind
        if name is not UNSET:
            field_dict["name"] = name

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        _created_at = d.pop("created_at", UNSET)
        created_at: datetime.datetime | Unset
        if isinstance(_created_at, Unset):
            created_at = UNSET
        else:
            created_at = datetime.datetime.fromisoformat(_created_at)

        disabled_because = d.pop("disabled_because", UNSET)

        _events = d.pop("events", UNSET)
        events: list[EventsEnum] | Unset = UNSET
        if _events is not UNSET:
            events = []
            for events_item_data in _events:
                events_item = EventsEnum(events_item_data)

                events.append(events_item)

        host = d.pop("host", UNSET)

        _id = d.pop("id", UNSET)
        id: UUID | Unset
        if isinstance(_id, Unset):
            id = UNSET
        else:
            id = UUID(_id)

        is_enabled = d.pop("is_enabled", UNSET)

        _kind = d.pop("kind", UNSET)
        kind: ChannelKindEnum | Unset
        if isinstance(_kind, Unset):
            kind = UNSET
        else:
            kind = ChannelKindEnum(_kind)

        name = d.pop("name", UNSET)

        channel_fields = cls(
            created_at=created_at,
            disabled_because=disabled_because,
            events=events,
            host=host,
            id=id,
            is_enabled=is_enabled,
            kind=kind,
            name=name,
        )

        channel_fields.additional_properties = d
        return channel_fields

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

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.channel_kind_enum import ChannelKindEnum
from ..models.events_enum import EventsEnum

T = TypeVar("T", bound="BaselineChannel")


@_attrs_define
class BaselineChannel:
    """A channel of a baseline, without its address and its signing secret.

    Attributes:
        events (list[EventsEnum]):
        host (str):
        kind (ChannelKindEnum):
        name (str):
    """

    events: list[EventsEnum]
    host: str
    kind: ChannelKindEnum
    name: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        events = []
        for events_item_data in self.events:
            events_item = events_item_data.value
            events.append(events_item)

        host = self.host

        kind = self.kind.value

        name = self.name

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "events": events,
                "host": host,
                "kind": kind,
                "name": name,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        events = []
        _events = d.pop("events")
        for events_item_data in _events:
            events_item = EventsEnum(events_item_data)

            events.append(events_item)

        host = d.pop("host")

        kind = ChannelKindEnum(d.pop("kind"))

        name = d.pop("name")

        baseline_channel = cls(
            events=events,
            host=host,
            kind=kind,
            name=name,
        )

        baseline_channel.additional_properties = d
        return baseline_channel

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

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.channel_kind_enum import ChannelKindEnum
from ..models.events_enum import EventsEnum
from ..types import UNSET, Unset

T = TypeVar("T", bound="SetBaselineChannelRequest")


@_attrs_define
class SetBaselineChannelRequest:
    """A channel for many customers.

    Attributes:
        events (list[EventsEnum]):
        name (str):
        address (str | Unset): Needed for a new channel
        kind (ChannelKindEnum | Unset):
    """

    events: list[EventsEnum]
    name: str
    address: str | Unset = UNSET
    kind: ChannelKindEnum | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        events = []
        for events_item_data in self.events:
            events_item = events_item_data.value
            events.append(events_item)

        name = self.name

        address = self.address

        kind: str | Unset = UNSET
        if not isinstance(self.kind, Unset):
            kind = self.kind.value

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "events": events,
                "name": name,
            }
        )
        if address is not UNSET:
            field_dict["address"] = address
        if kind is not UNSET:
            field_dict["kind"] = kind

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        events = []
        _events = d.pop("events")
        for events_item_data in _events:
            events_item = EventsEnum(events_item_data)

            events.append(events_item)

        name = d.pop("name")

        address = d.pop("address", UNSET)

        _kind = d.pop("kind", UNSET)
        kind: ChannelKindEnum | Unset
        if isinstance(_kind, Unset):
            kind = UNSET
        else:
            kind = ChannelKindEnum(_kind)

        set_baseline_channel_request = cls(
            events=events,
            name=name,
            address=address,
            kind=kind,
        )

        set_baseline_channel_request.additional_properties = d
        return set_baseline_channel_request

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

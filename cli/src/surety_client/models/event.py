from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.event_customer import EventCustomer
    from ..models.event_data import EventData


T = TypeVar("T", bound="Event")


@_attrs_define
class Event:
    """An event, with the content that webhooks get.

    Attributes:
        by (str): Who caused the event; empty if Surety itself did
        customer (EventCustomer): The customer of an event.
        data (EventData): Further facts, which depend on the type of the event
        id (UUID): The id of the event, which webhooks send as webhook-id
        lines (list[str]):
        timestamp (datetime.datetime): When the event happened
        title (str):
        type_ (str): What happened, for example `assessment_ended`
        url (str): The page to open
    """

    by: str
    customer: EventCustomer
    data: EventData
    id: UUID
    lines: list[str]
    timestamp: datetime.datetime
    title: str
    type_: str
    url: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        by = self.by

        customer = self.customer.to_dict()

        data = self.data.to_dict()

        id = str(self.id)

        lines = self.lines

        timestamp = self.timestamp.isoformat()

        title = self.title

        type_ = self.type_

        url = self.url

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "by": by,
                "customer": customer,
                "data": data,
                "id": id,
                "lines": lines,
                "timestamp": timestamp,
                "title": title,
                "type": type_,
                "url": url,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.event_customer import EventCustomer
        from ..models.event_data import EventData

        d = dict(src_dict)
        by = d.pop("by")

        customer = EventCustomer.from_dict(d.pop("customer"))

        data = EventData.from_dict(d.pop("data"))

        id = UUID(d.pop("id"))

        lines = cast(list[str], d.pop("lines"))

        timestamp = datetime.datetime.fromisoformat(d.pop("timestamp"))

        title = d.pop("title")

        type_ = d.pop("type")

        url = d.pop("url")

        event = cls(
            by=by,
            customer=customer,
            data=data,
            id=id,
            lines=lines,
            timestamp=timestamp,
            title=title,
            type_=type_,
            url=url,
        )

        event.additional_properties = d
        return event

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

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.campaign_customer import CampaignCustomer
    from ..models.person import Person


T = TypeVar("T", bound="Campaign")


@_attrs_define
class Campaign:
    """A campaign. Archived customers are left out.

    Attributes:
        control (str):
        customers (list[CampaignCustomer]):
        due_on (datetime.date):
        ended_at (datetime.datetime | None):
        id (UUID):
        note (str):
        owner (Person): A person, by name and email address.
        started_at (datetime.datetime):
        started_by (Person): A person, by name and email address.
        to_notify (int): Number of customers whose owners of findings have not been notified of the start yet
    """

    control: str
    customers: list[CampaignCustomer]
    due_on: datetime.date
    ended_at: datetime.datetime | None
    id: UUID
    note: str
    owner: Person
    started_at: datetime.datetime
    started_by: Person
    to_notify: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        control = self.control

        customers = []
        for customers_item_data in self.customers:
            customers_item = customers_item_data.to_dict()
            customers.append(customers_item)

        due_on = self.due_on.isoformat()

        ended_at: None | str
        if isinstance(self.ended_at, datetime.datetime):
            ended_at = self.ended_at.isoformat()
        else:
            ended_at = self.ended_at

        id = str(self.id)

        note = self.note

        owner = self.owner.to_dict()

        started_at = self.started_at.isoformat()

        started_by = self.started_by.to_dict()

        to_notify = self.to_notify

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "control": control,
                "customers": customers,
                "due_on": due_on,
                "ended_at": ended_at,
                "id": id,
                "note": note,
                "owner": owner,
                "started_at": started_at,
                "started_by": started_by,
                "to_notify": to_notify,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.campaign_customer import CampaignCustomer
        from ..models.person import Person

        d = dict(src_dict)
        control = d.pop("control")

        customers = []
        _customers = d.pop("customers")
        for customers_item_data in _customers:
            customers_item = CampaignCustomer.from_dict(customers_item_data)

            customers.append(customers_item)

        due_on = datetime.date.fromisoformat(d.pop("due_on"))

        def _parse_ended_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                ended_at_type_0 = datetime.datetime.fromisoformat(data)

                return ended_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        ended_at = _parse_ended_at(d.pop("ended_at"))

        id = UUID(d.pop("id"))

        note = d.pop("note")

        owner = Person.from_dict(d.pop("owner"))

        started_at = datetime.datetime.fromisoformat(d.pop("started_at"))

        started_by = Person.from_dict(d.pop("started_by"))

        to_notify = d.pop("to_notify")

        campaign = cls(
            control=control,
            customers=customers,
            due_on=due_on,
            ended_at=ended_at,
            id=id,
            note=note,
            owner=owner,
            started_at=started_at,
            started_by=started_by,
            to_notify=to_notify,
        )

        campaign.additional_properties = d
        return campaign

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

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.campaign_customer import CampaignCustomer
    from ..models.person import Person


T = TypeVar("T", bound="CampaignFields")


@_attrs_define
class CampaignFields:
    """The fields of Campaign that the parameter `fields` names

    Attributes:
        control (str | Unset):
        customers (list[CampaignCustomer] | Unset):
        due_on (datetime.date | Unset):
        ended_at (datetime.datetime | None | Unset):
        id (UUID | Unset):
        note (str | Unset):
        owner (Person | Unset): A person, by name and email address.
        started_at (datetime.datetime | Unset):
        started_by (Person | Unset): A person, by name and email address.
        to_notify (int | Unset): Number of customers whose owners of findings have not been notified of the start yet
    """

    control: str | Unset = UNSET
    customers: list[CampaignCustomer] | Unset = UNSET
    due_on: datetime.date | Unset = UNSET
    ended_at: datetime.datetime | None | Unset = UNSET
    id: UUID | Unset = UNSET
    note: str | Unset = UNSET
    owner: Person | Unset = UNSET
    started_at: datetime.datetime | Unset = UNSET
    started_by: Person | Unset = UNSET
    to_notify: int | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        control = self.control

        customers: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.customers, Unset):
            customers = []
            for customers_item_data in self.customers:
                customers_item = customers_item_data.to_dict()
                customers.append(customers_item)

        due_on: str | Unset = UNSET
        if not isinstance(self.due_on, Unset):
            due_on = self.due_on.isoformat()

        ended_at: None | str | Unset
        if isinstance(self.ended_at, Unset):
            ended_at = UNSET
        elif isinstance(self.ended_at, datetime.datetime):
            ended_at = self.ended_at.isoformat()
        else:
            ended_at = self.ended_at

        id: str | Unset = UNSET
        if not isinstance(self.id, Unset):
            id = str(self.id)

        note = self.note

        owner: dict[str, Any] | Unset = UNSET
        if not isinstance(self.owner, Unset):
            owner = self.owner.to_dict()

        started_at: str | Unset = UNSET
        if not isinstance(self.started_at, Unset):
            started_at = self.started_at.isoformat()

        started_by: dict[str, Any] | Unset = UNSET
        if not isinstance(self.started_by, Unset):
            started_by = self.started_by.to_dict()

        to_notify = self.to_notify

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if control is not UNSET:
            field_dict["control"] = control
        if customers is not UNSET:
            field_dict["customers"] = customers
        if due_on is not UNSET:
            field_dict["due_on"] = due_on
        if ended_at is not UNSET:
            field_dict["ended_at"] = ended_at
        if id is not UNSET:
            field_dict["id"] = id
        if note is not UNSET:
            field_dict["note"] = note
        if owner is not UNSET:
            field_dict["owner"] = owner
        if started_at is not UNSET:
            field_dict["started_at"] = started_at
        if started_by is not UNSET:
            field_dict["started_by"] = started_by
        if to_notify is not UNSET:
            field_dict["to_notify"] = to_notify

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.campaign_customer import CampaignCustomer
        from ..models.person import Person

        d = dict(src_dict)
        control = d.pop("control", UNSET)

        _customers = d.pop("customers", UNSET)
        customers: list[CampaignCustomer] | Unset = UNSET
        if _customers is not UNSET:
            customers = []
            for customers_item_data in _customers:
                customers_item = CampaignCustomer.from_dict(customers_item_data)

                customers.append(customers_item)

        _due_on = d.pop("due_on", UNSET)
        due_on: datetime.date | Unset
        if isinstance(_due_on, Unset):
            due_on = UNSET
        else:
            due_on = datetime.date.fromisoformat(_due_on)

        def _parse_ended_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                ended_at_type_0 = datetime.datetime.fromisoformat(data)

                return ended_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        ended_at = _parse_ended_at(d.pop("ended_at", UNSET))

        _id = d.pop("id", UNSET)
        id: UUID | Unset
        if isinstance(_id, Unset):
            id = UNSET
        else:
            id = UUID(_id)

        note = d.pop("note", UNSET)

        _owner = d.pop("owner", UNSET)
        owner: Person | Unset
        if isinstance(_owner, Unset):
            owner = UNSET
        else:
            owner = Person.from_dict(_owner)

        _started_at = d.pop("started_at", UNSET)
        started_at: datetime.datetime | Unset
        if isinstance(_started_at, Unset):
            started_at = UNSET
        else:
            started_at = datetime.datetime.fromisoformat(_started_at)

        _started_by = d.pop("started_by", UNSET)
        started_by: Person | Unset
        if isinstance(_started_by, Unset):
            started_by = UNSET
        else:
            started_by = Person.from_dict(_started_by)

        to_notify = d.pop("to_notify", UNSET)

        campaign_fields = cls(
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

        campaign_fields.additional_properties = d
        return campaign_fields

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

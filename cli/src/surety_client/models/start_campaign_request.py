from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="StartCampaignRequest")


@_attrs_define
class StartCampaignRequest:
    """A new campaign. Customers without open findings of the control are left out.

    Attributes:
        control (str):
        customers (list[str]): Short names
        due_on (datetime.date):
        owner (str): The email address of a person who may assign findings in the whole organization
        note (str | Unset): The owners of the findings get this text in their notification
    """

    control: str
    customers: list[str]
    due_on: datetime.date
    owner: str
    note: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        control = self.control

        customers = self.customers

        due_on = self.due_on.isoformat()

        owner = self.owner

        note = self.note

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "control": control,
                "customers": customers,
                "due_on": due_on,
                "owner": owner,
            }
        )
        if note is not UNSET:
            field_dict["note"] = note

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        control = d.pop("control")

        customers = cast(list[str], d.pop("customers"))

        due_on = datetime.date.fromisoformat(d.pop("due_on"))

        owner = d.pop("owner")

        note = d.pop("note", UNSET)

        start_campaign_request = cls(
            control=control,
            customers=customers,
            due_on=due_on,
            owner=owner,
            note=note,
        )

        start_campaign_request.additional_properties = d
        return start_campaign_request

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

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="CampaignCustomer")


@_attrs_define
class CampaignCustomer:
    """The progress of a customer in a campaign.

    Attributes:
        customer (str):
        open_ (int): Number of open findings. If the campaign has ended, the number at its end
        open_at_start (int): Number of findings that were open when the campaign started
        unknown (int): Number of findings that failed before and whose verdict is unknown. If the campaign has ended,
            the number at its end. These findings may still fail
    """

    customer: str
    open_: int
    open_at_start: int
    unknown: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        customer = self.customer

        open_ = self.open_

        open_at_start = self.open_at_start

        unknown = self.unknown

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "customer": customer,
                "open": open_,
                "open_at_start": open_at_start,
                "unknown": unknown,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        customer = d.pop("customer")

        open_ = d.pop("open")

        open_at_start = d.pop("open_at_start")

        unknown = d.pop("unknown")

        campaign_customer = cls(
            customer=customer,
            open_=open_,
            open_at_start=open_at_start,
            unknown=unknown,
        )

        campaign_customer.additional_properties = d
        return campaign_customer

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

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="Excess")


@_attrs_define
class Excess:
    """A right with which the service principal could change something. Surety never needs such a right.

    Attributes:
        action (str): An example of what the service principal may do: a permitted action, an application permission
            such as `Mail.Send`, or a directory role such as `directory role Global Administrator`
        subscription (str): The GUID of the subscription; empty for application permissions and directory roles, which
            apply to the whole directory
    """

    action: str
    subscription: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        action = self.action

        subscription = self.subscription

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "action": action,
                "subscription": subscription,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        action = d.pop("action")

        subscription = d.pop("subscription")

        excess = cls(
            action=action,
            subscription=subscription,
        )

        excess.additional_properties = d
        return excess

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

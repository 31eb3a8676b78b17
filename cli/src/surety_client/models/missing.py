from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.reason_enum import ReasonEnum

T = TypeVar("T", bound="Missing")


@_attrs_define
class Missing:
    """Data that the service principal cannot read.

    Attributes:
        collection (str):
        message (str):
        permission (str):
        reason (ReasonEnum):
        subscription (str): The GUID of a subscription, or the name of a management group; empty for the directory
    """

    collection: str
    message: str
    permission: str
    reason: ReasonEnum
    subscription: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        collection = self.collection

        message = self.message

        permission = self.permission

        reason = self.reason.value

        subscription = self.subscription

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "collection": collection,
                "message": message,
                "permission": permission,
                "reason": reason,
                "subscription": subscription,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        collection = d.pop("collection")

        message = d.pop("message")

        permission = d.pop("permission")

        reason = ReasonEnum(d.pop("reason"))

        subscription = d.pop("subscription")

        missing = cls(
            collection=collection,
            message=message,
            permission=permission,
            reason=reason,
            subscription=subscription,
        )

        missing.additional_properties = d
        return missing

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

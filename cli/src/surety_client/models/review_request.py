from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.decision_enum import DecisionEnum
from ..types import UNSET, Unset

T = TypeVar("T", bound="ReviewRequest")


@_attrs_define
class ReviewRequest:
    """A decision about a change that a watch rule caught.

    Attributes:
        decision (DecisionEnum):
        due_at (datetime.datetime | Unset): The due date, at most 366 days from now; only for unexpected changes
        owner (str | Unset): The email address of the person who works on the change; only for unexpected changes
        reason (str | Unset): Required, except for rolled_back Default: ''.
        ticket (str | Unset): The number or name of a ticket Default: ''.
    """

    decision: DecisionEnum
    due_at: datetime.datetime | Unset = UNSET
    owner: str | Unset = UNSET
    reason: str | Unset = ""
    ticket: str | Unset = ""
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        decision = self.decision.value

        due_at: str | Unset = UNSET
        if not isinstance(self.due_at, Unset):
            due_at = self.due_at.isoformat()

        owner = self.owner

        reason = self.reason

        ticket = self.ticket

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "decision": decision,
            }
        )
        if due_at is not UNSET:
            field_dict["due_at"] = due_at
        if owner is not UNSET:
            field_dict["owner"] = owner
        if reason is not UNSET:
            field_dict["reason"] = reason
        if ticket is not UNSET:
            field_dict["ticket"] = ticket

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        decision = DecisionEnum(d.pop("decision"))

        _due_at = d.pop("due_at", UNSET)
        due_at: datetime.datetime | Unset
        if isinstance(_due_at, Unset):
            due_at = UNSET
        else:
            due_at = datetime.datetime.fromisoformat(_due_at)

        owner = d.pop("owner", UNSET)

        reason = d.pop("reason", UNSET)

        ticket = d.pop("ticket", UNSET)

        review_request = cls(
            decision=decision,
            due_at=due_at,
            owner=owner,
            reason=reason,
            ticket=ticket,
        )

        review_request.additional_properties = d
        return review_request

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

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.blank_enum import BlankEnum
from ..models.subscription_decision_enum import SubscriptionDecisionEnum

if TYPE_CHECKING:
    from ..models.person import Person


T = TypeVar("T", bound="ForeignSubscription")


@_attrs_define
class ForeignSubscription:
    """A subscription that belongs to another directory than the one in which it was found.

    Attributes:
        command (str): Commands of the Azure CLI that let a service principal of the subscription’s own directory read
            the subscription
        decided_at (datetime.datetime | None):
        decided_by (None | Person):
        decision (BlankEnum | SubscriptionDecisionEnum): Empty until somebody decides
        directory_id (str): The directory to which the subscription belongs
        id (UUID):
        is_read_at_home (bool): Whether a service principal of the subscription’s own directory sees the subscription
        name (str):
        possible_customers (list[str]): Short names of customers that have the subscription’s directory and that the
            token may administer
        reason (str): Why the subscription is excluded
        state (str):
        subscription_id (str):
    """

    command: str
    decided_at: datetime.datetime | None
    decided_by: None | Person
    decision: BlankEnum | SubscriptionDecisionEnum
    directory_id: str
    id: UUID
    is_read_at_home: bool
    name: str
    possible_customers: list[str]
    reason: str
    state: str
    subscription_id: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.person import Person

        command = self.command

        decided_at: None | str
        if isinstance(self.decided_at, datetime.datetime):
            decided_at = self.decided_at.isoformat()
        else:
            decided_at = self.decided_at

        decided_by: dict[str, Any] | None
        if isinstance(self.decided_by, Person):
            decided_by = self.decided_by.to_dict()
        else:
            decided_by = self.decided_by

        decision: str
        if isinstance(self.decision, SubscriptionDecisionEnum):
            decision = self.decision.value
        else:
            decision = self.decision.value

        directory_id = self.directory_id

        id = str(self.id)

        is_read_at_home = self.is_read_at_home

        name = self.name

        possible_customers = self.possible_customers

        reason = self.reason

        state = self.state

        subscription_id = self.subscription_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "command": command,
                "decided_at": decided_at,
                "decided_by": decided_by,
                "decision": decision,
                "directory_id": directory_id,
                "id": id,
                "is_read_at_home": is_read_at_home,
                "name": name,
                "possible_customers": possible_customers,
                "reason": reason,
                "state": state,
                "subscription_id": subscription_id,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.person import Person

        d = dict(src_dict)
        command = d.pop("command")

        def _parse_decided_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                decided_at_type_0 = datetime.datetime.fromisoformat(data)

                return decided_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        decided_at = _parse_decided_at(d.pop("decided_at"))

        def _parse_decided_by(data: object) -> None | Person:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                decided_by_type_0 = Person.from_dict(data)

                return decided_by_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Person, data)

        decided_by = _parse_decided_by(d.pop("decided_by"))

        def _parse_decision(data: object) -> BlankEnum | SubscriptionDecisionEnum:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                decision_type_0 = SubscriptionDecisionEnum(data)

                return decision_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, str):
                raise TypeError()
            decision_type_1 = BlankEnum(data)

            return decision_type_1

        decision = _parse_decision(d.pop("decision"))

        directory_id = d.pop("directory_id")

        id = UUID(d.pop("id"))

        is_read_at_home = d.pop("is_read_at_home")

        name = d.pop("name")

        possible_customers = cast(list[str], d.pop("possible_customers"))

        reason = d.pop("reason")

        state = d.pop("state")

        subscription_id = d.pop("subscription_id")

        foreign_subscription = cls(
            command=command,
            decided_at=decided_at,
            decided_by=decided_by,
            decision=decision,
            directory_id=directory_id,
            id=id,
            is_read_at_home=is_read_at_home,
            name=name,
            possible_customers=possible_customers,
            reason=reason,
            state=state,
            subscription_id=subscription_id,
        )

        foreign_subscription.additional_properties = d
        return foreign_subscription

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

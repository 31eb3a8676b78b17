from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.blank_enum import BlankEnum
from ..models.subscription_decision_enum import SubscriptionDecisionEnum
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.person import Person


T = TypeVar("T", bound="Delegation")


@_attrs_define
class Delegation:
    """A subscription that a customer delegated to the organization.

    Attributes:
        decided_at (datetime.datetime | None):
        decided_by (None | Person):
        decision (BlankEnum | SubscriptionDecisionEnum): Empty until somebody decides
        directory_id (str): The directory to which the subscription belongs
        id (UUID):
        is_partial (bool): Whether only resource groups of the subscription were delegated. If so, nothing is read
        is_read (bool): Whether assessments of the customer read the subscription
        managing_principal (None | UUID): The service principal that reads the subscription
        name (str):
        possible_customers (list[str]): Short names of the customers that have the directory of the subscription
        reason (str): Why the subscription is excluded
        state (str): The state in Azure; Vanished if Azure no longer lists the subscription
        subscription_id (str):
        why_unread (str):
        customer (None | str | Unset): The customer to which the subscription is assigned
    """

    decided_at: datetime.datetime | None
    decided_by: None | Person
    decision: BlankEnum | SubscriptionDecisionEnum
    directory_id: str
    id: UUID
    is_partial: bool
    is_read: bool
    managing_principal: None | UUID
    name: str
    possible_customers: list[str]
    reason: str
    state: str
    subscription_id: str
    why_unread: str
    customer: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.person import Person

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

        is_partial = self.is_partial

        is_read = self.is_read

        managing_principal: None | str
        if isinstance(self.managing_principal, UUID):
            managing_principal = str(self.managing_principal)
        else:
            managing_principal = self.managing_principal

        name = self.name

        possible_customers = self.possible_customers

        reason = self.reason

        state = self.state

        subscription_id = self.subscription_id

        why_unread = self.why_unread

        customer: None | str | Unset
        if isinstance(self.customer, Unset):
            customer = UNSET
        else:
            customer = self.customer

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "decided_at": decided_at,
                "decided_by": decided_by,
                "decision": decision,
                "directory_id": directory_id,
                "id": id,
                "is_partial": is_partial,
                "is_read": is_read,
                "managing_principal": managing_principal,
                "name": name,
                "possible_customers": possible_customers,
                "reason": reason,
                "state": state,
                "subscription_id": subscription_id,
                "why_unread": why_unread,
            }
        )
        if customer is not UNSET:
            field_dict["customer"] = customer

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.person import Person

        d = dict(src_dict)

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

        is_partial = d.pop("is_partial")

        is_read = d.pop("is_read")

        def _parse_managing_principal(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                managing_principal_type_0 = UUID(data)

                return managing_principal_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        managing_principal = _parse_managing_principal(d.pop("managing_principal"))

        name = d.pop("name")

        possible_customers = cast(list[str], d.pop("possible_customers"))

        reason = d.pop("reason")

        state = d.pop("state")

        subscription_id = d.pop("subscription_id")

        why_unread = d.pop("why_unread")

        def _parse_customer(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        customer = _parse_customer(d.pop("customer", UNSET))

        delegation = cls(
            decided_at=decided_at,
            decided_by=decided_by,
            decision=decision,
            directory_id=directory_id,
            id=id,
            is_partial=is_partial,
            is_read=is_read,
            managing_principal=managing_principal,
            name=name,
            possible_customers=possible_customers,
            reason=reason,
            state=state,
            subscription_id=subscription_id,
            why_unread=why_unread,
            customer=customer,
        )

        delegation.additional_properties = d
        return delegation

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

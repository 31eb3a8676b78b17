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


T = TypeVar("T", bound="DelegationFields")


@_attrs_define
class DelegationFields:
    """The fields of Delegation that the parameter `fields` names

    Attributes:
        customer (None | str | Unset): The customer to which the subscription is assigned
        decided_at (datetime.datetime | None | Unset):
        decided_by (None | Person | Unset):
        decision (BlankEnum | SubscriptionDecisionEnum | Unset): Empty until somebody decides
        directory_id (str | Unset): The directory to which the subscription belongs
        id (UUID | Unset):
        is_partial (bool | Unset): Whether only resource groups of the subscription were delegated. If so, nothing is
            read
        is_read (bool | Unset): Whether assessments of the customer read the subscription
        managing_principal (None | Unset | UUID): The service principal that reads the subscription
        name (str | Unset):
        possible_customers (list[str] | Unset): Short names of the customers that have the directory of the subscription
        reason (str | Unset): Why the subscription is excluded
        state (str | Unset): The state in Azure; Vanished if Azure no longer lists the subscription
        subscription_id (str | Unset):
        why_unread (str | Unset):
    """

    customer: None | str | Unset = UNSET
    decided_at: datetime.datetime | None | Unset = UNSET
    decided_by: None | Person | Unset = UNSET
    decision: BlankEnum | SubscriptionDecisionEnum | Unset = UNSET
    directory_id: str | Unset = UNSET
    id: UUID | Unset = UNSET
    is_partial: bool | Unset = UNSET
    is_read: bool | Unset = UNSET
    managing_principal: None | Unset | UUID = UNSET
    name: str | Unset = UNSET
    possible_customers: list[str] | Unset = UNSET
    reason: str | Unset = UNSET
    state: str | Unset = UNSET
    subscription_id: str | Unset = UNSET
    why_unread: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.person import Person

        customer: None | str | Unset
        if isinstance(self.customer, Unset):
            customer = UNSET
        else:
            customer = self.customer

        decided_at: None | str | Unset
        if isinstance(self.decided_at, Unset):
            decided_at = UNSET
        elif isinstance(self.decided_at, datetime.datetime):
            decided_at = self.decided_at.isoformat()
        else:
            decided_at = self.decided_at

        decided_by: dict[str, Any] | None | Unset
        if isinstance(self.decided_by, Unset):
            decided_by = UNSET
        elif isinstance(self.decided_by, Person):
            decided_by = self.decided_by.to_dict()
        else:
            decided_by = self.decided_by

        decision: str | Unset
        if isinstance(self.decision, Unset):
            decision = UNSET
        elif isinstance(self.decision, SubscriptionDecisionEnum):
            decision = self.decision.value
        else:
            decision = self.decision.value

        directory_id = self.directory_id

        id: str | Unset = UNSET
        if not isinstance(self.id, Unset):
            id = str(self.id)

        is_partial = self.is_partial

        is_read = self.is_read

        managing_principal: None | str | Unset
        if isinstance(self.managing_principal, Unset):
            managing_principal = UNSET
        elif isinstance(self.managing_principal, UUID):
            managing_principal = str(self.managing_principal)
        else:
            managing_principal = self.managing_principal

        name = self.name

        possible_customers: list[str] | Unset = UNSET
        if not isinstance(self.possible_customers, Unset):
            possible_customers = self.possible_customers

        reason = self.reason

        state = self.state

        subscription_id = self.subscription_id

        why_unread = self.why_unread

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if customer is not UNSET:
            field_dict["customer"] = customer
        if decided_at is not UNSET:
            field_dict["decided_at"] = decided_at
        if decided_by is not UNSET:
            field_dict["decided_by"] = decided_by
        if decision is not UNSET:
            field_dict["decision"] = decision
        if directory_id is not UNSET:
            field_dict["directory_id"] = directory_id
        if id is not UNSET:
            field_dict["id"] = id
        if is_partial is not UNSET:
            field_dict["is_partial"] = is_partial
        if is_read is not UNSET:
            field_dict["is_read"] = is_read
        if managing_principal is not UNSET:
            field_dict["managing_principal"] = managing_principal
        if name is not UNSET:
            field_dict["name"] = name
        if possible_customers is not UNSET:
            field_dict["possible_customers"] = possible_customers
        if reason is not UNSET:
            field_dict["reason"] = reason
        if state is not UNSET:
            field_dict["state"] = state
        if subscription_id is not UNSET:
            field_dict["subscription_id"] = subscription_id
        if why_unread is not UNSET:
            field_dict["why_unread"] = why_unread

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.person import Person

        d = dict(src_dict)

        def _parse_customer(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        customer = _parse_customer(d.pop("customer", UNSET))

        def _parse_decided_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                decided_at_type_0 = datetime.datetime.fromisoformat(data)

                return decided_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        decided_at = _parse_decided_at(d.pop("decided_at", UNSET))

        def _parse_decided_by(data: object) -> None | Person | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                decided_by_type_0 = Person.from_dict(data)

                return decided_by_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Person | Unset, data)

        decided_by = _parse_decided_by(d.pop("decided_by", UNSET))

        def _parse_decision(
            data: object,
        ) -> BlankEnum | SubscriptionDecisionEnum | Unset:
            if isinstance(data, Unset):
                return data
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

        decision = _parse_decision(d.pop("decision", UNSET))

        directory_id = d.pop("directory_id", UNSET)

        _id = d.pop("id", UNSET)
        id: UUID | Unset
        if isinstance(_id, Unset):
            id = UNSET
        else:
            id = UUID(_id)

        is_partial = d.pop("is_partial", UNSET)

        is_read = d.pop("is_read", UNSET)

        def _parse_managing_principal(data: object) -> None | Unset | UUID:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                managing_principal_type_0 = UUID(data)

                return managing_principal_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | UUID, data)

        managing_principal = _parse_managing_principal(
            d.pop("managing_principal", UNSET)
        )

        name = d.pop("name", UNSET)

        possible_customers = cast(list[str], d.pop("possible_customers", UNSET))

        reason = d.pop("reason", UNSET)

        state = d.pop("state", UNSET)

        subscription_id = d.pop("subscription_id", UNSET)

        why_unread = d.pop("why_unread", UNSET)

        delegation_fields = cls(
            customer=customer,
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
        )

        delegation_fields.additional_properties = d
        return delegation_fields

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

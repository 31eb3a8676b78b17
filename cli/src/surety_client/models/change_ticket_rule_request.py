from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.per_enum import PerEnum
from ..models.severity_enum import SeverityEnum
from ..types import UNSET, Unset

T = TypeVar("T", bound="ChangeTicketRuleRequest")


@_attrs_define
class ChangeTicketRuleRequest:
    """The new values. Fields that are left out do not change.

    Attributes:
        controls (list[str] | Unset):
        customers (list[str] | None | Unset): The short names of the customers to which the rule applies, at least one;
            null for all customers
        is_enabled (bool | Unset):
        labels (list[str] | Unset):
        name (str | Unset):
        per (PerEnum | Unset):
        severities (list[SeverityEnum] | Unset):
        system (UUID | Unset):
    """

    controls: list[str] | Unset = UNSET
    customers: list[str] | None | Unset = UNSET
    is_enabled: bool | Unset = UNSET
    labels: list[str] | Unset = UNSET
    name: str | Unset = UNSET
    per: PerEnum | Unset = UNSET
    severities: list[SeverityEnum] | Unset = UNSET
    system: UUID | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        controls: list[str] | Unset = UNSET
        if not isinstance(self.controls, Unset):
            controls = self.controls

        customers: list[str] | None | Unset
        if isinstance(self.customers, Unset):
            customers = UNSET
        elif isinstance(self.customers, list):
            customers = self.customers

        else:
            customers = self.customers

        is_enabled = self.is_enabled

        labels: list[str] | Unset = UNSET
        if not isinstance(self.labels, Unset):
            labels = self.labels

        name = self.name

        per: str | Unset = UNSET
        if not isinstance(self.per, Unset):
            per = self.per.value

        severities: list[str] | Unset = UNSET
        if not isinstance(self.severities, Unset):
            severities = []
            for severities_item_data in self.severities:
                severities_item = severities_item_data.value
                severities.append(severities_item)

        system: str | Unset = UNSET
        if not isinstance(self.system, Unset):
            system = str(self.system)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if controls is not UNSET:
            field_dict["controls"] = controls
        if customers is not UNSET:
            field_dict["customers"] = customers
        if is_enabled is not UNSET:
            field_dict["is_enabled"] = is_enabled
        if labels is not UNSET:
            field_dict["labels"] = labels
        if name is not UNSET:
            field_dict["name"] = name
        if per is not UNSET:
            field_dict["per"] = per
        if severities is not UNSET:
            field_dict["severities"] = severities
        if system is not UNSET:
            field_dict["system"] = system

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        controls = cast(list[str], d.pop("controls", UNSET))

        def _parse_customers(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                customers_type_0 = cast(list[str], data)

                return customers_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        customers = _parse_customers(d.pop("customers", UNSET))

        is_enabled = d.pop("is_enabled", UNSET)

        labels = cast(list[str], d.pop("labels", UNSET))

        name = d.pop("name", UNSET)

        _per = d.pop("per", UNSET)
        per: PerEnum | Unset
        if isinstance(_per, Unset):
            per = UNSET
        else:
            per = PerEnum(_per)

        _severities = d.pop("severities", UNSET)
        severities: list[SeverityEnum] | Unset = UNSET
        if _severities is not UNSET:
            severities = []
            for severities_item_data in _severities:
                severities_item = SeverityEnum(severities_item_data)

                severities.append(severities_item)

        _system = d.pop("system", UNSET)
        system: UUID | Unset
        if isinstance(_system, Unset):
            system = UNSET
        else:
            system = UUID(_system)

        change_ticket_rule_request = cls(
            controls=controls,
            customers=customers,
            is_enabled=is_enabled,
            labels=labels,
            name=name,
            per=per,
            severities=severities,
            system=system,
        )

        change_ticket_rule_request.additional_properties = d
        return change_ticket_rule_request

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

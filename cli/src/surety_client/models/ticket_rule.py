from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.per_enum import PerEnum
from ..models.severity_enum import SeverityEnum

T = TypeVar("T", bound="TicketRule")


@_attrs_define
class TicketRule:
    """A rule. A finding must meet all conditions; an empty condition is always met.

    Attributes:
        controls (list[str]):
        created_at (datetime.datetime):
        customers (list[str] | None): Short names; null for all customers
        ended_because (str): Why Surety turned the rule off
        id (UUID):
        is_enabled (bool):
        labels (list[str]): Labels of customers
        name (str):
        per (PerEnum):
        severities (list[SeverityEnum]):
        system (UUID): The id of the ticket system
    """

    controls: list[str]
    created_at: datetime.datetime
    customers: list[str] | None
    ended_because: str
    id: UUID
    is_enabled: bool
    labels: list[str]
    name: str
    per: PerEnum
    severities: list[SeverityEnum]
    system: UUID
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        controls = self.controls

        created_at = self.created_at.isoformat()

        customers: list[str] | None
        if isinstance(self.customers, list):
            customers = self.customers

        else:
            customers = self.customers

        ended_because = self.ended_because

        id = str(self.id)

        is_enabled = self.is_enabled

        labels = self.labels

        name = self.name

        per = self.per.value

        severities = []
        for severities_item_data in self.severities:
            severities_item = severities_item_data.value
            severities.append(severities_item)

        system = str(self.system)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "controls": controls,
                "created_at": created_at,
                "customers": customers,
                "ended_because": ended_because,
                "id": id,
                "is_enabled": is_enabled,
                "labels": labels,
                "name": name,
                "per": per,
                "severities": severities,
                "system": system,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        controls = cast(list[str], d.pop("controls"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        def _parse_customers(data: object) -> list[str] | None:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                customers_type_0 = cast(list[str], data)

                return customers_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None, data)

        customers = _parse_customers(d.pop("customers"))

        ended_because = d.pop("ended_because")

        id = UUID(d.pop("id"))

        is_enabled = d.pop("is_enabled")

        labels = cast(list[str], d.pop("labels"))

        name = d.pop("name")

        per = PerEnum(d.pop("per"))

        severities = []
        _severities = d.pop("severities")
        for severities_item_data in _severities:
            severities_item = SeverityEnum(severities_item_data)

            severities.append(severities_item)

        system = UUID(d.pop("system"))

        ticket_rule = cls(
            controls=controls,
            created_at=created_at,
            customers=customers,
            ended_because=ended_because,
            id=id,
            is_enabled=is_enabled,
            labels=labels,
            name=name,
            per=per,
            severities=severities,
            system=system,
        )

        ticket_rule.additional_properties = d
        return ticket_rule

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

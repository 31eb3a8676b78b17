from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.role_enum import RoleEnum

if TYPE_CHECKING:
    from ..models.person import Person


T = TypeVar("T", bound="ServiceAccount")


@_attrs_define
class ServiceAccount:
    """A program of the organization with a role of its own.

    Attributes:
        created_at (datetime.datetime):
        customers (list[UUID] | None): Ids of the customers in which the account has its role; null for all customers
        id (UUID):
        is_enabled (bool):
        last_used_at (datetime.datetime | None):
        name (str):
        person_id (UUID): The id with which other objects and the journal refer to the account
        purpose (str):
        responsible (Person): A person, by name and email address.
        role (RoleEnum):
    """

    created_at: datetime.datetime
    customers: list[UUID] | None
    id: UUID
    is_enabled: bool
    last_used_at: datetime.datetime | None
    name: str
    person_id: UUID
    purpose: str
    responsible: Person
    role: RoleEnum
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        created_at = self.created_at.isoformat()

        customers: list[str] | None
        if isinstance(self.customers, list):
            customers = []
            for customers_type_0_item_data in self.customers:
                customers_type_0_item = str(customers_type_0_item_data)
                customers.append(customers_type_0_item)

        else:
            customers = self.customers

        id = str(self.id)

        is_enabled = self.is_enabled

        last_used_at: None | str
        if isinstance(self.last_used_at, datetime.datetime):
            last_used_at = self.last_used_at.isoformat()
        else:
            last_used_at = self.last_used_at

        name = self.name

        person_id = str(self.person_id)

        purpose = self.purpose

        responsible = self.responsible.to_dict()

        role = self.role.value

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "created_at": created_at,
                "customers": customers,
                "id": id,
                "is_enabled": is_enabled,
                "last_used_at": last_used_at,
                "name": name,
                "person_id": person_id,
                "purpose": purpose,
                "responsible": responsible,
                "role": role,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.person import Person

        d = dict(src_dict)
        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        def _parse_customers(data: object) -> list[UUID] | None:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                customers_type_0 = []
                _customers_type_0 = data
                for customers_type_0_item_data in _customers_type_0:
                    customers_type_0_item = UUID(customers_type_0_item_data)

                    customers_type_0.append(customers_type_0_item)

                return customers_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[UUID] | None, data)

        customers = _parse_customers(d.pop("customers"))

        id = UUID(d.pop("id"))

        is_enabled = d.pop("is_enabled")

        def _parse_last_used_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                last_used_at_type_0 = datetime.datetime.fromisoformat(data)

                return last_used_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        last_used_at = _parse_last_used_at(d.pop("last_used_at"))

        name = d.pop("name")

        person_id = UUID(d.pop("person_id"))

        purpose = d.pop("purpose")

        responsible = Person.from_dict(d.pop("responsible"))

        role = RoleEnum(d.pop("role"))

        service_account = cls(
            created_at=created_at,
            customers=customers,
            id=id,
            is_enabled=is_enabled,
            last_used_at=last_used_at,
            name=name,
            person_id=person_id,
            purpose=purpose,
            responsible=responsible,
            role=role,
        )

        service_account.additional_properties = d
        return service_account

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

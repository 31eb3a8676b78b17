from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.confirmation_enum import ConfirmationEnum
from ..models.role_enum import RoleEnum

if TYPE_CHECKING:
    from ..models.person import Person


T = TypeVar("T", bound="Member")


@_attrs_define
class Member:
    """A role that a person has for the customer now.

    Attributes:
        confirmation (ConfirmationEnum):
        id (UUID):
        in_organization (bool): Whether the role applies to all customers of the organization
        is_active (bool): Whether the account can sign in
        last_seen_at (datetime.datetime | None):
        person (Person): A person, by name and email address.
        review_first (datetime.date | None): The first day of an auditor’s review period; null if the person may read
            all records
        review_last (datetime.date | None): The last day of an auditor’s review period. The period includes this day
        role (RoleEnum):
        valid_from (datetime.datetime):
        valid_until (datetime.datetime | None):
    """

    confirmation: ConfirmationEnum
    id: UUID
    in_organization: bool
    is_active: bool
    last_seen_at: datetime.datetime | None
    person: Person
    review_first: datetime.date | None
    review_last: datetime.date | None
    role: RoleEnum
    valid_from: datetime.datetime
    valid_until: datetime.datetime | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        confirmation = self.confirmation.value

        id = str(self.id)

        in_organization = self.in_organization

        is_active = self.is_active

        last_seen_at: None | str
        if isinstance(self.last_seen_at, datetime.datetime):
            last_seen_at = self.last_seen_at.isoformat()
        else:
            last_seen_at = self.last_seen_at

        person = self.person.to_dict()

        review_first: None | str
        if isinstance(self.review_first, datetime.date):
            review_first = self.review_first.isoformat()
        else:
            review_first = self.review_first

        review_last: None | str
        if isinstance(self.review_last, datetime.date):
            review_last = self.review_last.isoformat()
        else:
            review_last = self.review_last

        role = self.role.value

        valid_from = self.valid_from.isoformat()

        valid_until: None | str
        if isinstance(self.valid_until, datetime.datetime):
            valid_until = self.valid_until.isoformat()
        else:
            valid_until = self.valid_until

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "confirmation": confirmation,
                "id": id,
                "in_organization": in_organization,
                "is_active": is_active,
                "last_seen_at": last_seen_at,
                "person": person,
                "review_first": review_first,
                "review_last": review_last,
                "role": role,
                "valid_from": valid_from,
                "valid_until": valid_until,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.person import Person

        d = dict(src_dict)
        confirmation = ConfirmationEnum(d.pop("confirmation"))

        id = UUID(d.pop("id"))

        in_organization = d.pop("in_organization")

        is_active = d.pop("is_active")

        def _parse_last_seen_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                last_seen_at_type_0 = datetime.datetime.fromisoformat(data)

                return last_seen_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        last_seen_at = _parse_last_seen_at(d.pop("last_seen_at"))

        person = Person.from_dict(d.pop("person"))

        def _parse_review_first(data: object) -> datetime.date | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                review_first_type_0 = datetime.date.fromisoformat(data)

                return review_first_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None, data)

        review_first = _parse_review_first(d.pop("review_first"))

        def _parse_review_last(data: object) -> datetime.date | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                review_last_type_0 = datetime.date.fromisoformat(data)

                return review_last_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None, data)

        review_last = _parse_review_last(d.pop("review_last"))

        role = RoleEnum(d.pop("role"))

        valid_from = datetime.datetime.fromisoformat(d.pop("valid_from"))

        def _parse_valid_until(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                valid_until_type_0 = datetime.datetime.fromisoformat(data)

                return valid_until_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        valid_until = _parse_valid_until(d.pop("valid_until"))

        member = cls(
            confirmation=confirmation,
            id=id,
            in_organization=in_organization,
            is_active=is_active,
            last_seen_at=last_seen_at,
            person=person,
            review_first=review_first,
            review_last=review_last,
            role=role,
            valid_from=valid_from,
            valid_until=valid_until,
        )

        member.additional_properties = d
        return member

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

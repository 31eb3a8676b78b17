from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.confirmation_enum import ConfirmationEnum
from ..models.role_enum import RoleEnum
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.person import Person


T = TypeVar("T", bound="MemberFields")


@_attrs_define
class MemberFields:
    """The fields of Member that the parameter `fields` names

    Attributes:
        confirmation (ConfirmationEnum | Unset):
        id (UUID | Unset):
        in_organization (bool | Unset): Whether the role applies to all customers of the organization
        is_active (bool | Unset): Whether the account can sign in
        last_seen_at (datetime.datetime | None | Unset):
        person (Person | Unset): A person, by name and email address.
        review_first (datetime.date | None | Unset): The first day of an auditor’s review period; null if the person may
            read all records
        review_last (datetime.date | None | Unset): The last day of an auditor’s review period. The period includes this
            day
        role (RoleEnum | Unset):
        valid_from (datetime.datetime | Unset):
        valid_until (datetime.datetime | None | Unset):
    """

    confirmation: ConfirmationEnum | Unset = UNSET
    id: UUID | Unset = UNSET
    in_organization: bool | Unset = UNSET
    is_active: bool | Unset = UNSET
    last_seen_at: datetime.datetime | None | Unset = UNSET
    person: Person | Unset = UNSET
    review_first: datetime.date | None | Unset = UNSET
    review_last: datetime.date | None | Unset = UNSET
    role: RoleEnum | Unset = UNSET
    valid_from: datetime.datetime | Unset = UNSET
    valid_until: datetime.datetime | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        confirmation: str | Unset = UNSET
        if not isinstance(self.confirmation, Unset):
            confirmation = self.confirmation.value

        id: str | Unset = UNSET
        if not isinstance(self.id, Unset):
            id = str(self.id)

        in_organization = self.in_organization

        is_active = self.is_active

        last_seen_at: None | str | Unset
        if isinstance(self.last_seen_at, Unset):
            last_seen_at = UNSET
        elif isinstance(self.last_seen_at, datetime.datetime):
            last_seen_at = self.last_seen_at.isoformat()
        else:
            last_seen_at = self.last_seen_at

        person: dict[str, Any] | Unset = UNSET
        if not isinstance(self.person, Unset):
            person = self.person.to_dict()

        review_first: None | str | Unset
        if isinstance(self.review_first, Unset):
            review_first = UNSET
        elif isinstance(self.review_first, datetime.date):
            review_first = self.review_first.isoformat()
        else:
            review_first = self.review_first

        review_last: None | str | Unset
        if isinstance(self.review_last, Unset):
            review_last = UNSET
        elif isinstance(self.review_last, datetime.date):
            review_last = self.review_last.isoformat()
        else:
            review_last = self.review_last

        role: str | Unset = UNSET
        if not isinstance(self.role, Unset):
            role = self.role.value

        valid_from: str | Unset = UNSET
        if not isinstance(self.valid_from, Unset):
            valid_from = self.valid_from.isoformat()

        valid_until: None | str | Unset
        if isinstance(self.valid_until, Unset):
            valid_until = UNSET
        elif isinstance(self.valid_until, datetime.datetime):
            valid_until = self.valid_until.isoformat()
        else:
            valid_until = self.valid_until

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if confirmation is not UNSET:
            field_dict["confirmation"] = confirmation
        if id is not UNSET:
            field_dict["id"] = id
        if in_organization is not UNSET:
            field_dict["in_organization"] = in_organization
        if is_active is not UNSET:
            field_dict["is_active"] = is_active
        if last_seen_at is not UNSET:
            field_dict["last_seen_at"] = last_seen_at
        if person is not UNSET:
            field_dict["person"] = person
        if review_first is not UNSET:
            field_dict["review_first"] = review_first
        if review_last is not UNSET:
            field_dict["review_last"] = review_last
        if role is not UNSET:
            field_dict["role"] = role
        if valid_from is not UNSET:
            field_dict["valid_from"] = valid_from
        if valid_until is not UNSET:
            field_dict["valid_until"] = valid_until

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.person import Person

        d = dict(src_dict)
        _confirmation = d.pop("confirmation", UNSET)
        confirmation: ConfirmationEnum | Unset
        if isinstance(_confirmation, Unset):
            confirmation = UNSET
        else:
            confirmation = ConfirmationEnum(_confirmation)

        _id = d.pop("id", UNSET)
        id: UUID | Unset
        if isinstance(_id, Unset):
            id = UNSET
        else:
            id = UUID(_id)

        in_organization = d.pop("in_organization", UNSET)

        is_active = d.pop("is_active", UNSET)

        def _parse_last_seen_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                last_seen_at_type_0 = datetime.datetime.fromisoformat(data)

                return last_seen_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        last_seen_at = _parse_last_seen_at(d.pop("last_seen_at", UNSET))

        _person = d.pop("person", UNSET)
        person: Person | Unset
        if isinstance(_person, Unset):
            person = UNSET
        else:
            person = Person.from_dict(_person)

        def _parse_review_first(data: object) -> datetime.date | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                review_first_type_0 = datetime.date.fromisoformat(data)

                return review_first_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None | Unset, data)

        review_first = _parse_review_first(d.pop("review_first", UNSET))

        def _parse_review_last(data: object) -> datetime.date | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                review_last_type_0 = datetime.date.fromisoformat(data)

                return review_last_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None | Unset, data)

        review_last = _parse_review_last(d.pop("review_last", UNSET))

        _role = d.pop("role", UNSET)
        role: RoleEnum | Unset
        if isinstance(_role, Unset):
            role = UNSET
        else:
            role = RoleEnum(_role)

        _valid_from = d.pop("valid_from", UNSET)
        valid_from: datetime.datetime | Unset
        if isinstance(_valid_from, Unset):
            valid_from = UNSET
        else:
            valid_from = datetime.datetime.fromisoformat(_valid_from)

        def _parse_valid_until(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                valid_until_type_0 = datetime.datetime.fromisoformat(data)

                return valid_until_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        valid_until = _parse_valid_until(d.pop("valid_until", UNSET))

        member_fields = cls(
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

        member_fields.additional_properties = d
        return member_fields

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

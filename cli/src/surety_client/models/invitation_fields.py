from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.role_enum import RoleEnum
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.person import Person


T = TypeVar("T", bound="InvitationFields")


@_attrs_define
class InvitationFields:
    """The fields of Invitation that the parameter `fields` names

    Attributes:
        access_from (datetime.datetime | None | Unset):
        access_until (datetime.datetime | None | Unset):
        created_at (datetime.datetime | Unset):
        email (str | Unset):
        expires_at (datetime.datetime | Unset):
        id (UUID | Unset):
        invited_by (None | Person | Unset):
        review_first (datetime.date | None | Unset):
        review_last (datetime.date | None | Unset):
        role (RoleEnum | Unset):
    """

    access_from: datetime.datetime | None | Unset = UNSET
    access_until: datetime.datetime | None | Unset = UNSET
    created_at: datetime.datetime | Unset = UNSET
    email: str | Unset = UNSET
    expires_at: datetime.datetime | Unset = UNSET
    id: UUID | Unset = UNSET
    invited_by: None | Person | Unset = UNSET
    review_first: datetime.date | None | Unset = UNSET
    review_last: datetime.date | None | Unset = UNSET
    role: RoleEnum | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.person import Person

        access_from: None | str | Unset
        if isinstance(self.access_from, Unset):
            access_from = UNSET
        elif isinstance(self.access_from, datetime.datetime):
            access_from = self.access_from.isoformat()
        else:
            access_from = self.access_from

        access_until: None | str | Unset
        if isinstance(self.access_until, Unset):
            access_until = UNSET
        elif isinstance(self.access_until, datetime.datetime):
            access_until = self.access_until.isoformat()
        else:
            access_until = self.access_until

        created_at: str | Unset = UNSET
        if not isinstance(self.created_at, Unset):
            created_at = self.created_at.isoformat()

        email = self.email

        expires_at: str | Unset = UNSET
        if not isinstance(self.expires_at, Unset):
            expires_at = self.expires_at.isoformat()

        id: str | Unset = UNSET
        if not isinstance(self.id, Unset):
            id = str(self.id)

        invited_by: dict[str, Any] | None | Unset
        if isinstance(self.invited_by, Unset):
            invited_by = UNSET
        elif isinstance(self.invited_by, Person):
            invited_by = self.invited_by.to_dict()
        else:
            invited_by = self.invited_by

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

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if access_from is not UNSET:
            field_dict["access_from"] = access_from
        if access_until is not UNSET:
            field_dict["access_until"] = access_until
        if created_at is not UNSET:
            field_dict["created_at"] = created_at
        if email is not UNSET:
            field_dict["email"] = email
        if expires_at is not UNSET:
            field_dict["expires_at"] = expires_at
        if id is not UNSET:
            field_dict["id"] = id
        if invited_by is not UNSET:
            field_dict["invited_by"] = invited_by
        if review_first is not UNSET:
            field_dict["review_first"] = review_first
        if review_last is not UNSET:
            field_dict["review_last"] = review_last
        if role is not UNSET:
            field_dict["role"] = role

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.person import Person

        d = dict(src_dict)

        def _parse_access_from(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                access_from_type_0 = datetime.datetime.fromisoformat(data)

                return access_from_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        access_from = _parse_access_from(d.pop("access_from", UNSET))

        def _parse_access_until(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                access_until_type_0 = datetime.datetime.fromisoformat(data)

                return access_until_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        access_until = _parse_access_until(d.pop("access_until", UNSET))

        _created_at = d.pop("created_at", UNSET)
        created_at: datetime.datetime | Unset
        if isinstance(_created_at, Unset):
            created_at = UNSET
        else:
            created_at = datetime.datetime.fromisoformat(_created_at)

        email = d.pop("email", UNSET)

        _expires_at = d.pop("expires_at", UNSET)
        expires_at: datetime.datetime | Unset
        if isinstance(_expires_at, Unset):
            expires_at = UNSET
        else:
            expires_at = datetime.datetime.fromisoformat(_expires_at)

        _id = d.pop("id", UNSET)
        id: UUID | Unset
        if isinstance(_id, Unset):
            id = UNSET
        else:
            id = UUID(_id)

        def _parse_invited_by(data: object) -> None | Person | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                invited_by_type_0 = Person.from_dict(data)

                return invited_by_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Person | Unset, data)

        invited_by = _parse_invited_by(d.pop("invited_by", UNSET))

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

        invitation_fields = cls(
            access_from=access_from,
            access_until=access_until,
            created_at=created_at,
            email=email,
            expires_at=expires_at,
            id=id,
            invited_by=invited_by,
            review_first=review_first,
            review_last=review_last,
            role=role,
        )

        invitation_fields.additional_properties = d
        return invitation_fields

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

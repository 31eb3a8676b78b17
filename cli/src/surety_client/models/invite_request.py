from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.role_enum import RoleEnum
from ..types import UNSET, Unset

T = TypeVar("T", bound="InviteRequest")


@_attrs_define
class InviteRequest:
    """The person to invite, and the role for the customer.

    Attributes:
        email (str):
        role (RoleEnum):
        access_from (datetime.datetime | None | Unset): Start of the access; by default, the time when the invitation is
            accepted
        access_until (datetime.datetime | None | Unset): Required for auditors. For other roles, the access has no end
            if this is left out
        review_first (datetime.date | None | Unset): Only for auditors: the first day (UTC) of the review period.
            Without this day, the auditor sees all records
        review_last (datetime.date | None | Unset): The last day of the review period, which is included; required with
            `review_first`
    """

    email: str
    role: RoleEnum
    access_from: datetime.datetime | None | Unset = UNSET
    access_until: datetime.datetime | None | Unset = UNSET
    review_first: datetime.date | None | Unset = UNSET
    review_last: datetime.date | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        email = self.email

        role = self.role.value

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

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "email": email,
                "role": role,
            }
        )
        if access_from is not UNSET:
            field_dict["access_from"] = access_from
        if access_until is not UNSET:
            field_dict["access_until"] = access_until
        if review_first is not UNSET:
            field_dict["review_first"] = review_first
        if review_last is not UNSET:
            field_dict["review_last"] = review_last

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        email = d.pop("email")

        role = RoleEnum(d.pop("role"))

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

        invite_request = cls(
            email=email,
            role=role,
            access_from=access_from,
            access_until=access_until,
            review_first=review_first,
            review_last=review_last,
        )

        invite_request.additional_properties = d
        return invite_request

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

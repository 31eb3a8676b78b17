from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.role_enum import RoleEnum
from ..types import UNSET, Unset

T = TypeVar("T", bound="ChangeRoleRequest")


@_attrs_define
class ChangeRoleRequest:
    """The new role. It applies to the same customer or organization as the present role.

    Attributes:
        role (RoleEnum):
        review_first (datetime.date | None | Unset): Only for auditors: the first day (UTC) of the review period.
            Without this day, the auditor sees all records
        review_last (datetime.date | None | Unset): The last day of the review period, which is included; required with
            `review_first`
        valid_from (datetime.datetime | None | Unset): By default, now
        valid_until (datetime.datetime | None | Unset): Required for auditors. For other roles, the access has no end if
            this is left out
    """

    role: RoleEnum
    review_first: datetime.date | None | Unset = UNSET
    review_last: datetime.date | None | Unset = UNSET
    valid_from: datetime.datetime | None | Unset = UNSET
    valid_until: datetime.datetime | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        role = self.role.value

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

        valid_from: None | str | Unset
        if isinstance(self.valid_from, Unset):
            valid_from = UNSET
        elif isinstance(self.valid_from, datetime.datetime):
            valid_from = self.valid_from.isoformat()
        else:
            valid_from = self.valid_from

        valid_until: None | str | Unset
        if isinstance(self.valid_until, Unset):
            valid_until = UNSET
        elif isinstance(self.valid_until, datetime.datetime):
            valid_until = self.valid_until.isoformat()
        else:
            valid_until = self.valid_until

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "role": role,
            }
        )
        if review_first is not UNSET:
            field_dict["review_first"] = review_first
        if review_last is not UNSET:
            field_dict["review_last"] = review_last
        if valid_from is not UNSET:
            field_dict["valid_from"] = valid_from
        if valid_until is not UNSET:
            field_dict["valid_until"] = valid_until

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        role = RoleEnum(d.pop("role"))

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

        def _parse_valid_from(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                valid_from_type_0 = datetime.datetime.fromisoformat(data)

                return valid_from_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        valid_from = _parse_valid_from(d.pop("valid_from", UNSET))

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

        change_role_request = cls(
            role=role,
            review_first=review_first,
            review_last=review_last,
            valid_from=valid_from,
            valid_until=valid_until,
        )

        change_role_request.additional_properties = d
        return change_role_request

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

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="DeletedReportFields")


@_attrs_define
class DeletedReportFields:
    """The fields of DeletedReport that the parameter `fields` names

    Attributes:
        deleted_at (datetime.datetime | Unset):
        number (int | Unset):
        revoked_at (datetime.datetime | None | Unset):
        revoked_because (str | Unset):
        sha256 (str | Unset): The SHA-256 of the newest copy of the file
    """

    deleted_at: datetime.datetime | Unset = UNSET
    number: int | Unset = UNSET
    revoked_at: datetime.datetime | None | Unset = UNSET
    revoked_because: str | Unset = UNSET
    sha256: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        deleted_at: str | Unset = UNSET
        if not isinstance(self.deleted_at, Unset):
            deleted_at = self.deleted_at.isoformat()

        number = self.number

        revoked_at: None | str | Unset
        if isinstance(self.revoked_at, Unset):
            revoked_at = UNSET
        elif isinstance(self.revoked_at, datetime.datetime):
            revoked_at = self.revoked_at.isoformat()
        else:
            revoked_at = self.revoked_at

        revoked_because = self.revoked_because

        sha256 = self.sha256

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if deleted_at is not UNSET:
            field_dict["deleted_at"] = deleted_at
        if number is not UNSET:
            field_dict["number"] = number
        if revoked_at is not UNSET:
            field_dict["revoked_at"] = revoked_at
        if revoked_because is not UNSET:
            field_dict["revoked_because"] = revoked_because
        if sha256 is not UNSET:
            field_dict["sha256"] = sha256

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        _deleted_at = d.pop("deleted_at", UNSET)
        deleted_at: datetime.datetime | Unset
        if isinstance(_deleted_at, Unset):
            deleted_at = UNSET
        else:
            deleted_at = datetime.datetime.fromisoformat(_deleted_at)

        number = d.pop("number", UNSET)

        def _parse_revoked_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                revoked_at_type_0 = datetime.datetime.fromisoformat(data)

                return revoked_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        revoked_at = _parse_revoked_at(d.pop("revoked_at", UNSET))

        revoked_because = d.pop("revoked_because", UNSET)

        sha256 = d.pop("sha256", UNSET)

        deleted_report_fields = cls(
            deleted_at=deleted_at,
            number=number,
            revoked_at=revoked_at,
            revoked_because=revoked_because,
            sha256=sha256,
        )

        deleted_report_fields.additional_properties = d
        return deleted_report_fields

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

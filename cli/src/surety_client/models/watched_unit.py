from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="WatchedUnit")


@_attrs_define
class WatchedUnit:
    """A subscription or directory that is watched.

    Attributes:
        name (str):
        requests_in_last_day (int):
        unit (str): `/subscriptions/<id>` or `directory:<id>`
        error (str | Unset):  Default: ''.
        error_code (str | Unset): The code of the error, if the log or a resource could not be read Default: ''.
        permission (str | Unset): The missing permission Default: ''.
        tried_at (datetime.datetime | None | Unset): The time when the watch last tried to read the log of the
            subscription or directory
    """

    name: str
    requests_in_last_day: int
    unit: str
    error: str | Unset = ""
    error_code: str | Unset = ""
    permission: str | Unset = ""
    tried_at: datetime.datetime | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        requests_in_last_day = self.requests_in_last_day

        unit = self.unit

        error = self.error

        error_code = self.error_code

        permission = self.permission

        tried_at: None | str | Unset
        if isinstance(self.tried_at, Unset):
            tried_at = UNSET
        elif isinstance(self.tried_at, datetime.datetime):
            tried_at = self.tried_at.isoformat()
        else:
            tried_at = self.tried_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "name": name,
                "requests_in_last_day": requests_in_last_day,
                "unit": unit,
            }
        )
        if error is not UNSET:
            field_dict["error"] = error
        if error_code is not UNSET:
            field_dict["error_code"] = error_code
        if permission is not UNSET:
            field_dict["permission"] = permission
        if tried_at is not UNSET:
            field_dict["tried_at"] = tried_at

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        name = d.pop("name")

        requests_in_last_day = d.pop("requests_in_last_day")

        unit = d.pop("unit")

        error = d.pop("error", UNSET)

        error_code = d.pop("error_code", UNSET)

        permission = d.pop("permission", UNSET)

        def _parse_tried_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                tried_at_type_0 = datetime.datetime.fromisoformat(data)

                return tried_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        tried_at = _parse_tried_at(d.pop("tried_at", UNSET))

        watched_unit = cls(
            name=name,
            requests_in_last_day=requests_in_last_day,
            unit=unit,
            error=error,
            error_code=error_code,
            permission=permission,
            tried_at=tried_at,
        )

        watched_unit.additional_properties = d
        return watched_unit

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

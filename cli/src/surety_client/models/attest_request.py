from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="AttestRequest")


@_attrs_define
class AttestRequest:
    """An answer to a manual control.

    Attributes:
        met (bool): Whether the control is met
        statement (str): What was checked and found
        valid_until (datetime.datetime): At most 366 days from now
    """

    met: bool
    statement: str
    valid_until: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        met = self.met

        statement = self.statement

        valid_until = self.valid_until.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "met": met,
                "statement": statement,
                "valid_until": valid_until,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        met = d.pop("met")

        statement = d.pop("statement")

        valid_until = datetime.datetime.fromisoformat(d.pop("valid_until"))

        attest_request = cls(
            met=met,
            statement=statement,
            valid_until=valid_until,
        )

        attest_request.additional_properties = d
        return attest_request

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

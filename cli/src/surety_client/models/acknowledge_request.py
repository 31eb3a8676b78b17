from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="AcknowledgeRequest")


@_attrs_define
class AcknowledgeRequest:
    """The plan for correcting the failure, and the planned day.

    Attributes:
        plan (str | Unset):  Default: ''.
        planned_for (datetime.date | None | Unset): The day by which the failure should be corrected
    """

    plan: str | Unset = ""
    planned_for: datetime.date | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        plan = self.plan

        planned_for: None | str | Unset
        if isinstance(self.planned_for, Unset):
            planned_for = UNSET
        elif isinstance(self.planned_for, datetime.date):
            planned_for = self.planned_for.isoformat()
        else:
            planned_for = self.planned_for

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if plan is not UNSET:
            field_dict["plan"] = plan
        if planned_for is not UNSET:
            field_dict["planned_for"] = planned_for

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        plan = d.pop("plan", UNSET)

        def _parse_planned_for(data: object) -> datetime.date | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                planned_for_type_0 = datetime.date.fromisoformat(data)

                return planned_for_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None | Unset, data)

        planned_for = _parse_planned_for(d.pop("planned_for", UNSET))

        acknowledge_request = cls(
            plan=plan,
            planned_for=planned_for,
        )

        acknowledge_request.additional_properties = d
        return acknowledge_request

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

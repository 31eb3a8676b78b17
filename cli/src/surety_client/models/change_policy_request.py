from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.due_days_request import DueDaysRequest


T = TypeVar("T", bound="ChangePolicyRequest")


@_attrs_define
class ChangePolicyRequest:
    """The new values. Fields that are left out do not change.

    Attributes:
        due_days (DueDaysRequest | Unset): For each severity, the number of days from the beginning of a failure to its
            due date.
        exception_cap_days (int | Unset): The maximum length of exceptions, in days
    """

    due_days: DueDaysRequest | Unset = UNSET
    exception_cap_days: int | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        due_days: dict[str, Any] | Unset = UNSET
        if not isinstance(self.due_days, Unset):
            due_days = self.due_days.to_dict()

        exception_cap_days = self.exception_cap_days

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if due_days is not UNSET:
            field_dict["due_days"] = due_days
        if exception_cap_days is not UNSET:
            field_dict["exception_cap_days"] = exception_cap_days

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.due_days_request import DueDaysRequest

        d = dict(src_dict)
        _due_days = d.pop("due_days", UNSET)
        due_days: DueDaysRequest | Unset
        if isinstance(_due_days, Unset):
            due_days = UNSET
        else:
            due_days = DueDaysRequest.from_dict(_due_days)

        exception_cap_days = d.pop("exception_cap_days", UNSET)

        change_policy_request = cls(
            due_days=due_days,
            exception_cap_days=exception_cap_days,
        )

        change_policy_request.additional_properties = d
        return change_policy_request

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

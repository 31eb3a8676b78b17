from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.parameter import Parameter
    from ..models.policy_due_days import PolicyDueDays


T = TypeVar("T", bound="Policy")


@_attrs_define
class Policy:
    """The policy of a customer.

    Attributes:
        due_days (PolicyDueDays): Days from the beginning of a failure until it is due, by severity
        exception_cap_days (int): The maximum length of exceptions, in days
        parameters (list[Parameter]):
    """

    due_days: PolicyDueDays
    exception_cap_days: int
    parameters: list[Parameter]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        due_days = self.due_days.to_dict()

        exception_cap_days = self.exception_cap_days

        parameters = []
        for parameters_item_data in self.parameters:
            parameters_item = parameters_item_data.to_dict()
            parameters.append(parameters_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "due_days": due_days,
                "exception_cap_days": exception_cap_days,
                "parameters": parameters,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.parameter import Parameter
        from ..models.policy_due_days import PolicyDueDays

        d = dict(src_dict)
        due_days = PolicyDueDays.from_dict(d.pop("due_days"))

        exception_cap_days = d.pop("exception_cap_days")

        parameters = []
        _parameters = d.pop("parameters")
        for parameters_item_data in _parameters:
            parameters_item = Parameter.from_dict(parameters_item_data)

            parameters.append(parameters_item)

        policy = cls(
            due_days=due_days,
            exception_cap_days=exception_cap_days,
            parameters=parameters,
        )

        policy.additional_properties = d
        return policy

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

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.parameter import Parameter
    from ..models.policy_due_days import PolicyDueDays
    from ..models.severity_rule import SeverityRule
    from ..models.switched_off import SwitchedOff


T = TypeVar("T", bound="Policy")


@_attrs_define
class Policy:
    """The policy of a customer.

    Attributes:
        due_days (PolicyDueDays): For each severity, the number of days from the beginning of a failure to its due date
        exception_cap_days (int): The maximum length of exceptions, in days
        parameters (list[Parameter]):
        profile (str): The key of the profile of controls. The profile decides which controls apply to the customer
        profile_controls (list[str]): The controls in the profile “own”; empty with another profile
        severity_rules (list[SeverityRule]):
        switched_off (list[SwitchedOff]):
    """

    due_days: PolicyDueDays
    exception_cap_days: int
    parameters: list[Parameter]
    profile: str
    profile_controls: list[str]
    severity_rules: list[SeverityRule]
    switched_off: list[SwitchedOff]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        due_days = self.due_days.to_dict()

        exception_cap_days = self.exception_cap_days

        parameters = []
        for parameters_item_data in self.parameters:
            parameters_item = parameters_item_data.to_dict()
            parameters.append(parameters_item)

        profile = self.profile

        profile_controls = self.profile_controls

        severity_rules = []
        for severity_rules_item_data in self.severity_rules:
            severity_rules_item = severity_rules_item_data.to_dict()
            severity_rules.append(severity_rules_item)

        switched_off = []
        for switched_off_item_data in self.switched_off:
            switched_off_item = switched_off_item_data.to_dict()
            switched_off.append(switched_off_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "due_days": due_days,
                "exception_cap_days": exception_cap_days,
                "parameters": parameters,
                "profile": profile,
                "profile_controls": profile_controls,
                "severity_rules": severity_rules,
                "switched_off": switched_off,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.parameter import Parameter
        from ..models.policy_due_days import PolicyDueDays
        from ..models.severity_rule import SeverityRule
        from ..models.switched_off import SwitchedOff

        d = dict(src_dict)
        due_days = PolicyDueDays.from_dict(d.pop("due_days"))

        exception_cap_days = d.pop("exception_cap_days")

        parameters = []
        _parameters = d.pop("parameters")
        for parameters_item_data in _parameters:
            parameters_item = Parameter.from_dict(parameters_item_data)

            parameters.append(parameters_item)

        profile = d.pop("profile")

        profile_controls = cast(list[str], d.pop("profile_controls"))

        severity_rules = []
        _severity_rules = d.pop("severity_rules")
        for severity_rules_item_data in _severity_rules:
            severity_rules_item = SeverityRule.from_dict(severity_rules_item_data)

            severity_rules.append(severity_rules_item)

        switched_off = []
        _switched_off = d.pop("switched_off")
        for switched_off_item_data in _switched_off:
            switched_off_item = SwitchedOff.from_dict(switched_off_item_data)

            switched_off.append(switched_off_item)

        policy = cls(
            due_days=due_days,
            exception_cap_days=exception_cap_days,
            parameters=parameters,
            profile=profile,
            profile_controls=profile_controls,
            severity_rules=severity_rules,
            switched_off=switched_off,
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

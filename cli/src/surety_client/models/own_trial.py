from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.own_trial_outcomes import OwnTrialOutcomes
    from ..models.tried_resource import TriedResource


T = TypeVar("T", bound="OwnTrial")


@_attrs_define
class OwnTrial:
    """The verdicts that the control would give for a customer.

    Attributes:
        customer (str):
        incomplete (str): Why some resources were not evaluated; empty if all were evaluated
        outcomes (OwnTrialOutcomes): Number of resources by outcome
        resources (list[TriedResource]): At most 100 resources whose verdict is fail or unknown
    """

    customer: str
    incomplete: str
    outcomes: OwnTrialOutcomes
    resources: list[TriedResource]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        customer = self.customer

        incomplete = self.incomplete

        outcomes = self.outcomes.to_dict()

        resources = []
        for resources_item_data in self.resources:
            resources_item = resources_item_data.to_dict()
            resources.append(resources_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "customer": customer,
                "incomplete": incomplete,
                "outcomes": outcomes,
                "resources": resources,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.own_trial_outcomes import OwnTrialOutcomes
        from ..models.tried_resource import TriedResource

        d = dict(src_dict)
        customer = d.pop("customer")

        incomplete = d.pop("incomplete")

        outcomes = OwnTrialOutcomes.from_dict(d.pop("outcomes"))

        resources = []
        _resources = d.pop("resources")
        for resources_item_data in _resources:
            resources_item = TriedResource.from_dict(resources_item_data)

            resources.append(resources_item)

        own_trial = cls(
            customer=customer,
            incomplete=incomplete,
            outcomes=outcomes,
            resources=resources,
        )

        own_trial.additional_properties = d
        return own_trial

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

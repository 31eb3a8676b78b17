from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.framework_enum import FrameworkEnum

if TYPE_CHECKING:
    from ..models.customer_framework_results import CustomerFrameworkResults


T = TypeVar("T", bound="CustomerFramework")


@_attrs_define
class CustomerFramework:
    """A framework version with the results of a customer.

    Attributes:
        framework (FrameworkEnum):
        name (str):
        requirements (int): The number of requirements
        results (CustomerFrameworkResults): Number of requirements for each result. A result is left out if no
            requirement has it
        source (str): Where the publisher lists the requirements
        title (str):
    """

    framework: FrameworkEnum
    name: str
    requirements: int
    results: CustomerFrameworkResults
    source: str
    title: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        framework = self.framework.value

        name = self.name

        requirements = self.requirements

        results = self.results.to_dict()

        source = self.source

        title = self.title

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "framework": framework,
                "name": name,
                "requirements": requirements,
                "results": results,
                "source": source,
                "title": title,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.customer_framework_results import CustomerFrameworkResults

        d = dict(src_dict)
        framework = FrameworkEnum(d.pop("framework"))

        name = d.pop("name")

        requirements = d.pop("requirements")

        results = CustomerFrameworkResults.from_dict(d.pop("results"))

        source = d.pop("source")

        title = d.pop("title")

        customer_framework = cls(
            framework=framework,
            name=name,
            requirements=requirements,
            results=results,
            source=source,
            title=title,
        )

        customer_framework.additional_properties = d
        return customer_framework

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

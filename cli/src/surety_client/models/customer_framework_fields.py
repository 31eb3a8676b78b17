from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.framework_enum import FrameworkEnum
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.customer_framework_fields_results import (
        CustomerFrameworkFieldsResults,
    )


T = TypeVar("T", bound="CustomerFrameworkFields")


@_attrs_define
class CustomerFrameworkFields:
    """The fields of CustomerFramework that the parameter `fields` names

    Attributes:
        framework (FrameworkEnum | Unset):
        name (str | Unset):
        requirements (int | Unset): The number of requirements
        results (CustomerFrameworkFieldsResults | Unset): Number of requirements for each result. A result is left out
            if no requirement has it
        source (str | Unset): Where the publisher lists the requirements
        title (str | Unset):
    """

    framework: FrameworkEnum | Unset = UNSET
    name: str | Unset = UNSET
    requirements: int | Unset = UNSET
    results: CustomerFrameworkFieldsResults | Unset = UNSET
    source: str | Unset = UNSET
    title: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        framework: str | Unset = UNSET
        if not isinstance(self.framework, Unset):
            framework = self.framework.value

        name = self.name

        requirements = self.requirements

        results: dict[str, Any] | Unset = UNSET
        if not isinstance(self.results, Unset):
            results = self.results.to_dict()

        source = self.source

        title = self.title

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if framework is not UNSET:
            field_dict["framework"] = framework
        if name is not UNSET:
            field_dict["name"] = name
        if requirements is not UNSET:
            field_dict["requirements"] = requirements
        if results is not UNSET:
            field_dict["results"] = results
        if source is not UNSET:
            field_dict["source"] = source
        if title is not UNSET:
            field_dict["title"] = title

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.customer_framework_fields_results import (
            CustomerFrameworkFieldsResults,
        )

        d = dict(src_dict)
        _framework = d.pop("framework", UNSET)
        framework: FrameworkEnum | Unset
        if isinstance(_framework, Unset):
            framework = UNSET
        else:
            framework = FrameworkEnum(_framework)

        name = d.pop("name", UNSET)

        requirements = d.pop("requirements", UNSET)

        _results = d.pop("results", UNSET)
        results: CustomerFrameworkFieldsResults | Unset
        if isinstance(_results, Unset):
            results = UNSET
        else:
            results = CustomerFrameworkFieldsResults.from_dict(_results)

        source = d.pop("source", UNSET)

        title = d.pop("title", UNSET)

        customer_framework_fields = cls(
            framework=framework,
            name=name,
            requirements=requirements,
            results=results,
            source=source,
            title=title,
        )

        customer_framework_fields.additional_properties = d
        return customer_framework_fields

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

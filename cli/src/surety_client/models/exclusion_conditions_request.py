from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="ExclusionConditionsRequest")


@_attrs_define
class ExclusionConditionsRequest:
    """A management group, a tag, or both. If both are given, a subscription must be below the management group and have
    the tag.

        Attributes:
            management_group (str | Unset): The name (id) of a management group above the subscription; empty if the rule
                does not depend on a management group
            tag (str | Unset): A tag as `name=value`; empty if the rule does not depend on a tag
    """

    management_group: str | Unset = UNSET
    tag: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        management_group = self.management_group

        tag = self.tag

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if management_group is not UNSET:
            field_dict["management_group"] = management_group
        if tag is not UNSET:
            field_dict["tag"] = tag

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        management_group = d.pop("management_group", UNSET)

        tag = d.pop("tag", UNSET)

        exclusion_conditions_request = cls(
            management_group=management_group,
            tag=tag,
        )

        exclusion_conditions_request.additional_properties = d
        return exclusion_conditions_request

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

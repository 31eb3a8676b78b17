from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="AddExclusionRuleRequest")


@_attrs_define
class AddExclusionRuleRequest:
    """A new rule.

    Attributes:
        name (str):
        reason (str): The reason, which is shown wherever an excluded subscription is listed
        management_group (str | Unset): The name (id) of a management group above the subscription; empty if the rule
            does not depend on a management group
        tag (str | Unset): A tag as `name=value`; empty if the rule does not depend on a tag
        until (datetime.datetime | None | Unset): The time when the rule ends. Without this field, the rule has no end
    """

    name: str
    reason: str
    management_group: str | Unset = UNSET
    tag: str | Unset = UNSET
    until: datetime.datetime | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        reason = self.reason

        management_group = self.management_group

        tag = self.tag

        until: None | str | Unset
        if isinstance(self.until, Unset):
            until = UNSET
        elif isinstance(self.until, datetime.datetime):
            until = self.until.isoformat()
        else:
            until = self.until

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "name": name,
                "reason": reason,
            }
        )
        if management_group is not UNSET:
            field_dict["management_group"] = management_group
        if tag is not UNSET:
            field_dict["tag"] = tag
        if until is not UNSET:
            field_dict["until"] = until

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        name = d.pop("name")

        reason = d.pop("reason")

        management_group = d.pop("management_group", UNSET)

        tag = d.pop("tag", UNSET)

        def _parse_until(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                until_type_0 = datetime.datetime.fromisoformat(data)

                return until_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        until = _parse_until(d.pop("until", UNSET))

        add_exclusion_rule_request = cls(
            name=name,
            reason=reason,
            management_group=management_group,
            tag=tag,
            until=until,
        )

        add_exclusion_rule_request.additional_properties = d
        return add_exclusion_rule_request

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

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="ExclusionRule")


@_attrs_define
class ExclusionRule:
    """A rule that excludes matching subscriptions, also those that appear later.

    Attributes:
        created_at (datetime.datetime):
        id (UUID):
        name (str):
        reason (str):
        subscriptions (int): Number of subscriptions that the rule excludes now
        until (datetime.datetime | None): The time when the rule ends; null if the rule has no end
        management_group (str | Unset): The name (id) of a management group above the subscription; empty if the rule
            does not depend on a management group
        tag (str | Unset): A tag as `name=value`; empty if the rule does not depend on a tag
    """

    created_at: datetime.datetime
    id: UUID
    name: str
    reason: str
    subscriptions: int
    until: datetime.datetime | None
    management_group: str | Unset = UNSET
    tag: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        created_at = self.created_at.isoformat()

        id = str(self.id)

        name = self.name

        reason = self.reason

        subscriptions = self.subscriptions

        until: None | str
        if isinstance(self.until, datetime.datetime):
            until = self.until.isoformat()
        else:
            until = self.until

        management_group = self.management_group

        tag = self.tag

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "created_at": created_at,
                "id": id,
                "name": name,
                "reason": reason,
                "subscriptions": subscriptions,
                "until": until,
            }
        )
        if management_group is not UNSET:
            field_dict["management_group"] = management_group
        if tag is not UNSET:
            field_dict["tag"] = tag

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        id = UUID(d.pop("id"))

        name = d.pop("name")

        reason = d.pop("reason")

        subscriptions = d.pop("subscriptions")

        def _parse_until(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                until_type_0 = datetime.datetime.fromisoformat(data)

                return until_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        until = _parse_until(d.pop("until"))

        management_group = d.pop("management_group", UNSET)

        tag = d.pop("tag", UNSET)

        exclusion_rule = cls(
            created_at=created_at,
            id=id,
            name=name,
            reason=reason,
            subscriptions=subscriptions,
            until=until,
            management_group=management_group,
            tag=tag,
        )

        exclusion_rule.additional_properties = d
        return exclusion_rule

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

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.situation_enum import SituationEnum

if TYPE_CHECKING:
    from ..models.subscription_management_groups_item import (
        SubscriptionManagementGroupsItem,
    )
    from ..models.subscription_tags import SubscriptionTags


T = TypeVar("T", bound="Subscription")


@_attrs_define
class Subscription:
    """A subscription of a customer's directories.

    Attributes:
        directory_id (str):
        discovered_at (datetime.datetime):
        excluded_until (datetime.datetime | None):
        exclusion_reason (str): Why people excluded the subscription; empty if nobody did
        id (UUID):
        is_delegated (bool): Whether the organization's own service principal reads the subscription
        last_seen_at (datetime.datetime):
        management_groups (list[SubscriptionManagementGroupsItem]): From the root downwards
        name (str):
        remark (str): What the state means for findings of the subscription, or empty
        service_principal (None | UUID): The id of the service principal that reads the subscription
        situation (SituationEnum):
        state (str): The state in Azure; Vanished if Azure no longer lists the subscription; Waiting if no service
            principal has seen the subscription yet
        subscription_id (str):
        tags (SubscriptionTags):
        why_not_assessed (str): The reason in words, or empty
    """

    directory_id: str
    discovered_at: datetime.datetime
    excluded_until: datetime.datetime | None
    exclusion_reason: str
    id: UUID
    is_delegated: bool
    last_seen_at: datetime.datetime
    management_groups: list[SubscriptionManagementGroupsItem]
    name: str
    remark: str
    service_principal: None | UUID
    situation: SituationEnum
    state: str
    subscription_id: str
    tags: SubscriptionTags
    why_not_assessed: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        directory_id = self.directory_id

        discovered_at = self.discovered_at.isoformat()

        excluded_until: None | str
        if isinstance(self.excluded_until, datetime.datetime):
            excluded_until = self.excluded_until.isoformat()
        else:
            excluded_until = self.excluded_until

        exclusion_reason = self.exclusion_reason

        id = str(self.id)

        is_delegated = self.is_delegated

        last_seen_at = self.last_seen_at.isoformat()

        management_groups = []
        for management_groups_item_data in self.management_groups:
            management_groups_item = management_groups_item_data.to_dict()
            management_groups.append(management_groups_item)

        name = self.name

        remark = self.remark

        service_principal: None | str
        if isinstance(self.service_principal, UUID):
            service_principal = str(self.service_principal)
        else:
            service_principal = self.service_principal

        situation = self.situation.value

        state = self.state

        subscription_id = self.subscription_id

        tags = self.tags.to_dict()

        why_not_assessed = self.why_not_assessed

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "directory_id": directory_id,
                "discovered_at": discovered_at,
                "excluded_until": excluded_until,
                "exclusion_reason": exclusion_reason,
                "id": id,
                "is_delegated": is_delegated,
                "last_seen_at": last_seen_at,
                "management_groups": management_groups,
                "name": name,
                "remark": remark,
                "service_principal": service_principal,
                "situation": situation,
                "state": state,
                "subscription_id": subscription_id,
                "tags": tags,
                "why_not_assessed": why_not_assessed,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.subscription_management_groups_item import (
            SubscriptionManagementGroupsItem,
        )
        from ..models.subscription_tags import SubscriptionTags

        d = dict(src_dict)
        directory_id = d.pop("directory_id")

        discovered_at = datetime.datetime.fromisoformat(d.pop("discovered_at"))

        def _parse_excluded_until(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                excluded_until_type_0 = datetime.datetime.fromisoformat(data)

                return excluded_until_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        excluded_until = _parse_excluded_until(d.pop("excluded_until"))

        exclusion_reason = d.pop("exclusion_reason")

        id = UUID(d.pop("id"))

        is_delegated = d.pop("is_delegated")

        last_seen_at = datetime.datetime.fromisoformat(d.pop("last_seen_at"))

        management_groups = []
        _management_groups = d.pop("management_groups")
        for management_groups_item_data in _management_groups:
            management_groups_item = SubscriptionManagementGroupsItem.from_dict(
                management_groups_item_data
            )

            management_groups.append(management_groups_item)

        name = d.pop("name")

        remark = d.pop("remark")

        def _parse_service_principal(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                service_principal_type_0 = UUID(data)

                return service_principal_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        service_principal = _parse_service_principal(d.pop("service_principal"))

        situation = SituationEnum(d.pop("situation"))

        state = d.pop("state")

        subscription_id = d.pop("subscription_id")

        tags = SubscriptionTags.from_dict(d.pop("tags"))

        why_not_assessed = d.pop("why_not_assessed")

        subscription = cls(
            directory_id=directory_id,
            discovered_at=discovered_at,
            excluded_until=excluded_until,
            exclusion_reason=exclusion_reason,
            id=id,
            is_delegated=is_delegated,
            last_seen_at=last_seen_at,
            management_groups=management_groups,
            name=name,
            remark=remark,
            service_principal=service_principal,
            situation=situation,
            state=state,
            subscription_id=subscription_id,
            tags=tags,
            why_not_assessed=why_not_assessed,
        )

        subscription.additional_properties = d
        return subscription

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

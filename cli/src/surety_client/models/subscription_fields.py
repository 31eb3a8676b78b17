from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.situation_enum import SituationEnum
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.subscription_fields_management_groups_item import (
        SubscriptionFieldsManagementGroupsItem,
    )
    from ..models.subscription_fields_tags import SubscriptionFieldsTags


T = TypeVar("T", bound="SubscriptionFields")


@_attrs_define
class SubscriptionFields:
    """The fields of Subscription that the parameter `fields` names

    Attributes:
        directory_id (str | Unset):
        discovered_at (datetime.datetime | Unset):
        excluded_until (datetime.datetime | None | Unset):
        exclusion_reason (str | Unset): Why people excluded the subscription; empty if nobody did
        id (UUID | Unset):
        is_delegated (bool | Unset): Whether the organization's own service principal reads the subscription
        last_seen_at (datetime.datetime | Unset):
        management_groups (list[SubscriptionFieldsManagementGroupsItem] | Unset): From the root downwards
        name (str | Unset):
        remark (str | Unset): What the state means for findings of the subscription, or empty
        service_principal (None | Unset | UUID): The id of the service principal that reads the subscription
        situation (SituationEnum | Unset):
        state (str | Unset): The state in Azure; Vanished if Azure no longer lists the subscription; Waiting if no
            service principal has seen the subscription yet
        subscription_id (str | Unset):
        tags (SubscriptionFieldsTags | Unset):
        why_not_assessed (str | Unset): The reason in words, or empty
    """

    directory_id: str | Unset = UNSET
    discovered_at: datetime.datetime | Unset = UNSET
    excluded_until: datetime.datetime | None | Unset = UNSET
    exclusion_reason: str | Unset = UNSET
    id: UUID | Unset = UNSET
    is_delegated: bool | Unset = UNSET
    last_seen_at: datetime.datetime | Unset = UNSET
    management_groups: list[SubscriptionFieldsManagementGroupsItem] | Unset = UNSET
    name: str | Unset = UNSET
    remark: str | Unset = UNSET
    service_principal: None | Unset | UUID = UNSET
    situation: SituationEnum | Unset = UNSET
    state: str | Unset = UNSET
    subscription_id: str | Unset = UNSET
    tags: SubscriptionFieldsTags | Unset = UNSET
    why_not_assessed: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        directory_id = self.directory_id

        discovered_at: str | Unset = UNSET
        if not isinstance(self.discovered_at, Unset):
            discovered_at = self.discovered_at.isoformat()

        excluded_until: None | str | Unset
        if isinstance(self.excluded_until, Unset):
            excluded_until = UNSET
        elif isinstance(self.excluded_until, datetime.datetime):
            excluded_until = self.excluded_until.isoformat()
        else:
            excluded_until = self.excluded_until

        exclusion_reason = self.exclusion_reason

        id: str | Unset = UNSET
        if not isinstance(self.id, Unset):
            id = str(self.id)

        is_delegated = self.is_delegated

        last_seen_at: str | Unset = UNSET
        if not isinstance(self.last_seen_at, Unset):
            last_seen_at = self.last_seen_at.isoformat()

        management_groups: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.management_groups, Unset):
            management_groups = []
            for management_groups_item_data in self.management_groups:
                management_groups_item = management_groups_item_data.to_dict()
                management_groups.append(management_groups_item)

        name = self.name

        remark = self.remark

        service_principal: None | str | Unset
        if isinstance(self.service_principal, Unset):
            service_principal = UNSET
        elif isinstance(self.service_principal, UUID):
            service_principal = str(self.service_principal)
        else:
            service_principal = self.service_principal

        situation: str | Unset = UNSET
        if not isinstance(self.situation, Unset):
            situation = self.situation.value

        state = self.state

        subscription_id = self.subscription_id

        tags: dict[str, Any] | Unset = UNSET
        if not isinstance(self.tags, Unset):
            tags = self.tags.to_dict()

        why_not_assessed = self.why_not_assessed

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if directory_id is not UNSET:
            field_dict["directory_id"] = directory_id
        if discovered_at is not UNSET:
            field_dict["discovered_at"] = discovered_at
        if excluded_until is not UNSET:
            field_dict["excluded_until"] = excluded_until
        if exclusion_reason is not UNSET:
            field_dict["exclusion_reason"] = exclusion_reason
        if id is not UNSET:
            field_dict["id"] = id
        if is_delegated is not UNSET:
            field_dict["is_delegated"] = is_delegated
        if last_seen_at is not UNSET:
            field_dict["last_seen_at"] = last_seen_at
        if management_groups is not UNSET:
            field_dict["management_groups"] = management_groups
        if name is not UNSET:
            field_dict["name"] = name
        if remark is not UNSET:
            field_dict["remark"] = remark
        if service_principal is not UNSET:
            field_dict["service_principal"] = service_principal
        if situation is not UNSET:
            field_dict["situation"] = situation
        if state is not UNSET:
            field_dict["state"] = state
        if subscription_id is not UNSET:
            field_dict["subscription_id"] = subscription_id
        if tags is not UNSET:
            field_dict["tags"] = tags
        if why_not_assessed is not UNSET:
            field_dict["why_not_assessed"] = why_not_assessed

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.subscription_fields_management_groups_item import (
            SubscriptionFieldsManagementGroupsItem,
        )
        from ..models.subscription_fields_tags import SubscriptionFieldsTags

        d = dict(src_dict)
        directory_id = d.pop("directory_id", UNSET)

        _discovered_at = d.pop("discovered_at", UNSET)
        discovered_at: datetime.datetime | Unset
        if isinstance(_discovered_at, Unset):
            discovered_at = UNSET
        else:
            discovered_at = datetime.datetime.fromisoformat(_discovered_at)

        def _parse_excluded_until(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                excluded_until_type_0 = datetime.datetime.fromisoformat(data)

                return excluded_until_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        excluded_until = _parse_excluded_until(d.pop("excluded_until", UNSET))

        exclusion_reason = d.pop("exclusion_reason", UNSET)

        _id = d.pop("id", UNSET)
        id: UUID | Unset
        if isinstance(_id, Unset):
            id = UNSET
        else:
            id = UUID(_id)

        is_delegated = d.pop("is_delegated", UNSET)

        _last_seen_at = d.pop("last_seen_at", UNSET)
        last_seen_at: datetime.datetime | Unset
        if isinstance(_last_seen_at, Unset):
            last_seen_at = UNSET
        else:
            last_seen_at = datetime.datetime.fromisoformat(_last_seen_at)

        _management_groups = d.pop("management_groups", UNSET)
        management_groups: list[SubscriptionFieldsManagementGroupsItem] | Unset = UNSET
        if _management_groups is not UNSET:
            management_groups = []
            for management_groups_item_data in _management_groups:
                management_groups_item = (
                    SubscriptionFieldsManagementGroupsItem.from_dict(
                        management_groups_item_data
                    )
                )

                management_groups.append(management_groups_item)

        name = d.pop("name", UNSET)

        remark = d.pop("remark", UNSET)

        def _parse_service_principal(data: object) -> None | Unset | UUID:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                service_principal_type_0 = UUID(data)

                return service_principal_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | UUID, data)

        service_principal = _parse_service_principal(d.pop("service_principal", UNSET))

        _situation = d.pop("situation", UNSET)
        situation: SituationEnum | Unset
        if isinstance(_situation, Unset):
            situation = UNSET
        else:
            situation = SituationEnum(_situation)

        state = d.pop("state", UNSET)

        subscription_id = d.pop("subscription_id", UNSET)

        _tags = d.pop("tags", UNSET)
        tags: SubscriptionFieldsTags | Unset
        if isinstance(_tags, Unset):
            tags = UNSET
        else:
            tags = SubscriptionFieldsTags.from_dict(_tags)

        why_not_assessed = d.pop("why_not_assessed", UNSET)

        subscription_fields = cls(
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

        subscription_fields.additional_properties = d
        return subscription_fields

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

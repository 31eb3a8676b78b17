from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.baseline_channel import BaselineChannel
    from ..models.baseline_fields_due_days import BaselineFieldsDueDays
    from ..models.baseline_fields_parameters import BaselineFieldsParameters
    from ..models.baseline_fields_retention import BaselineFieldsRetention
    from ..models.baseline_owner_rule import BaselineOwnerRule
    from ..models.baseline_profile import BaselineProfile
    from ..models.baseline_shipped_rule import BaselineShippedRule
    from ..models.baseline_watch_rule import BaselineWatchRule
    from ..models.person import Person


T = TypeVar("T", bound="BaselineFields")


@_attrs_define
class BaselineFields:
    """The fields of Baseline that the parameter `fields` names

    Attributes:
        changed_at (datetime.datetime | Unset):
        changed_by (Person | Unset): A person, by name and email address.
        channels (list[BaselineChannel] | Unset):
        customers (list[str] | Unset): Short names of the customers to which the baseline applies
        due_days (BaselineFieldsDueDays | Unset):
        exception_cap_days (int | None | Unset):
        id (UUID | Unset):
        label (str | Unset): Empty for all customers
        name (str | Unset):
        owner_rules (list[BaselineOwnerRule] | Unset):
        parameters (BaselineFieldsParameters | Unset): Values of parameters by control
        profile (BaselineProfile | None | Unset):
        retention (BaselineFieldsRetention | Unset):
        schedule (str | Unset):
        shipped_watch_rules (list[BaselineShippedRule] | Unset):
        watch_rules (list[BaselineWatchRule] | Unset):
    """

    changed_at: datetime.datetime | Unset = UNSET
    changed_by: Person | Unset = UNSET
    channels: list[BaselineChannel] | Unset = UNSET
    customers: list[str] | Unset = UNSET
    due_days: BaselineFieldsDueDays | Unset = UNSET
    exception_cap_days: int | None | Unset = UNSET
    id: UUID | Unset = UNSET
    label: str | Unset = UNSET
    name: str | Unset = UNSET
    owner_rules: list[BaselineOwnerRule] | Unset = UNSET
    parameters: BaselineFieldsParameters | Unset = UNSET
    profile: BaselineProfile | None | Unset = UNSET
    retention: BaselineFieldsRetention | Unset = UNSET
    schedule: str | Unset = UNSET
    shipped_watch_rules: list[BaselineShippedRule] | Unset = UNSET
    watch_rules: list[BaselineWatchRule] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.baseline_profile import BaselineProfile

        changed_at: str | Unset = UNSET
        if not isinstance(self.changed_at, Unset):
            changed_at = self.changed_at.isoformat()

        changed_by: dict[str, Any] | Unset = UNSET
        if not isinstance(self.changed_by, Unset):
            changed_by = self.changed_by.to_dict()

        channels: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.channels, Unset):
            channels = []
            for channels_item_data in self.channels:
                channels_item = channels_item_data.to_dict()
                channels.append(channels_item)

        customers: list[str] | Unset = UNSET
        if not isinstance(self.customers, Unset):
            customers = self.customers

        due_days: dict[str, Any] | Unset = UNSET
        if not isinstance(self.due_days, Unset):
            due_days = self.due_days.to_dict()

        exception_cap_days: int | None | Unset
        if isinstance(self.exception_cap_days, Unset):
            exception_cap_days = UNSET
        else:
            exception_cap_days = self.exception_cap_days

        id: str | Unset = UNSET
        if not isinstance(self.id, Unset):
            id = str(self.id)

        label = self.label

        name = self.name

        owner_rules: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.owner_rules, Unset):
            owner_rules = []
            for owner_rules_item_data in self.owner_rules:
                owner_rules_item = owner_rules_item_data.to_dict()
                owner_rules.append(owner_rules_item)

        parameters: dict[str, Any] | Unset = UNSET
        if not isinstance(self.parameters, Unset):
            parameters = self.parameters.to_dict()

        profile: dict[str, Any] | None | Unset
        if isinstance(self.profile, Unset):
            profile = UNSET
        elif isinstance(self.profile, BaselineProfile):
            profile = self.profile.to_dict()
        else:
            profile = self.profile

        retention: dict[str, Any] | Unset = UNSET
        if not isinstance(self.retention, Unset):
            retention = self.retention.to_dict()

        schedule = self.schedule

        shipped_watch_rules: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.shipped_watch_rules, Unset):
            shipped_watch_rules = []
            for shipped_watch_rules_item_data in self.shipped_watch_rules:
                shipped_watch_rules_item = shipped_watch_rules_item_data.to_dict()
                shipped_watch_rules.append(shipped_watch_rules_item)

        watch_rules: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.watch_rules, Unset):
            watch_rules = []
            for watch_rules_item_data in self.watch_rules:
                watch_rules_item = watch_rules_item_data.to_dict()
                watch_rules.append(watch_rules_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if changed_at is not UNSET:
            field_dict["changed_at"] = changed_at
        if changed_by is not UNSET:
            field_dict["changed_by"] = changed_by
        if channels is not UNSET:
            field_dict["channels"] = channels
        if customers is not UNSET:
            field_dict["customers"] = customers
        if due_days is not UNSET:
            field_dict["due_days"] = due_days
        if exception_cap_days is not UNSET:
            field_dict["exception_cap_days"] = exception_cap_days
        if id is not UNSET:
            field_dict["id"] = id
        if label is not UNSET:
            field_dict["label"] = label
        if name is not UNSET:
            field_dict["name"] = name
        if owner_rules is not UNSET:
            field_dict["owner_rules"] = owner_rules
        if parameters is not UNSET:
            field_dict["parameters"] = parameters
        if profile is not UNSET:
            field_dict["profile"] = profile
        if retention is not UNSET:
            field_dict["retention"] = retention
        if schedule is not UNSET:
            field_dict["schedule"] = schedule
        if shipped_watch_rules is not UNSET:
            field_dict["shipped_watch_rules"] = shipped_watch_rules
        if watch_rules is not UNSET:
            field_dict["watch_rules"] = watch_rules

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.baseline_channel import BaselineChannel
        from ..models.baseline_fields_due_days import BaselineFieldsDueDays
        from ..models.baseline_fields_parameters import BaselineFieldsParameters
        from ..models.baseline_fields_retention import BaselineFieldsRetention
        from ..models.baseline_owner_rule import BaselineOwnerRule
        from ..models.baseline_profile import BaselineProfile
        from ..models.baseline_shipped_rule import BaselineShippedRule
        from ..models.baseline_watch_rule import BaselineWatchRule
        from ..models.person import Person

        d = dict(src_dict)
        _changed_at = d.pop("changed_at", UNSET)
        changed_at: datetime.datetime | Unset
        if isinstance(_changed_at, Unset):
            changed_at = UNSET
        else:
            changed_at = datetime.datetime.fromisoformat(_changed_at)

        _changed_by = d.pop("changed_by", UNSET)
        changed_by: Person | Unset
        if isinstance(_changed_by, Unset):
            changed_by = UNSET
        else:
            changed_by = Person.from_dict(_changed_by)

        _channels = d.pop("channels", UNSET)
        channels: list[BaselineChannel] | Unset = UNSET
        if _channels is not UNSET:
            channels = []
            for channels_item_data in _channels:
                channels_item = BaselineChannel.from_dict(channels_item_data)

                channels.append(channels_item)

        customers = cast(list[str], d.pop("customers", UNSET))

        _due_days = d.pop("due_days", UNSET)
        due_days: BaselineFieldsDueDays | Unset
        if isinstance(_due_days, Unset):
            due_days = UNSET
        else:
            due_days = BaselineFieldsDueDays.from_dict(_due_days)

        def _parse_exception_cap_days(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        exception_cap_days = _parse_exception_cap_days(
            d.pop("exception_cap_days", UNSET)
        )

        _id = d.pop("id", UNSET)
        id: UUID | Unset
        if isinstance(_id, Unset):
            id = UNSET
        else:
            id = UUID(_id)

        label = d.pop("label", UNSET)

        name = d.pop("name", UNSET)

        _owner_rules = d.pop("owner_rules", UNSET)
        owner_rules: list[BaselineOwnerRule] | Unset = UNSET
        if _owner_rules is not UNSET:
            owner_rules = []
            for owner_rules_item_data in _owner_rules:
                owner_rules_item = BaselineOwnerRule.from_dict(owner_rules_item_data)

                owner_rules.append(owner_rules_item)

        _parameters = d.pop("parameters", UNSET)
        parameters: BaselineFieldsParameters | Unset
        if isinstance(_parameters, Unset):
            parameters = UNSET
        else:
            parameters = BaselineFieldsParameters.from_dict(_parameters)

        def _parse_profile(data: object) -> BaselineProfile | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                profile_type_0 = BaselineProfile.from_dict(data)

                return profile_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(BaselineProfile | None | Unset, data)

        profile = _parse_profile(d.pop("profile", UNSET))

        _retention = d.pop("retention", UNSET)
        retention: BaselineFieldsRetention | Unset
        if isinstance(_retention, Unset):
            retention = UNSET
        else:
            retention = BaselineFieldsRetention.from_dict(_retention)

        schedule = d.pop("schedule", UNSET)

        _shipped_watch_rules = d.pop("shipped_watch_rules", UNSET)
        shipped_watch_rules: list[BaselineShippedRule] | Unset = UNSET
        if _shipped_watch_rules is not UNSET:
            shipped_watch_rules = []
            for shipped_watch_rules_item_data in _shipped_watch_rules:
                shipped_watch_rules_item = BaselineShippedRule.from_dict(
                    shipped_watch_rules_item_data
                )

                shipped_watch_rules.append(shipped_watch_rules_item)

        _watch_rules = d.pop("watch_rules", UNSET)
        watch_rules: list[BaselineWatchRule] | Unset = UNSET
        if _watch_rules is not UNSET:
            watch_rules = []
            for watch_rules_item_data in _watch_rules:
                watch_rules_item = BaselineWatchRule.from_dict(watch_rules_item_data)

                watch_rules.append(watch_rules_item)

        baseline_fields = cls(
            changed_at=changed_at,
            changed_by=changed_by,
            channels=channels,
            customers=customers,
            due_days=due_days,
            exception_cap_days=exception_cap_days,
            id=id,
            label=label,
            name=name,
            owner_rules=owner_rules,
            parameters=parameters,
            profile=profile,
            retention=retention,
            schedule=schedule,
            shipped_watch_rules=shipped_watch_rules,
            watch_rules=watch_rules,
        )

        baseline_fields.additional_properties = d
        return baseline_fields

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

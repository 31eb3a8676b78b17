from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.baseline_channel import BaselineChannel
    from ..models.baseline_owner_rule import BaselineOwnerRule
    from ..models.baseline_profile import BaselineProfile
    from ..models.baseline_shipped_rule import BaselineShippedRule
    from ..models.baseline_watch_rule import BaselineWatchRule
    from ..models.baseline_with_secret_due_days import BaselineWithSecretDueDays
    from ..models.baseline_with_secret_parameters import BaselineWithSecretParameters
    from ..models.baseline_with_secret_retention import BaselineWithSecretRetention
    from ..models.person import Person


T = TypeVar("T", bound="BaselineWithSecret")


@_attrs_define
class BaselineWithSecret:
    """The baseline after the request, and the signing secret of a new webhook.

    Attributes:
        changed_at (datetime.datetime):
        changed_by (Person): A person, by name and email address.
        channels (list[BaselineChannel]):
        customers (list[str]): Short names of the customers to which the baseline applies
        due_days (BaselineWithSecretDueDays):
        exception_cap_days (int | None):
        id (UUID):
        label (str): Empty for all customers
        name (str):
        owner_rules (list[BaselineOwnerRule]):
        parameters (BaselineWithSecretParameters): Values of parameters by control
        profile (BaselineProfile | None):
        retention (BaselineWithSecretRetention):
        schedule (str):
        secret (None | str): The signing secret of a new webhook, in this answer only; otherwise null
        shipped_watch_rules (list[BaselineShippedRule]):
        watch_rules (list[BaselineWatchRule]):
    """

    changed_at: datetime.datetime
    changed_by: Person
    channels: list[BaselineChannel]
    customers: list[str]
    due_days: BaselineWithSecretDueDays
    exception_cap_days: int | None
    id: UUID
    label: str
    name: str
    owner_rules: list[BaselineOwnerRule]
    parameters: BaselineWithSecretParameters
    profile: BaselineProfile | None
    retention: BaselineWithSecretRetention
    schedule: str
    secret: None | str
    shipped_watch_rules: list[BaselineShippedRule]
    watch_rules: list[BaselineWatchRule]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.baseline_profile import BaselineProfile

        changed_at = self.changed_at.isoformat()

        changed_by = self.changed_by.to_dict()

        channels = []
        for channels_item_data in self.channels:
            channels_item = channels_item_data.to_dict()
            channels.append(channels_item)

        customers = self.customers

        due_days = self.due_days.to_dict()

        exception_cap_days: int | None
        exception_cap_days = self.exception_cap_days

        id = str(self.id)

        label = self.label

        name = self.name

        owner_rules = []
        for owner_rules_item_data in self.owner_rules:
            owner_rules_item = owner_rules_item_data.to_dict()
            owner_rules.append(owner_rules_item)

        parameters = self.parameters.to_dict()

        profile: dict[str, Any] | None
        if isinstance(self.profile, BaselineProfile):
            profile = self.profile.to_dict()
        else:
            profile = self.profile

        retention = self.retention.to_dict()

        schedule = self.schedule

        secret: None | str
        secret = self.secret

        shipped_watch_rules = []
        for shipped_watch_rules_item_data in self.shipped_watch_rules:
            shipped_watch_rules_item = shipped_watch_rules_item_data.to_dict()
            shipped_watch_rules.append(shipped_watch_rules_item)

        watch_rules = []
        for watch_rules_item_data in self.watch_rules:
            watch_rules_item = watch_rules_item_data.to_dict()
            watch_rules.append(watch_rules_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "changed_at": changed_at,
                "changed_by": changed_by,
                "channels": channels,
                "customers": customers,
                "due_days": due_days,
                "exception_cap_days": exception_cap_days,
                "id": id,
                "label": label,
                "name": name,
                "owner_rules": owner_rules,
                "parameters": parameters,
                "profile": profile,
                "retention": retention,
                "schedule": schedule,
                "secret": secret,
                "shipped_watch_rules": shipped_watch_rules,
                "watch_rules": watch_rules,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.baseline_channel import BaselineChannel
        from ..models.baseline_owner_rule import BaselineOwnerRule
        from ..models.baseline_profile import BaselineProfile
        from ..models.baseline_shipped_rule import BaselineShippedRule
        from ..models.baseline_watch_rule import BaselineWatchRule
        from ..models.baseline_with_secret_due_days import BaselineWithSecretDueDays
        from ..models.baseline_with_secret_parameters import (
            BaselineWithSecretParameters,
        )
        from ..models.baseline_with_secret_retention import BaselineWithSecretRetention
        from ..models.person import Person

        d = dict(src_dict)
        changed_at = datetime.datetime.fromisoformat(d.pop("changed_at"))

        changed_by = Person.from_dict(d.pop("changed_by"))

        channels = []
        _channels = d.pop("channels")
        for channels_item_data in _channels:
            channels_item = BaselineChannel.from_dict(channels_item_data)

            channels.append(channels_item)

        customers = cast(list[str], d.pop("customers"))

        due_days = BaselineWithSecretDueDays.from_dict(d.pop("due_days"))

        def _parse_exception_cap_days(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        exception_cap_days = _parse_exception_cap_days(d.pop("exception_cap_days"))

        id = UUID(d.pop("id"))

        label = d.pop("label")

        name = d.pop("name")

        owner_rules = []
        _owner_rules = d.pop("owner_rules")
        for owner_rules_item_data in _owner_rules:
            owner_rules_item = BaselineOwnerRule.from_dict(owner_rules_item_data)

            owner_rules.append(owner_rules_item)

        parameters = BaselineWithSecretParameters.from_dict(d.pop("parameters"))

        def _parse_profile(data: object) -> BaselineProfile | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                profile_type_0 = BaselineProfile.from_dict(data)

                return profile_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(BaselineProfile | None, data)

        profile = _parse_profile(d.pop("profile"))

        retention = BaselineWithSecretRetention.from_dict(d.pop("retention"))

        schedule = d.pop("schedule")

        def _parse_secret(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        secret = _parse_secret(d.pop("secret"))

        shipped_watch_rules = []
        _shipped_watch_rules = d.pop("shipped_watch_rules")
        for shipped_watch_rules_item_data in _shipped_watch_rules:
            shipped_watch_rules_item = BaselineShippedRule.from_dict(
                shipped_watch_rules_item_data
            )

            shipped_watch_rules.append(shipped_watch_rules_item)

        watch_rules = []
        _watch_rules = d.pop("watch_rules")
        for watch_rules_item_data in _watch_rules:
            watch_rules_item = BaselineWatchRule.from_dict(watch_rules_item_data)

            watch_rules.append(watch_rules_item)

        baseline_with_secret = cls(
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
            secret=secret,
            shipped_watch_rules=shipped_watch_rules,
            watch_rules=watch_rules,
        )

        baseline_with_secret.additional_properties = d
        return baseline_with_secret

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

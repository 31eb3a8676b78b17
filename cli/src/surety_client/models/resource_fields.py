from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.approval import Approval
    from ..models.resource_fields_open_findings import ResourceFieldsOpenFindings
    from ..models.resource_fields_tags import ResourceFieldsTags


T = TypeVar("T", bound="ResourceFields")


@_attrs_define
class ResourceFields:
    """The fields of Resource that the parameter `fields` names

    Attributes:
        approved_configuration (Approval | None | Unset):
        changed_at (datetime.datetime | Unset): The last change of the configuration
        first_seen_at (datetime.datetime | Unset):
        gone_at (datetime.datetime | None | Unset): The time when Surety found that the resource was deleted
        id (UUID | Unset):
        location (str | Unset): The Azure region
        name (str | Unset):
        open_findings (ResourceFieldsOpenFindings | Unset): Number of open findings by severity
        resource_group (str | Unset):
        resource_id (str | Unset): The id in Azure
        sha256 (str | Unset): The hash of the redacted configuration
        tags (ResourceFieldsTags | Unset):
        type_ (str | Unset):
        unit (str | Unset): The subscription as `/subscriptions/<id>`, as in the filter `place`
        unit_name (str | Unset): The name of the subscription
        unknown_findings (int | Unset): Number of findings whose verdict is unknown
    """

    approved_configuration: Approval | None | Unset = UNSET
    changed_at: datetime.datetime | Unset = UNSET
    first_seen_at: datetime.datetime | Unset = UNSET
    gone_at: datetime.datetime | None | Unset = UNSET
    id: UUID | Unset = UNSET
    location: str | Unset = UNSET
    name: str | Unset = UNSET
    open_findings: ResourceFieldsOpenFindings | Unset = UNSET
    resource_group: str | Unset = UNSET
    resource_id: str | Unset = UNSET
    sha256: str | Unset = UNSET
    tags: ResourceFieldsTags | Unset = UNSET
    type_: str | Unset = UNSET
    unit: str | Unset = UNSET
    unit_name: str | Unset = UNSET
    unknown_findings: int | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.approval import Approval

        approved_configuration: dict[str, Any] | None | Unset
        if isinstance(self.approved_configuration, Unset):
            approved_configuration = UNSET
        elif isinstance(self.approved_configuration, Approval):
            approved_configuration = self.approved_configuration.to_dict()
        else:
            approved_configuration = self.approved_configuration

        changed_at: str | Unset = UNSET
        if not isinstance(self.changed_at, Unset):
            changed_at = self.changed_at.isoformat()

        first_seen_at: str | Unset = UNSET
        if not isinstance(self.first_seen_at, Unset):
            first_seen_at = self.first_seen_at.isoformat()

        gone_at: None | str | Unset
        if isinstance(self.gone_at, Unset):
            gone_at = UNSET
        elif isinstance(self.gone_at, datetime.datetime):
            gone_at = self.gone_at.isoformat()
        else:
            gone_at = self.gone_at

        id: str | Unset = UNSET
        if not isinstance(self.id, Unset):
            id = str(self.id)

        location = self.location

        name = self.name

        open_findings: dict[str, Any] | Unset = UNSET
        if not isinstance(self.open_findings, Unset):
            open_findings = self.open_findings.to_dict()

        resource_group = self.resource_group

        resource_id = self.resource_id

        sha256 = self.sha256

        tags: dict[str, Any] | Unset = UNSET
        if not isinstance(self.tags, Unset):
            tags = self.tags.to_dict()

        type_ = self.type_

        unit = self.unit

        unit_name = self.unit_name

        unknown_findings = self.unknown_findings

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if approved_configuration is not UNSET:
            field_dict["approved_configuration"] = approved_configuration
        if changed_at is not UNSET:
            field_dict["changed_at"] = changed_at
        if first_seen_at is not UNSET:
            field_dict["first_seen_at"] = first_seen_at
        if gone_at is not UNSET:
            field_dict["gone_at"] = gone_at
        if id is not UNSET:
            field_dict["id"] = id
        if location is not UNSET:
            field_dict["location"] = location
        if name is not UNSET:
            field_dict["name"] = name
        if open_findings is not UNSET:
            field_dict["open_findings"] = open_findings
        if resource_group is not UNSET:
            field_dict["resource_group"] = resource_group
        if resource_id is not UNSET:
            field_dict["resource_id"] = resource_id
        if sha256 is not UNSET:
            field_dict["sha256"] = sha256
        if tags is not UNSET:
            field_dict["tags"] = tags
        if type_ is not UNSET:
            field_dict["type"] = type_
        if unit is not UNSET:
            field_dict["unit"] = unit
        if unit_name is not UNSET:
            field_dict["unit_name"] = unit_name
        if unknown_findings is not UNSET:
            field_dict["unknown_findings"] = unknown_findings

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.approval import Approval
        from ..models.resource_fields_open_findings import ResourceFieldsOpenFindings
        from ..models.resource_fields_tags import ResourceFieldsTags

        d = dict(src_dict)

        def _parse_approved_configuration(data: object) -> Approval | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                approved_configuration_type_0 = Approval.from_dict(data)

                return approved_configuration_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Approval | None | Unset, data)

        approved_configuration = _parse_approved_configuration(
            d.pop("approved_configuration", UNSET)
        )

        _changed_at = d.pop("changed_at", UNSET)
        changed_at: datetime.datetime | Unset
        if isinstance(_changed_at, Unset):
            changed_at = UNSET
        else:
            changed_at = datetime.datetime.fromisoformat(_changed_at)

        _first_seen_at = d.pop("first_seen_at", UNSET)
        first_seen_at: datetime.datetime | Unset
        if isinstance(_first_seen_at, Unset):
            first_seen_at = UNSET
        else:
            first_seen_at = datetime.datetime.fromisoformat(_first_seen_at)

        def _parse_gone_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                gone_at_type_0 = datetime.datetime.fromisoformat(data)

                return gone_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        gone_at = _parse_gone_at(d.pop("gone_at", UNSET))

        _id = d.pop("id", UNSET)
        id: UUID | Unset
        if isinstance(_id, Unset):
            id = UNSET
        else:
            id = UUID(_id)

        location = d.pop("location", UNSET)

        name = d.pop("name", UNSET)

        _open_findings = d.pop("open_findings", UNSET)
        open_findings: ResourceFieldsOpenFindings | Unset
        if isinstance(_open_findings, Unset):
            open_findings = UNSET
        else:
            open_findings = ResourceFieldsOpenFindings.from_dict(_open_findings)

        resource_group = d.pop("resource_group", UNSET)

        resource_id = d.pop("resource_id", UNSET)

        sha256 = d.pop("sha256", UNSET)

        _tags = d.pop("tags", UNSET)
        tags: ResourceFieldsTags | Unset
        if isinstance(_tags, Unset):
            tags = UNSET
        else:
            tags = ResourceFieldsTags.from_dict(_tags)

        type_ = d.pop("type", UNSET)

        unit = d.pop("unit", UNSET)

        unit_name = d.pop("unit_name", UNSET)

        unknown_findings = d.pop("unknown_findings", UNSET)

        resource_fields = cls(
            approved_configuration=approved_configuration,
            changed_at=changed_at,
            first_seen_at=first_seen_at,
            gone_at=gone_at,
            id=id,
            location=location,
            name=name,
            open_findings=open_findings,
            resource_group=resource_group,
            resource_id=resource_id,
            sha256=sha256,
            tags=tags,
            type_=type_,
            unit=unit,
            unit_name=unit_name,
            unknown_findings=unknown_findings,
        )

        resource_fields.additional_properties = d
        return resource_fields

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

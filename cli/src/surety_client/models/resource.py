from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.approval import Approval
    from ..models.resource_open_findings import ResourceOpenFindings
    from ..models.resource_tags import ResourceTags


T = TypeVar("T", bound="Resource")


@_attrs_define
class Resource:
    """An Azure resource.

    Attributes:
        approved_configuration (Approval | None):
        changed_at (datetime.datetime): The last change of the configuration
        first_seen_at (datetime.datetime):
        gone_at (datetime.datetime | None): The time when Surety found that the resource was deleted
        id (UUID):
        location (str): The Azure region
        name (str):
        open_findings (ResourceOpenFindings): Number of open findings by severity
        resource_group (str):
        resource_id (str): The id in Azure
        sha256 (str): The hash of the redacted configuration
        tags (ResourceTags):
        type_ (str):
        unit (str): The subscription as `/subscriptions/<id>`, as in the filter `place`
        unit_name (str): The name of the subscription
        unknown_findings (int): Number of findings whose verdict is unknown
    """

    approved_configuration: Approval | None
    changed_at: datetime.datetime
    first_seen_at: datetime.datetime
    gone_at: datetime.datetime | None
    id: UUID
    location: str
    name: str
    open_findings: ResourceOpenFindings
    resource_group: str
    resource_id: str
    sha256: str
    tags: ResourceTags
    type_: str
    unit: str
    unit_name: str
    unknown_findings: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.approval import Approval

        approved_configuration: dict[str, Any] | None
        if isinstance(self.approved_configuration, Approval):
            approved_configuration = self.approved_configuration.to_dict()
        else:
            approved_configuration = self.approved_configuration

        changed_at = self.changed_at.isoformat()

        first_seen_at = self.first_seen_at.isoformat()

        gone_at: None | str
        if isinstance(self.gone_at, datetime.datetime):
            gone_at = self.gone_at.isoformat()
        else:
            gone_at = self.gone_at

        id = str(self.id)

        location = self.location

        name = self.name

        open_findings = self.open_findings.to_dict()

        resource_group = self.resource_group

        resource_id = self.resource_id

        sha256 = self.sha256

        tags = self.tags.to_dict()

        type_ = self.type_

        unit = self.unit

        unit_name = self.unit_name

        unknown_findings = self.unknown_findings

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "approved_configuration": approved_configuration,
                "changed_at": changed_at,
                "first_seen_at": first_seen_at,
                "gone_at": gone_at,
                "id": id,
                "location": location,
                "name": name,
                "open_findings": open_findings,
                "resource_group": resource_group,
                "resource_id": resource_id,
                "sha256": sha256,
                "tags": tags,
                "type": type_,
                "unit": unit,
                "unit_name": unit_name,
                "unknown_findings": unknown_findings,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.approval import Approval
        from ..models.resource_open_findings import ResourceOpenFindings
        from ..models.resource_tags import ResourceTags

        d = dict(src_dict)

        def _parse_approved_configuration(data: object) -> Approval | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                approved_configuration_type_0 = Approval.from_dict(data)

                return approved_configuration_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Approval | None, data)

        approved_configuration = _parse_approved_configuration(
            d.pop("approved_configuration")
        )

        changed_at = datetime.datetime.fromisoformat(d.pop("changed_at"))

        first_seen_at = datetime.datetime.fromisoformat(d.pop("first_seen_at"))

        def _parse_gone_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                gone_at_type_0 = datetime.datetime.fromisoformat(data)

                return gone_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        gone_at = _parse_gone_at(d.pop("gone_at"))

        id = UUID(d.pop("id"))

        location = d.pop("location")

        name = d.pop("name")

        open_findings = ResourceOpenFindings.from_dict(d.pop("open_findings"))

        resource_group = d.pop("resource_group")

        resource_id = d.pop("resource_id")

        sha256 = d.pop("sha256")

        tags = ResourceTags.from_dict(d.pop("tags"))

        type_ = d.pop("type")

        unit = d.pop("unit")

        unit_name = d.pop("unit_name")

        unknown_findings = d.pop("unknown_findings")

        resource = cls(
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

        resource.additional_properties = d
        return resource

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

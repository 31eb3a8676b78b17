from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.service_principal_kind_enum import ServicePrincipalKindEnum
from ..types import UNSET, Unset

T = TypeVar("T", bound="ManagingPrincipalFields")


@_attrs_define
class ManagingPrincipalFields:
    """The fields of ManagingPrincipal that the parameter `fields` names

    Attributes:
        client_id (str | Unset):
        cloud (str | Unset): The name of an Azure cloud, such as AzureCloud, or `custom` for other clouds
        created_at (datetime.datetime | Unset):
        directory_id (str | Unset): Entra calls it “Tenant ID”
        disabled_at (datetime.datetime | None | Unset):
        error (str | Unset):
        error_code (str | Unset): Why the latest sign-in failed
        expires_at (datetime.datetime | None | Unset):
        id (UUID | Unset):
        kind (ServicePrincipalKindEnum | Unset):
        last_checked_at (datetime.datetime | None | Unset): The latest sign-in
        name (str | Unset):
        rotated_at (datetime.datetime | None | Unset): The last new credential
        thumbprint (str | Unset): The certificate's SHA-1
    """

    client_id: str | Unset = UNSET
    cloud: str | Unset = UNSET
    created_at: datetime.datetime | Unset = UNSET
    directory_id: str | Unset = UNSET
    disabled_at: datetime.datetime | None | Unset = UNSET
    error: str | Unset = UNSET
    error_code: str | Unset = UNSET
    expires_at: datetime.datetime | None | Unset = UNSET
    id: UUID | Unset = UNSET
    kind: ServicePrincipalKindEnum | Unset = UNSET
    last_checked_at: datetime.datetime | None | Unset = UNSET
    name: str | Unset = UNSET
    rotated_at: datetime.datetime | None | Unset = UNSET
    thumbprint: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        client_id = self.client_id

        cloud = self.cloud

        created_at: str | Unset = UNSET
        if not isinstance(self.created_at, Unset):
            created_at = self.created_at.isoformat()

        directory_id = self.directory_id

        disabled_at: None | str | Unset
        if isinstance(self.disabled_at, Unset):
            disabled_at = UNSET
        elif isinstance(self.disabled_at, datetime.datetime):
            disabled_at = self.disabled_at.isoformat()
        else:
            disabled_at = self.disabled_at

        error = self.error

        error_code = self.error_code

        expires_at: None | str | Unset
        if isinstance(self.expires_at, Unset):
            expires_at = UNSET
        elif isinstance(self.expires_at, datetime.datetime):
            expires_at = self.expires_at.isoformat()
        else:
            expires_at = self.expires_at

        id: str | Unset = UNSET
        if not isinstance(self.id, Unset):
            id = str(self.id)

        kind: str | Unset = UNSET
        if not isinstance(self.kind, Unset):
            kind = self.kind.value

        last_checked_at: None | str | Unset
        if isinstance(self.last_checked_at, Unset):
            last_checked_at = UNSET
        elif isinstance(self.last_checked_at, datetime.datetime):
            last_checked_at = self.last_checked_at.isoformat()
        else:
            last_checked_at = self.last_checked_at

        name = self.name

        rotated_at: None | str | Unset
        if isinstance(self.rotated_at, Unset):
            rotated_at = UNSET
        elif isinstance(self.rotated_at, datetime.datetime):
            rotated_at = self.rotated_at.isoformat()
        else:
            rotated_at = self.rotated_at

        thumbprint = self.thumbprint

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if client_id is not UNSET:
            field_dict["client_id"] = client_id
        if cloud is not UNSET:
            field_dict["cloud"] = cloud
        if created_at is not UNSET:
            field_dict["created_at"] = created_at
        if directory_id is not UNSET:
            field_dict["directory_id"] = directory_id
        if disabled_at is not UNSET:
            field_dict["disabled_at"] = disabled_at
        if error is not UNSET:
            field_dict["error"] = error
        if error_code is not UNSET:
            field_dict["error_code"] = error_code
        if expires_at is not UNSET:
            field_dict["expires_at"] = expires_at
        if id is not UNSET:
            field_dict["id"] = id
        if kind is not UNSET:
            field_dict["kind"] = kind
        if last_checked_at is not UNSET:
            field_dict["last_checked_at"] = last_checked_at
        if name is not UNSET:
            field_dict["name"] = name
        if rotated_at is not UNSET:
            field_dict["rotated_at"] = rotated_at
        if thumbprint is not UNSET:
            field_dict["thumbprint"] = thumbprint

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        client_id = d.pop("client_id", UNSET)

        cloud = d.pop("cloud", UNSET)

        _created_at = d.pop("created_at", UNSET)
        created_at: datetime.datetime | Unset
        if isinstance(_created_at, Unset):
            created_at = UNSET
        else:
            created_at = datetime.datetime.fromisoformat(_created_at)

        directory_id = d.pop("directory_id", UNSET)

        def _parse_disabled_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                disabled_at_type_0 = datetime.datetime.fromisoformat(data)

                return disabled_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        disabled_at = _parse_disabled_at(d.pop("disabled_at", UNSET))

        error = d.pop("error", UNSET)

        error_code = d.pop("error_code", UNSET)

        def _parse_expires_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                expires_at_type_0 = datetime.datetime.fromisoformat(data)

                return expires_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        expires_at = _parse_expires_at(d.pop("expires_at", UNSET))

        _id = d.pop("id", UNSET)
        id: UUID | Unset
        if isinstance(_id, Unset):
            id = UNSET
        else:
            id = UUID(_id)

        _kind = d.pop("kind", UNSET)
        kind: ServicePrincipalKindEnum | Unset
        if isinstance(_kind, Unset):
            kind = UNSET
        else:
            kind = ServicePrincipalKindEnum(_kind)

        def _parse_last_checked_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                last_checked_at_type_0 = datetime.datetime.fromisoformat(data)

                return last_checked_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        last_checked_at = _parse_last_checked_at(d.pop("last_checked_at", UNSET))

        name = d.pop("name", UNSET)

        def _parse_rotated_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                rotated_at_type_0 = datetime.datetime.fromisoformat(data)

                return rotated_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        rotated_at = _parse_rotated_at(d.pop("rotated_at", UNSET))

        thumbprint = d.pop("thumbprint", UNSET)

        managing_principal_fields = cls(
            client_id=client_id,
            cloud=cloud,
            created_at=created_at,
            directory_id=directory_id,
            disabled_at=disabled_at,
            error=error,
            error_code=error_code,
            expires_at=expires_at,
            id=id,
            kind=kind,
            last_checked_at=last_checked_at,
            name=name,
            rotated_at=rotated_at,
            thumbprint=thumbprint,
        )

        managing_principal_fields.additional_properties = d
        return managing_principal_fields

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

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.service_principal_kind_enum import ServicePrincipalKindEnum

T = TypeVar("T", bound="ManagingPrincipal")


@_attrs_define
class ManagingPrincipal:
    """A service principal of the organization. Its credential is never sent.

    Attributes:
        client_id (str):
        cloud (str): The name of an Azure cloud, such as AzureCloud, or `custom` for other clouds
        created_at (datetime.datetime):
        directory_id (str): Entra calls it “Tenant ID”
        disabled_at (datetime.datetime | None):
        error (str):
        error_code (str): Why the latest sign-in failed
        expires_at (datetime.datetime | None):
        id (UUID):
        kind (ServicePrincipalKindEnum):
        last_checked_at (datetime.datetime | None): The latest sign-in
        name (str):
        rotated_at (datetime.datetime | None): The last new credential
        thumbprint (str): The certificate's SHA-1
    """

    client_id: str
    cloud: str
    created_at: datetime.datetime
    directory_id: str
    disabled_at: datetime.datetime | None
    error: str
    error_code: str
    expires_at: datetime.datetime | None
    id: UUID
    kind: ServicePrincipalKindEnum
    last_checked_at: datetime.datetime | None
    name: str
    rotated_at: datetime.datetime | None
    thumbprint: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        client_id = self.client_id

        cloud = self.cloud

        created_at = self.created_at.isoformat()

        directory_id = self.directory_id

        disabled_at: None | str
        if isinstance(self.disabled_at, datetime.datetime):
            disabled_at = self.disabled_at.isoformat()
        else:
            disabled_at = self.disabled_at

        error = self.error

        error_code = self.error_code

        expires_at: None | str
        if isinstance(self.expires_at, datetime.datetime):
            expires_at = self.expires_at.isoformat()
        else:
            expires_at = self.expires_at

        id = str(self.id)

        kind = self.kind.value

        last_checked_at: None | str
        if isinstance(self.last_checked_at, datetime.datetime):
            last_checked_at = self.last_checked_at.isoformat()
        else:
            last_checked_at = self.last_checked_at

        name = self.name

        rotated_at: None | str
        if isinstance(self.rotated_at, datetime.datetime):
            rotated_at = self.rotated_at.isoformat()
        else:
            rotated_at = self.rotated_at

        thumbprint = self.thumbprint

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "client_id": client_id,
                "cloud": cloud,
                "created_at": created_at,
                "directory_id": directory_id,
                "disabled_at": disabled_at,
                "error": error,
                "error_code": error_code,
                "expires_at": expires_at,
                "id": id,
                "kind": kind,
                "last_checked_at": last_checked_at,
                "name": name,
                "rotated_at": rotated_at,
                "thumbprint": thumbprint,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        client_id = d.pop("client_id")

        cloud = d.pop("cloud")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        directory_id = d.pop("directory_id")

        def _parse_disabled_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                disabled_at_type_0 = datetime.datetime.fromisoformat(data)

                return disabled_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        disabled_at = _parse_disabled_at(d.pop("disabled_at"))

        error = d.pop("error")

        error_code = d.pop("error_code")

        def _parse_expires_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                expires_at_type_0 = datetime.datetime.fromisoformat(data)

                return expires_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        expires_at = _parse_expires_at(d.pop("expires_at"))

        id = UUID(d.pop("id"))

        kind = ServicePrincipalKindEnum(d.pop("kind"))

        def _parse_last_checked_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                last_checked_at_type_0 = datetime.datetime.fromisoformat(data)

                return last_checked_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        last_checked_at = _parse_last_checked_at(d.pop("last_checked_at"))

        name = d.pop("name")

        def _parse_rotated_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                rotated_at_type_0 = datetime.datetime.fromisoformat(data)

                return rotated_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        rotated_at = _parse_rotated_at(d.pop("rotated_at"))

        thumbprint = d.pop("thumbprint")

        managing_principal = cls(
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

        managing_principal.additional_properties = d
        return managing_principal

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

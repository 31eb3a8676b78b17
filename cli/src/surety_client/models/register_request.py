from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.register_cloud_enum import RegisterCloudEnum
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.endpoints_request import EndpointsRequest


T = TypeVar("T", bound="RegisterRequest")


@_attrs_define
class RegisterRequest:
    """The customer, and its Entra directory.

    Attributes:
        directory_id (str): The GUID of the directory. Entra calls this GUID “Tenant ID”
        name (str): The name as reports show it
        cloud (RegisterCloudEnum | Unset):  Default: RegisterCloudEnum.AZURECLOUD.
        endpoints (EndpointsRequest | Unset): The endpoints of a custom cloud as https addresses, and the certificate of
            its certificate authority.
        time_zone (str | Unset): The IANA name of a time zone, such as Europe/Berlin; by default, the time zone of the
            organization
    """

    directory_id: str
    name: str
    cloud: RegisterCloudEnum | Unset = RegisterCloudEnum.AZURECLOUD
    endpoints: EndpointsRequest | Unset = UNSET
    time_zone: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        directory_id = self.directory_id

        name = self.name

        cloud: str | Unset = UNSET
        if not isinstance(self.cloud, Unset):
            cloud = self.cloud.value

        endpoints: dict[str, Any] | Unset = UNSET
        if not isinstance(self.endpoints, Unset):
            endpoints = self.endpoints.to_dict()

        time_zone = self.time_zone

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "directory_id": directory_id,
                "name": name,
            }
        )
        if cloud is not UNSET:
            field_dict["cloud"] = cloud
        if endpoints is not UNSET:
            field_dict["endpoints"] = endpoints
        if time_zone is not UNSET:
            field_dict["time_zone"] = time_zone

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.endpoints_request import EndpointsRequest

        d = dict(src_dict)
        directory_id = d.pop("directory_id")

        name = d.pop("name")

        _cloud = d.pop("cloud", UNSET)
        cloud: RegisterCloudEnum | Unset
        if isinstance(_cloud, Unset):
            cloud = UNSET
        else:
            cloud = RegisterCloudEnum(_cloud)

        _endpoints = d.pop("endpoints", UNSET)
        endpoints: EndpointsRequest | Unset
        if isinstance(_endpoints, Unset):
            endpoints = UNSET
        else:
            endpoints = EndpointsRequest.from_dict(_endpoints)

        time_zone = d.pop("time_zone", UNSET)

        register_request = cls(
            directory_id=directory_id,
            name=name,
            cloud=cloud,
            endpoints=endpoints,
            time_zone=time_zone,
        )

        register_request.additional_properties = d
        return register_request

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

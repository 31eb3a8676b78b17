from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.register_cloud_enum import RegisterCloudEnum
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.endpoints_request import EndpointsRequest


T = TypeVar("T", bound="AddManagingPrincipalRequest")


@_attrs_define
class AddManagingPrincipalRequest:
    """A service principal in the organization's own directory, with its credential.

    Attributes:
        client_id (str): The client id of the application, which the Azure CLI calls “appId”
        directory_id (str): The GUID of your own directory. Entra calls this GUID “Tenant ID”
        certificate (str | Unset): PEM text of the certificate and its private key
        cloud (RegisterCloudEnum | Unset):  Default: RegisterCloudEnum.AZURECLOUD.
        endpoints (EndpointsRequest | Unset): The endpoints of a custom cloud as https addresses, and the certificate of
            its certificate authority.
        expires_at (datetime.datetime | Unset): When the secret expires, as Entra shows it
        identity (str | Unset): The name of a host identity that the operator allows for the directory. The token needs
            the right `register` in the organization
        name (str | Unset):  Default: ''.
        passphrase (str | Unset): The passphrase of the PFX file, if it has one. It is not stored
        pfx (str | Unset): Instead of `certificate`: a PFX file (PKCS #12) with the certificate and its private key, in
            base64
        secret (str | Unset): The secret's value, not its ID
    """

    client_id: str
    directory_id: str
    certificate: str | Unset = UNSET
    cloud: RegisterCloudEnum | Unset = RegisterCloudEnum.AZURECLOUD
    endpoints: EndpointsRequest | Unset = UNSET
    expires_at: datetime.datetime | Unset = UNSET
    identity: str | Unset = UNSET
    name: str | Unset = ""
    passphrase: str | Unset = UNSET
    pfx: str | Unset = UNSET
    secret: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        client_id = self.client_id

        directory_id = self.directory_id

        certificate = self.certificate

        cloud: str | Unset = UNSET
        if not isinstance(self.cloud, Unset):
            cloud = self.cloud.value

        endpoints: dict[str, Any] | Unset = UNSET
        if not isinstance(self.endpoints, Unset):
            endpoints = self.endpoints.to_dict()

        expires_at: str | Unset = UNSET
        if not isinstance(self.expires_at, Unset):
            expires_at = self.expires_at.isoformat()

        identity = self.identity

        name = self.name

        passphrase = self.passphrase

        pfx = self.pfx

        secret = self.secret

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "client_id": client_id,
                "directory_id": directory_id,
            }
        )
        if certificate is not UNSET:
            field_dict["certificate"] = certificate
        if cloud is not UNSET:
            field_dict["cloud"] = cloud
        if endpoints is not UNSET:
            field_dict["endpoints"] = endpoints
        if expires_at is not UNSET:
            field_dict["expires_at"] = expires_at
        if identity is not UNSET:
            field_dict["identity"] = identity
        if name is not UNSET:
            field_dict["name"] = name
        if passphrase is not UNSET:
            field_dict["passphrase"] = passphrase
        if pfx is not UNSET:
            field_dict["pfx"] = pfx
        if secret is not UNSET:
            field_dict["secret"] = secret

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.endpoints_request import EndpointsRequest

        d = dict(src_dict)
        client_id = d.pop("client_id")

        directory_id = d.pop("directory_id")

        certificate = d.pop("certificate", UNSET)

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

        _expires_at = d.pop("expires_at", UNSET)
        expires_at: datetime.datetime | Unset
        if isinstance(_expires_at, Unset):
            expires_at = UNSET
        else:
            expires_at = datetime.datetime.fromisoformat(_expires_at)

        identity = d.pop("identity", UNSET)

        name = d.pop("name", UNSET)

        passphrase = d.pop("passphrase", UNSET)

        pfx = d.pop("pfx", UNSET)

        secret = d.pop("secret", UNSET)

        add_managing_principal_request = cls(
            client_id=client_id,
            directory_id=directory_id,
            certificate=certificate,
            cloud=cloud,
            endpoints=endpoints,
            expires_at=expires_at,
            identity=identity,
            name=name,
            passphrase=passphrase,
            pfx=pfx,
            secret=secret,
        )

        add_managing_principal_request.additional_properties = d
        return add_managing_principal_request

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

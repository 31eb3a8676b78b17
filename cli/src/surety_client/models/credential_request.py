from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="CredentialRequest")


@_attrs_define
class CredentialRequest:
    """One credential: a client secret, a certificate (PEM or PFX) or a host identity.

    Attributes:
        certificate (str | Unset): PEM text of the certificate and its private key
        expires_at (datetime.datetime | Unset): When the secret expires, as Entra shows it
        identity (str | Unset): The name of a host identity that the operator allows for the directory. The token needs
            the right `register` in the organization
        passphrase (str | Unset): The passphrase of the PFX file, if it has one. It is not stored
        pfx (str | Unset): Instead of `certificate`: a PFX file (PKCS #12) with the certificate and its private key, in
            base64
        secret (str | Unset): The secret's value, not its ID
    """

    certificate: str | Unset = UNSET
    expires_at: datetime.datetime | Unset = UNSET
    identity: str | Unset = UNSET
    passphrase: str | Unset = UNSET
    pfx: str | Unset = UNSET
    secret: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        certificate = self.certificate

        expires_at: str | Unset = UNSET
        if not isinstance(self.expires_at, Unset):
            expires_at = self.expires_at.isoformat()

        identity = self.identity

        passphrase = self.passphrase

        pfx = self.pfx

        secret = self.secret

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if certificate is not UNSET:
            field_dict["certificate"] = certificate
        if expires_at is not UNSET:
            field_dict["expires_at"] = expires_at
        if identity is not UNSET:
            field_dict["identity"] = identity
        if passphrase is not UNSET:
            field_dict["passphrase"] = passphrase
        if pfx is not UNSET:
            field_dict["pfx"] = pfx
        if secret is not UNSET:
            field_dict["secret"] = secret

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        certificate = d.pop("certificate", UNSET)

        _expires_at = d.pop("expires_at", UNSET)
        expires_at: datetime.datetime | Unset
        if isinstance(_expires_at, Unset):
            expires_at = UNSET
        else:
            expires_at = datetime.datetime.fromisoformat(_expires_at)

        identity = d.pop("identity", UNSET)

        passphrase = d.pop("passphrase", UNSET)

        pfx = d.pop("pfx", UNSET)

        secret = d.pop("secret", UNSET)

        credential_request = cls(
            certificate=certificate,
            expires_at=expires_at,
            identity=identity,
            passphrase=passphrase,
            pfx=pfx,
            secret=secret,
        )

        credential_request.additional_properties = d
        return credential_request

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

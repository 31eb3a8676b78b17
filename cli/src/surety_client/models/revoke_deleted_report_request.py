from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="RevokeDeletedReportRequest")


@_attrs_define
class RevokeDeletedReportRequest:
    """The deleted report to revoke, identified by the SHA-256 of its file, and the reason.

    Attributes:
        reason (str): The reason for the revocation. Everybody who verifies the file can read this reason, so do not
            name the customer
        sha256 (str): The SHA-256 of the file, in hex
    """

    reason: str
    sha256: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        reason = self.reason

        sha256 = self.sha256

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "reason": reason,
                "sha256": sha256,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        reason = d.pop("reason")

        sha256 = d.pop("sha256")

        revoke_deleted_report_request = cls(
            reason=reason,
            sha256=sha256,
        )

        revoke_deleted_report_request.additional_properties = d
        return revoke_deleted_report_request

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

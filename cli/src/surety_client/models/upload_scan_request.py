from __future__ import annotations

import datetime
from collections.abc import Mapping
from io import BytesIO
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types
from ..types import UNSET, File, Unset

T = TypeVar("T", bound="UploadScanRequest")


@_attrs_define
class UploadScanRequest:
    """A file of a vulnerability scanner, as multipart/form-data.

    Attributes:
        file (File): The file of a scanner as XML, CSV or JSON, optionally compressed with gzip
        scanned_at (datetime.datetime | Unset): The time of the scan. Surety uses this time for machines for which the
            file states no time
    """

    file: File
    scanned_at: datetime.datetime | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        file = self.file.to_tuple()

        scanned_at: str | Unset = UNSET
        if not isinstance(self.scanned_at, Unset):
            scanned_at = self.scanned_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "file": file,
            }
        )
        if scanned_at is not UNSET:
            field_dict["scanned_at"] = scanned_at

        return field_dict

    def to_multipart(self) -> types.RequestFiles:
        files: types.RequestFiles = []

        files.append(("file", self.file.to_tuple()))

        if not isinstance(self.scanned_at, Unset):
            files.append(
                (
                    "scanned_at",
                    (None, self.scanned_at.isoformat().encode(), "text/plain"),
                )
            )

        for prop_name, prop in self.additional_properties.items():
            files.append((prop_name, (None, str(prop).encode(), "text/plain")))

        return files

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        file = File(payload=BytesIO(d.pop("file")))

        _scanned_at = d.pop("scanned_at", UNSET)
        scanned_at: datetime.datetime | Unset
        if isinstance(_scanned_at, Unset):
            scanned_at = UNSET
        else:
            scanned_at = datetime.datetime.fromisoformat(_scanned_at)

        upload_scan_request = cls(
            file=file,
            scanned_at=scanned_at,
        )

        upload_scan_request.additional_properties = d
        return upload_scan_request

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

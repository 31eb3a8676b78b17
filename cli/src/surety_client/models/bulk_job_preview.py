from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="BulkJobPreview")


@_attrs_define
class BulkJobPreview:
    """The findings that a job would work on.

    Attributes:
        seen_digest (str): For `attest`: the SHA-256 in hex of the findings and their observed values. Otherwise empty
        total (int): The number of findings that match now
    """

    seen_digest: str
    total: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        seen_digest = self.seen_digest

        total = self.total

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "seen_digest": seen_digest,
                "total": total,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        seen_digest = d.pop("seen_digest")

        total = d.pop("total")

        bulk_job_preview = cls(
            seen_digest=seen_digest,
            total=total,
        )

        bulk_job_preview.additional_properties = d
        return bulk_job_preview

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

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="ImportMuteListRequest")


@_attrs_define
class ImportMuteListRequest:
    """A mute list, and the terms of the exceptions. Without `digest`, the request is only a preview.

    Attributes:
        content (str): The YAML of Prowler's mutelist.yaml
        digest (str | Unset): The field `digest` of the preview that you checked. Without it, the request is a preview
        ends_at (datetime.datetime | Unset): The end of the exceptions. Required if `digest` is sent
        entries (list[int] | Unset): The numbers of the entries for which exceptions are requested. Required if `digest`
            is sent
        file_name (str | Unset):  Default: 'mutelist.yaml'.
        reason (str | Unset): If the description of an entry has fewer than three words, this text is the reason of its
            exception Default: ''.
    """

    content: str
    digest: str | Unset = UNSET
    ends_at: datetime.datetime | Unset = UNSET
    entries: list[int] | Unset = UNSET
    file_name: str | Unset = "mutelist.yaml"
    reason: str | Unset = ""
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        content = self.content

        digest = self.digest

        ends_at: str | Unset = UNSET
        if not isinstance(self.ends_at, Unset):
            ends_at = self.ends_at.isoformat()

        entries: list[int] | Unset = UNSET
        if not isinstance(self.entries, Unset):
            entries = self.entries

        file_name = self.file_name

        reason = self.reason

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "content": content,
            }
        )
        if digest is not UNSET:
            field_dict["digest"] = digest
        if ends_at is not UNSET:
            field_dict["ends_at"] = ends_at
        if entries is not UNSET:
            field_dict["entries"] = entries
        if file_name is not UNSET:
            field_dict["file_name"] = file_name
        if reason is not UNSET:
            field_dict["reason"] = reason

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        content = d.pop("content")

        digest = d.pop("digest", UNSET)

        _ends_at = d.pop("ends_at", UNSET)
        ends_at: datetime.datetime | Unset
        if isinstance(_ends_at, Unset):
            ends_at = UNSET
        else:
            ends_at = datetime.datetime.fromisoformat(_ends_at)

        entries = cast(list[int], d.pop("entries", UNSET))

        file_name = d.pop("file_name", UNSET)

        reason = d.pop("reason", UNSET)

        import_mute_list_request = cls(
            content=content,
            digest=digest,
            ends_at=ends_at,
            entries=entries,
            file_name=file_name,
            reason=reason,
        )

        import_mute_list_request.additional_properties = d
        return import_mute_list_request

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

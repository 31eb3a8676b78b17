from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.mute_list_entry import MuteListEntry
    from ..models.requested import Requested


T = TypeVar("T", bound="MuteList")


@_attrs_define
class MuteList:
    """The entries of a mute list with the findings that they match, and the exceptions that were requested.

    Attributes:
        digest (str): A hash of the findings that the entries match. If the entries match other findings, the hash
            changes
        entries (list[MuteListEntry]):
        exceptions (list[Requested]): Empty for a preview
    """

    digest: str
    entries: list[MuteListEntry]
    exceptions: list[Requested]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        digest = self.digest

        entries = []
        for entries_item_data in self.entries:
            entries_item = entries_item_data.to_dict()
            entries.append(entries_item)

        exceptions = []
        for exceptions_item_data in self.exceptions:
            exceptions_item = exceptions_item_data.to_dict()
            exceptions.append(exceptions_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "digest": digest,
                "entries": entries,
                "exceptions": exceptions,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.mute_list_entry import MuteListEntry
        from ..models.requested import Requested

        d = dict(src_dict)
        digest = d.pop("digest")

        entries = []
        _entries = d.pop("entries")
        for entries_item_data in _entries:
            entries_item = MuteListEntry.from_dict(entries_item_data)

            entries.append(entries_item)

        exceptions = []
        _exceptions = d.pop("exceptions")
        for exceptions_item_data in _exceptions:
            exceptions_item = Requested.from_dict(exceptions_item_data)

            exceptions.append(exceptions_item)

        mute_list = cls(
            digest=digest,
            entries=entries,
            exceptions=exceptions,
        )

        mute_list.additional_properties = d
        return mute_list

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

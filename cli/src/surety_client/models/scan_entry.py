from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.scan_entry_counts import ScanEntryCounts


T = TypeVar("T", bound="ScanEntry")


@_attrs_define
class ScanEntry:
    """A machine in an imported file.

    Attributes:
        addresses (list[str]):
        counts (ScanEntryCounts):
        host (str): The first name of the machine in the file, or its first address if the file states no name
        id (UUID):
        is_authenticated (bool | None): Whether the scanner signed in to the machine; null if the file does not state it
        machine (str): The Azure resource id of the virtual machine in lower case; an empty text if no machine matches
        names (list[str]):
        reason (str): Why no machine matches
        scanned_at (datetime.datetime):
    """

    addresses: list[str]
    counts: ScanEntryCounts
    host: str
    id: UUID
    is_authenticated: bool | None
    machine: str
    names: list[str]
    reason: str
    scanned_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        addresses = self.addresses

        counts = self.counts.to_dict()

        host = self.host

        id = str(self.id)

        is_authenticated: bool | None
        is_authenticated = self.is_authenticated

        machine = self.machine

        names = self.names

        reason = self.reason

        scanned_at = self.scanned_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "addresses": addresses,
                "counts": counts,
                "host": host,
                "id": id,
                "is_authenticated": is_authenticated,
                "machine": machine,
                "names": names,
                "reason": reason,
                "scanned_at": scanned_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.scan_entry_counts import ScanEntryCounts

        d = dict(src_dict)
        addresses = cast(list[str], d.pop("addresses"))

        counts = ScanEntryCounts.from_dict(d.pop("counts"))

        host = d.pop("host")

        id = UUID(d.pop("id"))

        def _parse_is_authenticated(data: object) -> bool | None:
            if data is None:
                return data
            return cast(bool | None, data)

        is_authenticated = _parse_is_authenticated(d.pop("is_authenticated"))

        machine = d.pop("machine")

        names = cast(list[str], d.pop("names"))

        reason = d.pop("reason")

        scanned_at = datetime.datetime.fromisoformat(d.pop("scanned_at"))

        scan_entry = cls(
            addresses=addresses,
            counts=counts,
            host=host,
            id=id,
            is_authenticated=is_authenticated,
            machine=machine,
            names=names,
            reason=reason,
            scanned_at=scanned_at,
        )

        scan_entry.additional_properties = d
        return scan_entry

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

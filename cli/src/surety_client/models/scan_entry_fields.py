from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.scan_entry_fields_counts import ScanEntryFieldsCounts


T = TypeVar("T", bound="ScanEntryFields")


@_attrs_define
class ScanEntryFields:
    """The fields of ScanEntry that the parameter `fields` names

    Attributes:
        addresses (list[str] | Unset):
        counts (ScanEntryFieldsCounts | Unset):
        host (str | Unset): The first name of the machine in the file, or its first address if the file states no name
        id (UUID | Unset):
        is_authenticated (bool | None | Unset): Whether the scanner signed in to the machine; null if the file does not
            state it
        machine (str | Unset): The Azure resource id of the virtual machine in lower case; an empty text if no machine
            matches
        names (list[str] | Unset):
        reason (str | Unset): Why no machine matches
        scanned_at (datetime.datetime | Unset):
    """

    addresses: list[str] | Unset = UNSET
    counts: ScanEntryFieldsCounts | Unset = UNSET
    host: str | Unset = UNSET
    id: UUID | Unset = UNSET
    is_authenticated: bool | None | Unset = UNSET
    machine: str | Unset = UNSET
    names: list[str] | Unset = UNSET
    reason: str | Unset = UNSET
    scanned_at: datetime.datetime | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        addresses: list[str] | Unset = UNSET
        if not isinstance(self.addresses, Unset):
            addresses = self.addresses

        counts: dict[str, Any] | Unset = UNSET
        if not isinstance(self.counts, Unset):
            counts = self.counts.to_dict()

        host = self.host

        id: str | Unset = UNSET
        if not isinstance(self.id, Unset):
            id = str(self.id)

        is_authenticated: bool | None | Unset
        if isinstance(self.is_authenticated, Unset):
            is_authenticated = UNSET
        else:
            is_authenticated = self.is_authenticated

        machine = self.machine

        names: list[str] | Unset = UNSET
        if not isinstance(self.names, Unset):
            names = self.names

        reason = self.reason

        scanned_at: str | Unset = UNSET
        if not isinstance(self.scanned_at, Unset):
            scanned_at = self.scanned_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if addresses is not UNSET:
            field_dict["addresses"] = addresses
        if counts is not UNSET:
            field_dict["counts"] = counts
        if host is not UNSET:
            field_dict["host"] = host
        if id is not UNSET:
            field_dict["id"] = id
        if is_authenticated is not UNSET:
            field_dict["is_authenticated"] = is_authenticated
        if machine is not UNSET:
            field_dict["machine"] = machine
        if names is not UNSET:
            field_dict["names"] = names
        if reason is not UNSET:
            field_dict["reason"] = reason
        if scanned_at is not UNSET:
            field_dict["scanned_at"] = scanned_at

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.scan_entry_fields_counts import ScanEntryFieldsCounts

        d = dict(src_dict)
        addresses = cast(list[str], d.pop("addresses", UNSET))

        _counts = d.pop("counts", UNSET)
        counts: ScanEntryFieldsCounts | Unset
        if isinstance(_counts, Unset):
            counts = UNSET
        else:
            counts = ScanEntryFieldsCounts.from_dict(_counts)

        host = d.pop("host", UNSET)

        _id = d.pop("id", UNSET)
        id: UUID | Unset
        if isinstance(_id, Unset):
            id = UNSET
        else:
            id = UUID(_id)

        def _parse_is_authenticated(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        is_authenticated = _parse_is_authenticated(d.pop("is_authenticated", UNSET))

        machine = d.pop("machine", UNSET)

        names = cast(list[str], d.pop("names", UNSET))

        reason = d.pop("reason", UNSET)

        _scanned_at = d.pop("scanned_at", UNSET)
        scanned_at: datetime.datetime | Unset
        if isinstance(_scanned_at, Unset):
            scanned_at = UNSET
        else:
            scanned_at = datetime.datetime.fromisoformat(_scanned_at)

        scan_entry_fields = cls(
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

        scan_entry_fields.additional_properties = d
        return scan_entry_fields

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

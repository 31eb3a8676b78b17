from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.origin_enum import OriginEnum
from ..models.scanner_enum import ScannerEnum
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.person import Person
    from ..models.scan_import_fields_counts import ScanImportFieldsCounts


T = TypeVar("T", bound="ScanImportFields")


@_attrs_define
class ScanImportFields:
    """The fields of ScanImport that the parameter `fields` names

    Attributes:
        counts (ScanImportFieldsCounts | Unset): Open vulnerabilities by severity: critical, high, medium, low, unknown,
            info
        file_name (str | Unset):
        id (UUID | Unset):
        imported_at (datetime.datetime | Unset):
        imported_by (None | Person | Unset):
        machines (int | Unset):
        notes (list[str] | Unset): Sentences that say which parts of the file were not imported
        origin (OriginEnum | Unset):
        scanned_at (datetime.datetime | Unset): The time of the latest scan in the file
        scanned_from (datetime.datetime | Unset): The time of the earliest scan in the file
        scanner (ScannerEnum | Unset):
        sha256 (str | Unset):
        size (int | Unset): Bytes of the file
        unmatched (int | Unset): The number of machines in the file that match none or several of the machines in the
            inventory
    """

    counts: ScanImportFieldsCounts | Unset = UNSET
    file_name: str | Unset = UNSET
    id: UUID | Unset = UNSET
    imported_at: datetime.datetime | Unset = UNSET
    imported_by: None | Person | Unset = UNSET
    machines: int | Unset = UNSET
    notes: list[str] | Unset = UNSET
    origin: OriginEnum | Unset = UNSET
    scanned_at: datetime.datetime | Unset = UNSET
    scanned_from: datetime.datetime | Unset = UNSET
    scanner: ScannerEnum | Unset = UNSET
    sha256: str | Unset = UNSET
    size: int | Unset = UNSET
    unmatched: int | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.person import Person

        counts: dict[str, Any] | Unset = UNSET
        if not isinstance(self.counts, Unset):
            counts = self.counts.to_dict()

        file_name = self.file_name

        id: str | Unset = UNSET
        if not isinstance(self.id, Unset):
            id = str(self.id)

        imported_at: str | Unset = UNSET
        if not isinstance(self.imported_at, Unset):
            imported_at = self.imported_at.isoformat()

        imported_by: dict[str, Any] | None | Unset
        if isinstance(self.imported_by, Unset):
            imported_by = UNSET
        elif isinstance(self.imported_by, Person):
            imported_by = self.imported_by.to_dict()
        else:
            imported_by = self.imported_by

        machines = self.machines

        notes: list[str] | Unset = UNSET
        if not isinstance(self.notes, Unset):
            notes = self.notes

        origin: str | Unset = UNSET
        if not isinstance(self.origin, Unset):
            origin = self.origin.value

        scanned_at: str | Unset = UNSET
        if not isinstance(self.scanned_at, Unset):
            scanned_at = self.scanned_at.isoformat()

        scanned_from: str | Unset = UNSET
        if not isinstance(self.scanned_from, Unset):
            scanned_from = self.scanned_from.isoformat()

        scanner: str | Unset = UNSET
        if not isinstance(self.scanner, Unset):
            scanner = self.scanner.value

        sha256 = self.sha256

        size = self.size

        unmatched = self.unmatched

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if counts is not UNSET:
            field_dict["counts"] = counts
        if file_name is not UNSET:
            field_dict["file_name"] = file_name
        if id is not UNSET:
            field_dict["id"] = id
        if imported_at is not UNSET:
            field_dict["imported_at"] = imported_at
        if imported_by is not UNSET:
            field_dict["imported_by"] = imported_by
        if machines is not UNSET:
            field_dict["machines"] = machines
        if notes is not UNSET:
            field_dict["notes"] = notes
        if origin is not UNSET:
            field_dict["origin"] = origin
        if scanned_at is not UNSET:
            field_dict["scanned_at"] = scanned_at
        if scanned_from is not UNSET:
            field_dict["scanned_from"] = scanned_from
        if scanner is not UNSET:
            field_dict["scanner"] = scanner
        if sha256 is not UNSET:
            field_dict["sha256"] = sha256
        if size is not UNSET:
            field_dict["size"] = size
        if unmatched is not UNSET:
            field_dict["unmatched"] = unmatched

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.person import Person
        from ..models.scan_import_fields_counts import ScanImportFieldsCounts

        d = dict(src_dict)
        _counts = d.pop("counts", UNSET)
        counts: ScanImportFieldsCounts | Unset
        if isinstance(_counts, Unset):
            counts = UNSET
        else:
            counts = ScanImportFieldsCounts.from_dict(_counts)

        file_name = d.pop("file_name", UNSET)

        _id = d.pop("id", UNSET)
        id: UUID | Unset
        if isinstance(_id, Unset):
            id = UNSET
        else:
            id = UUID(_id)

        _imported_at = d.pop("imported_at", UNSET)
        imported_at: datetime.datetime | Unset
        if isinstance(_imported_at, Unset):
            imported_at = UNSET
        else:
            imported_at = datetime.datetime.fromisoformat(_imported_at)

        def _parse_imported_by(data: object) -> None | Person | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                imported_by_type_0 = Person.from_dict(data)

                return imported_by_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Person | Unset, data)

        imported_by = _parse_imported_by(d.pop("imported_by", UNSET))

        machines = d.pop("machines", UNSET)

        notes = cast(list[str], d.pop("notes", UNSET))

        _origin = d.pop("origin", UNSET)
        origin: OriginEnum | Unset
        if isinstance(_origin, Unset):
            origin = UNSET
        else:
            origin = OriginEnum(_origin)

        _scanned_at = d.pop("scanned_at", UNSET)
        scanned_at: datetime.datetime | Unset
        if isinstance(_scanned_at, Unset):
            scanned_at = UNSET
        else:
            scanned_at = datetime.datetime.fromisoformat(_scanned_at)

        _scanned_from = d.pop("scanned_from", UNSET)
        scanned_from: datetime.datetime | Unset
        if isinstance(_scanned_from, Unset):
            scanned_from = UNSET
        else:
            scanned_from = datetime.datetime.fromisoformat(_scanned_from)

        _scanner = d.pop("scanner", UNSET)
        scanner: ScannerEnum | Unset
        if isinstance(_scanner, Unset):
            scanner = UNSET
        else:
            scanner = ScannerEnum(_scanner)

        sha256 = d.pop("sha256", UNSET)

        size = d.pop("size", UNSET)

        unmatched = d.pop("unmatched", UNSET)

        scan_import_fields = cls(
            counts=counts,
            file_name=file_name,
            id=id,
            imported_at=imported_at,
            imported_by=imported_by,
            machines=machines,
            notes=notes,
            origin=origin,
            scanned_at=scanned_at,
            scanned_from=scanned_from,
            scanner=scanner,
            sha256=sha256,
            size=size,
            unmatched=unmatched,
        )

        scan_import_fields.additional_properties = d
        return scan_import_fields

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

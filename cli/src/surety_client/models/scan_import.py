from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.origin_enum import OriginEnum
from ..models.scanner_enum import ScannerEnum

if TYPE_CHECKING:
    from ..models.person import Person
    from ..models.scan_import_counts import ScanImportCounts


T = TypeVar("T", bound="ScanImport")


@_attrs_define
class ScanImport:
    """An imported file of a vulnerability scanner. The file itself is not kept.

    Attributes:
        counts (ScanImportCounts): Open vulnerabilities by severity: critical, high, medium, low, unknown, info
        file_name (str):
        id (UUID):
        imported_at (datetime.datetime):
        imported_by (None | Person):
        machines (int):
        notes (list[str]): Sentences that say which parts of the file were not imported
        origin (OriginEnum):
        scanned_at (datetime.datetime): The time of the latest scan in the file
        scanned_from (datetime.datetime): The time of the earliest scan in the file
        scanner (ScannerEnum):
        sha256 (str):
        size (int): Bytes of the file
        unmatched (int): The number of machines in the file that match none or several of the machines in the inventory
    """

    counts: ScanImportCounts
    file_name: str
    id: UUID
    imported_at: datetime.datetime
    imported_by: None | Person
    machines: int
    notes: list[str]
    origin: OriginEnum
    scanned_at: datetime.datetime
    scanned_from: datetime.datetime
    scanner: ScannerEnum
    sha256: str
    size: int
    unmatched: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.person import Person

        counts = self.counts.to_dict()

        file_name = self.file_name

        id = str(self.id)

        imported_at = self.imported_at.isoformat()

        imported_by: dict[str, Any] | None
        if isinstance(self.imported_by, Person):
            imported_by = self.imported_by.to_dict()
        else:
            imported_by = self.imported_by

        machines = self.machines

        notes = self.notes

        origin = self.origin.value

        scanned_at = self.scanned_at.isoformat()

        scanned_from = self.scanned_from.isoformat()

        scanner = self.scanner.value

        sha256 = self.sha256

        size = self.size

        unmatched = self.unmatched

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "counts": counts,
                "file_name": file_name,
                "id": id,
                "imported_at": imported_at,
                "imported_by": imported_by,
                "machines": machines,
                "notes": notes,
                "origin": origin,
                "scanned_at": scanned_at,
                "scanned_from": scanned_from,
                "scanner": scanner,
                "sha256": sha256,
                "size": size,
                "unmatched": unmatched,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.person import Person
        from ..models.scan_import_counts import ScanImportCounts

        d = dict(src_dict)
        counts = ScanImportCounts.from_dict(d.pop("counts"))

        file_name = d.pop("file_name")

        id = UUID(d.pop("id"))

        imported_at = datetime.datetime.fromisoformat(d.pop("imported_at"))

        def _parse_imported_by(data: object) -> None | Person:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                imported_by_type_0 = Person.from_dict(data)

                return imported_by_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Person, data)

        imported_by = _parse_imported_by(d.pop("imported_by"))

        machines = d.pop("machines")

        notes = cast(list[str], d.pop("notes"))

        origin = OriginEnum(d.pop("origin"))

        scanned_at = datetime.datetime.fromisoformat(d.pop("scanned_at"))

        scanned_from = datetime.datetime.fromisoformat(d.pop("scanned_from"))

        scanner = ScannerEnum(d.pop("scanner"))

        sha256 = d.pop("sha256")

        size = d.pop("size")

        unmatched = d.pop("unmatched")

        scan_import = cls(
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

        scan_import.additional_properties = d
        return scan_import

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
